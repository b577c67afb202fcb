import { timestamp } from '../clock.ts';
import { asLandfallError, LandfallError } from '../errors.ts';
import { BACKOFF, backoffMs } from '../kernel/backoff.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { COMMAND_GRACE_MS, VISIT_MS } from '../limits.ts';
import { ownedName } from '../store/directory/owner.ts';
import { ledgerKey, runsKey } from '../store/layout.ts';
import type { DeployKinds } from './kinds/deploy-kinds.ts';
import { claimedForMs, endOrphan, requireClaim, withClaim, withoutClaim } from './ledger/claim.ts';
import { type Ledger, type LedgerId, readLedger, updateLedger, writeLedger } from './ledger/ledger.ts';
import { withFailedTry } from './ledger/ledger-changes.ts';
import type { LedgerRun } from './ledger/ledger-schema.ts';
import { withProgress } from './ledger/run-changes.ts';
import { runIdOf } from './ledger/run-id.ts';
import { bindKind } from './visit/bind-kind.ts';
import type { DeployDeps } from './visit/deploy-request.ts';
import type { DeploySpec } from './visit/deployer.ts';
import { NO_SITES } from './visit/no-aws.ts';
import { appliedBefore, partitionOf } from './visit/open-visit.ts';
import { RunLog } from './visit/run-log.ts';
import { newRun } from './visit/settle.ts';
import type { RemoveVisit, VisitResult } from './visit/visit.ts';

/** What a ledger keeps for the day the deploy is in no document any more. */
export function prunesOf(entry: DeploySpec): Ledger['prunes'] {
  const { prune, kind, settings, timeoutMs, labels = {}, role = null, region = null } = entry;
  return prune === true && settings !== undefined
    ? { kind, settings, timeoutMs, labels: { ...labels }, role, region }
    : null;
}

export type PruneOutcome =
  | { readonly outcome: 'pruned' | 'nothing' }
  | { readonly outcome: 'again'; readonly waitMs: number; readonly message: string }
  | { readonly outcome: 'failed'; readonly error: LandfallError };

interface PruneDeps extends DeployDeps {
  readonly kinds: DeployKinds;
  /** Of the store. */
  readonly bucket: string;
}

const specOfPruned = (
  { deploy, namespace, name }: Ledger,
  prunes: NonNullable<Ledger['prunes']>,
): DeploySpec => ({
  name: deploy,
  source: `${namespace}/${name}`,
  kind: prunes.kind,
  timeoutMs: prunes.timeoutMs,
  labels: prunes.labels,
  ...(prunes.role !== null && {
    role: {
      arn: prunes.role.arn,
      ...(prunes.role.externalId !== undefined && { externalId: prunes.role.externalId }),
    },
  }),
  ...(prunes.region !== null && { region: prunes.region }),
});

/** The removal under way, or the one that begins now. */
function removalOf(ledger: Ledger, { bucket, clock }: PruneDeps): LedgerRun | undefined {
  const { applied, run, prunes } = ledger;
  if (applied === null || prunes === null) return undefined;
  if (run?.phase === 'removing') return run;
  const { generation, revision, digest, variant, contentDigest, at } = applied;
  const facts = { generation, attempt: 1, token: `remove ${at}` };
  const id = runIdOf({ bucket, id: ledger, ...facts, spec: undefined });
  const began = newRun({ ...facts, id, revision, digest, variant, contentDigest }, prunes.timeoutMs, clock);
  return { ...began, phase: 'removing' };
}

function remover(ledger: Ledger, run: LedgerRun, signal: AbortSignal, deps: PruneDeps): Promise<VisitResult> {
  const { prunes } = ledger;
  if (prunes === null) throw new LandfallError('INTERNAL', `deploy ${ledger.deploy} is not to be pruned`);
  const { kinds, clock, origin, bucket, aws, sites, secret, store } = deps;
  const kind = Object.hasOwn(kinds, prunes.kind) ? kinds[prunes.kind] : undefined;
  const { deploy: name, namespace, name: source } = ledger;
  if (kind === undefined || aws === undefined || secret === undefined)
    throw new LandfallError('DEPLOY_FAILED', `deploy ${name}: its kind ${prunes.kind} is not here`);
  const bound = bindKind(kind, name, prunes.settings);
  // A kind that has nothing to take away leaves nothing.
  if (bound.remove === undefined) return Promise.resolve({ state: 'succeeded' });
  const spec = specOfPruned(ledger, prunes);
  const access = aws(spec, signal);
  const told: RemoveVisit = {
    deploy: { name, kind: prunes.kind, source: { namespace, name: source }, labels: prunes.labels },
    applied: appliedBefore(ledger),
    runId: run.id,
    attempt: run.attempt,
    timeoutMs: prunes.timeoutMs,
    log: (line) => new RunLog(clock).write(line),
    clock,
    signal,
    origin: { partition: partitionOf(origin.region), ...origin, bucket },
    aws: access,
    sites: { objects: store.objects, open: sites?.(spec, access) ?? NO_SITES },
    secret,
    claimFor: async () => undefined,
  };
  return bound.remove(told, run.progress);
}

/**
 * One visit of a removal: takes away what a deploy left that is in no document any more, and then its ledger. Only what
 * the ledger says is ours is named to the kind.
 * @throws LandfallError STORE_CONFLICT, and what the store throws
 */
export async function pruneDeploy(
  id: LedgerId,
  deps: PruneDeps,
  { signal }: CallOptions & { readonly signal: AbortSignal },
): Promise<PruneOutcome> {
  const { clock, store } = deps;
  const { objects } = store;
  const stored = await readLedger(objects, id.deploy, id, { signal });
  const run = removalOf(stored.ledger, deps);
  if (run === undefined || stored.ledger.failure?.kind === 'permanent') return { outcome: 'nothing' };
  await endOrphan(stored.ledger, COMMAND_GRACE_MS);
  const busy = claimedForMs(stored.ledger, clock);
  if (busy > 0) return { outcome: 'again', waitMs: busy, message: 'another worker is at it' };
  const by = ownedName();
  const claimed = withClaim(stored.ledger, { by, generation: run.generation, timeoutMs: VISIT_MS }, clock);
  const { ledger } = await writeLedger(objects, { ...claimed, run }, stored, { signal });
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(VISIT_MS)]);
  const answer = await (async () => remover(ledger, run, bounded, deps))().catch((error: unknown) => ({
    state: 'threw' as const,
    error: asLandfallError(error),
  }));
  const options = { clock, signal };
  if (signal.aborted) {
    await updateLedger(objects, ledger, (now) => withoutClaim(now, by), { clock });
    return { outcome: 'nothing' };
  }
  if (answer.state === 'running') {
    const { lookMs = (askedMs) => askedMs } = deps;
    const lookAgainMs = lookMs(answer.lookAgainMs, clock.now() - Date.parse(run.since));
    await updateLedger(
      objects,
      ledger,
      (now) => {
        requireClaim(now, by);
        return withProgress(now, run, { ...answer, lookAgainMs }, clock);
      },
      options,
    );
    return { outcome: 'again', waitMs: lookAgainMs, message: answer.message };
  }
  if (answer.state === 'succeeded') {
    await updateLedger(
      objects,
      ledger,
      (now) => {
        requireClaim(now, by);
        return { ...now, claim: null, run: null, started: null, prunes: null };
      },
      options,
    );
    await objects.delete([ledgerKey(id.deploy, id), runsKey(id.deploy, id)], { signal });
    return { outcome: 'pruned' };
  }
  return giveUp(ledger, run, answer.error, by, deps);
}

/** What passes is tried again; what does not is told, and left until somebody acts. */
async function giveUp(
  ledger: Ledger,
  run: LedgerRun,
  error: LandfallError,
  by: string,
  { clock, store }: PruneDeps,
): Promise<PruneOutcome> {
  const attempts = (ledger.failure?.attempts ?? 0) + 1;
  const retryMs = error.kind === 'transient' ? backoffMs(BACKOFF.deploy, attempts) : undefined;
  const told = error.with({
    message: `${error.message}; what it left is not taken away, ${timestamp(clock)}`,
  });
  await updateLedger(
    store.objects,
    ledger,
    (now) => {
      requireClaim(now, by);
      const failed = { current: run, error: told, attempts, token: undefined, spec: undefined, retryMs };
      const { progress } = run;
      const next = withFailedTry(now, failed, clock);
      return retryMs === undefined || progress === null ? next : { ...next, run };
    },
    { clock },
  );
  return retryMs === undefined
    ? { outcome: 'failed', error }
    : { outcome: 'again', waitMs: retryMs, message: error.message };
}
