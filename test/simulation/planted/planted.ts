/** One text of the product's, and what stands in its place. */
interface PlantedEdit {
  /** From the root of the repository. */
  readonly file: string;
  /** Stands there once. */
  readonly from: string;
  readonly to: string;
}

export interface PlantedBug extends PlantedEdit {
  /** What the product then does, as a row of a table says it. */
  readonly name: string;
  /** The check that stands behind the first one, and would hide that it is gone. */
  readonly behind?: PlantedEdit;
}

export const editsOf = ({ behind, ...first }: PlantedBug): readonly PlantedEdit[] =>
  behind === undefined ? [first] : [first, behind];

const reconcile = 'shared/reconcile';
const deploy = 'shared/deploy';
const ledger = `${deploy}/ledger`;

/** Bugs that somebody could make tomorrow. Each is caught by the simulator, at the seed that docs/simulator.md says. */
export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'a slow worker commits all the same',
    file: `${reconcile}/commit-revision.ts`,
    from: 'if (status.generation !== before.generation || status.suspended !== null) return undefined;',
    to: '',
  },
  {
    name: 'a revision is committed without its event',
    file: `${reconcile}/commit-revision.ts`,
    from: 'const events = [...recoveredEvents(status, run, { ...deps, now: landed.now }), changed];',
    to: 'const events = recoveredEvents(status, run, { ...deps, now: landed.now });',
  },
  {
    name: 'an outbox that is left is not sent',
    file: `${reconcile}/reconcile.ts`,
    from: 'const sent = await flushOutbox(before, deps, { signal, version: stored?.version });',
    to: 'const sent = before;',
  },
  {
    name: 'an outbox is cleared and not sent',
    file: `${reconcile}/outbox.ts`,
    from: '  await bus.emit(status.outbox, { signal });\n',
    to: '  void bus;\n',
  },
  {
    name: 'a policy is not asked',
    file: `${reconcile}/verify-revision.ts`,
    from: '  if (policies === null) return undefined;\n  const { verifyAll }',
    to: '  if (policies !== undefined) return undefined;\n  const { verifyAll }',
  },
  {
    name: 'what failed for good is tried again',
    file: `${reconcile}/reconcile.ts`,
    from: "if (failure === null || failure.kind !== 'permanent' || trigger === 'request') return undefined;",
    to: 'return undefined;',
  },
  {
    name: 'a failure is not written down',
    file: `${reconcile}/failure.ts`,
    from: '    ...status,\n    failure,\n    outbox,',
    to: '    ...status,\n    outbox,',
  },
  {
    name: 'a failure stays when it is over',
    file: `${reconcile}/outcomes.ts`,
    from: '    failure: null,\n    conditions: readyConditions(status.conditions, status.current.revision, now),',
    to: '    conditions: readyConditions(status.conditions, status.current.revision, now),',
  },
  {
    name: 'a failure for good is counted as one for now',
    file: 'functions/report.ts',
    from: "error.kind === 'permanent' ? 'SourceStalled' : 'SourceFailed',",
    to: "'SourceFailed',",
  },
  {
    name: 'nothing is ever due',
    file: 'shared/trigger/schedule.ts',
    from: 'return due !== undefined && due < toMs;',
    to: 'return due !== undefined && due < fromMs;',
  },
  {
    name: 'a blob is not held to its digest',
    file: 'shared/unpack/layer/verify-content.ts',
    from: 'if (got === digest && this.#bytes === size) return;',
    to: 'if (this.#bytes === size) return;',
  },
  {
    name: 'a path may leave its root',
    file: 'shared/unpack/entry-path.ts',
    from: 'const why = badSegment(segment);',
    to: "const why = segment === '..' ? undefined : badSegment(segment);",
    behind: {
      file: 'shared/store/object-key.ts',
      from: "segment === '' || segment === '.' || segment === '..'",
      to: "segment === '' || segment === '.'",
    },
  },
  {
    name: 'a redirect takes the login along',
    file: 'shared/registry/http/redirect.ts',
    from: '  if (sameOrigin) return headers;\n',
    to: '  if (sameOrigin || !sameOrigin) return headers;\n',
  },
  {
    name: 'what a registry says is told as it is',
    file: 'shared/registry/refusal.ts',
    from: '  return bare\n    .replace',
    to: '  return said\n    .replace',
  },
  {
    name: 'an address is told with its query',
    file: 'shared/registry/http/hop.ts',
    from: ".split('?', 1)[0]}`",
    to: '}`',
  },
  {
    name: 'a compare-and-swap does not compare',
    file: 'shared/store/memory/memory-object-store.ts',
    from: 'if ((current && versionOf(current)) !== version) throw conflict(key);',
    to: 'void [current, version, conflict];',
  },
  {
    name: 'an artifact is committed without one of its files',
    file: 'shared/store/memory/memory-artifact-store.ts',
    from: 'for (const [path, content] of files) objects.set(fileKey(id, path), content);',
    to: 'for (const [path, content] of [...files].slice(1)) objects.set(fileKey(id, path), content);',
  },
  {
    name: 'collect does not know what is named',
    file: 'shared/store/retention/references.ts',
    from: 'artifacts.has(artifactPrefix(id)) || digests.has(id.digest);',
    to: '!artifacts && digests.has(id.digest);',
  },
  {
    name: 'collect forgets the history',
    file: 'shared/store/retention/references.ts',
    from: '  current === null ? history : [current, ...history];',
    to: '  current === null ? history : [current];',
  },
  {
    name: 'a claim keeps nobody out',
    file: `${ledger}/claim.ts`,
    from: '  if (claim === null) return 0;\n',
    to: '  if (claim !== undefined) return 0;\n',
  },
  {
    name: 'a claim ends before its visit does',
    file: `${ledger}/claim.ts`,
    from: 'clock.now() + timeoutMs + CLAIM_MARGIN_MS',
    to: 'clock.now() + timeoutMs / 4',
  },
  {
    name: 'a visit does not end with its time',
    file: `${deploy}/visit/visit-deadline.ts`,
    from: '  startDeadline(\n    milliseconds,',
    to: '  startDeadline(\n    milliseconds * 20,',
  },
  {
    name: 'nobody is asked for an approval',
    file: `${deploy}/holds.ts`,
    from: "if (entry.approval !== 'required') return undefined;",
    to: "if (entry.approval !== 'never') return undefined;",
  },
  {
    name: 'an approval holds for what comes after it',
    file: `${deploy}/holds.ts`,
    from: 'if (decision?.digest !== decidedDigest(current))',
    to: 'if (decision?.digest === undefined)',
  },
  {
    name: 'a rejection is no reason to wait',
    file: `${deploy}/holds.ts`,
    from: "if (decision.decision === 'approved') return undefined;",
    to: "if (decision.decision !== 'never') return undefined;",
  },
  {
    name: 'a window is always open',
    file: `${deploy}/holds.ts`,
    from: 'if (windows.isOpen) return undefined;',
    to: 'if (windows.isOpen || !windows.isOpen) return undefined;',
  },
  {
    name: 'a dependency is not waited for',
    file: `${deploy}/holds.ts`,
    from: 'if (unmet !== undefined) return',
    to: 'if (unmet === null) return',
  },
  {
    name: 'any generation of a dependency will do',
    file: `${deploy}/dependencies.ts`,
    from: 'applied.generation >= generation)) return undefined;',
    to: 'applied.generation >= 1)) return undefined;',
  },
  {
    name: 'what is skipped runs',
    file: `${deploy}/holds.ts`,
    from: 'if (skipped !== undefined)',
    to: 'if (skipped === null)',
  },
  {
    name: 'what is in a document is pruned',
    file: 'local/deploys/prune-deploys.ts',
    from: 'return this.#deps.entries().some((entry) => entry.name === deploy && isForSource(entry, id));',
    to: 'return [deploy, id, isForSource].length === 0;',
  },
  {
    name: 'a ledger goes before what it says is removed',
    file: `${deploy}/prune.ts`,
    from: "if (outcome.outcome !== 'applied') return againOf(outcome);",
    to: "if (outcome.outcome === 'busy') return againOf(outcome);",
  },
  {
    name: 'a removal does not wait for who is at it',
    file: `${deploy}/prune.ts`,
    from: "if (busy > 0) return again(busy, 'another worker is at it');\n  const request",
    to: 'void busy;\n  const request',
  },
  {
    name: 'a removal that was begun is forgotten where its deploy is back',
    file: `${ledger}/ledger-changes.ts`,
    from: "if (run?.phase === 'removing') return true;",
    to: "if (run?.phase === 'removing') return false;",
  },
  {
    name: 'nothing is compared with its target',
    file: `${deploy}/drift.ts`,
    from: "if (intervalMs === undefined || drift === 'off') return false;",
    to: 'if (intervalMs !== null) return false;',
  },
  {
    name: 'what is under way is begun beside',
    file: `${deploy}/deploy.ts`,
    from: "if (run !== null && !['step', 'removing'].includes(run.phase)) {",
    to: "if (run !== null && ['none'].includes(run.phase)) {",
  },
  {
    name: 'a run has another name each time',
    file: `${ledger}/run-id.ts`,
    from: 'const life = born === null ? [] : [born];',
    to: 'const life = [born, performance.now()];',
  },
  {
    name: 'all content is the same',
    file: `${deploy}/deploy.ts`,
    from: 'if (applied.contentDigest === current.contentDigest) return true;',
    to: 'if (applied.contentDigest !== null) return true;',
  },
  {
    name: 'what failed for now is left as if for good',
    file: `${ledger}/ledger-changes.ts`,
    from: "if (replay !== null || failure?.kind !== 'permanent' || failure.generation < generation) return null;",
    to: 'if (replay !== null || failure === null || failure.generation < generation) return null;',
  },
  {
    name: 'a claim stays when its run has ended',
    file: `${ledger}/ledger-changes.ts`,
    from: '    started: null,\n    claim: null,\n    run: null,\n    waiting: null,\n    compared: null,',
    to: '    started: null,\n    run: null,\n    waiting: null,\n    compared: null,',
  },
];
