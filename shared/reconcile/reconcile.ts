import { timestamp } from '../clock.ts';
import { asLandfallError, LandfallError } from '../errors.ts';
import { startDeadline } from '../kernel/deadline.ts';
import { startGrace } from '../kernel/grace.ts';
import type { ArtifactRecord } from '../model/artifact-record.ts';
import type { Status } from '../model/status.ts';
import type { Verification } from '../model/verification.ts';
import { formatRepository } from '../oci/reference.ts';
import { formatRevision, parseRevision } from '../oci/revision.ts';
import { limitedReader } from '../registry/limited-reader.ts';
import type { Resolution } from '../resolve/resolution.ts';
import { resolve } from '../resolve/resolve.ts';
import type { Composed } from '../source/composed/composed.ts';
import type { Source } from '../source/source.ts';
import { specDigest } from '../source/spec-digest.ts';
import { foundStatus, readStatus, type StatusChange, updateStatus } from '../store/status-store.ts';
import { isSameVariant } from '../unpack/variant.ts';
import { commitRevision } from './commit-revision.ts';
import type { ReconcileDeps, ReconcileInput, ReconcileOutcome, Run } from './deps.ts';
import { fetchSelected } from './fetch-manifest.ts';
import { land, landDeps } from './land.ts';
import { landMissing } from './land-missing.ts';
import { flushOutbox } from './outbox.ts';
import { recordFailure, recordStalled, recordUnchanged } from './outcomes.ts';
import { newStatus, withRequestHandled, withVerification } from './status-changes.ts';
import { isVerified, policiesOf, reverifyCurrent, verifyRevision } from './verify-revision.ts';

/**
 * Reconciles a source once: resolve, fetch, unpack, commit, emit. Any prefix of it run twice equals running it once.
 * Failures are values, recorded in status; only a store that cannot even be read throws. A run that is cut off has a
 * little time of its own to record that it was.
 */
export async function reconcile(input: ReconcileInput, deps: ReconcileDeps): Promise<ReconcileOutcome> {
  const { source } = input;
  using deadline = startDeadline(source.timeoutMs, () => tooLate(source), {
    signal: input.signal,
    unref: true,
  });
  const { signal } = deadline;
  using grace = startGrace(signal);
  const stored = await readStatus(deps.store.objects, source, { signal });
  const before = stored?.status ?? newStatus(source);
  const found = foundStatus(stored);
  const run = { ...input, before, found, specDigest: specDigest(source), signal, grace };
  try {
    const sent = await flushOutbox(before, deps, { signal, version: stored?.version });
    const flushed = sent === before ? run : { ...run, before: sent, found: undefined };
    const limited = { ...deps, registry: limitedReader(deps.registry, source.limits) };
    const known = { ...flushed, policies: await policiesOf(source, { signal, trust: deps.trust }) };
    if (source.suspend) return await recordSuspended(known, limited);
    const isThere = await landMissing(known, limited);
    if (known.before.suspended !== null) return await recordSuspended(known, limited);
    return withRecovered(await reconcileOnce({ ...known, isThere }, limited), known.before);
  } catch (error) {
    return await recordFailure(run, { error: asLandfallError(error) }, deps);
  }
}

/** Says of a reconcile that ended well which failure it ended, if any. */
function withRecovered(outcome: ReconcileOutcome, { failure }: Status): ReconcileOutcome {
  if (failure === null) return outcome;
  const isWell =
    outcome.outcome === 'committed' || (outcome.outcome === 'unchanged' && outcome.revision !== null);
  return isWell ? { ...outcome, recovered: failure } : outcome;
}

/** A failure of its own: a timeout that looked like a cancelled run would not be recorded. */
export const tooLate = ({ timeoutMs, repository, composed, url }: Source): LandfallError =>
  new LandfallError(
    'REGISTRY_TIMEOUT',
    `${composed === undefined ? formatRepository(repository) : url}: the look was not done within its timeout of ${timeoutMs} ms`,
    { hint: 'Raise the timeout of the source if the registry is only slow.' },
  );

/** Nothing is reconciled; but a person who asks is told so, and a policy that has changed holds for what is current. */
async function recordSuspended(run: Run, deps: ReconcileDeps): Promise<ReconcileOutcome> {
  const { source, trigger, before, found, policies, signal } = run;
  const policy = policies?.digest ?? null;
  const isChanged = (before.policy ?? null) !== policy;
  const isAsked = trigger === 'request' && before.request !== null;
  if (!isChanged && !isAsked) return { outcome: 'suspended' };
  const verification = isChanged ? await reverifyCurrent(run, undefined, deps) : undefined;
  const change: StatusChange = (current) => {
    if (current === undefined) return undefined;
    const isSame = isChanged && current.generation === before.generation;
    const known = isSame ? withVerification({ ...current, policy }, verification) : current;
    return isAsked ? withRequestHandled(known, before.request) : known;
  };
  await updateStatus(deps.store.objects, source, change, { clock: deps.clock, signal, found });
  return { outcome: 'suspended' };
}

async function reconcileOnce(run: Looked, deps: ReconcileDeps): Promise<ReconcileOutcome> {
  const { source, signal } = run;
  if (source.composed !== undefined) return composeOnce(run, source.composed, deps);
  const verifiedBefore = run.before.current?.verification;
  const stalled = stalledRevision(run);
  const current = stalled ?? skippedRevision(run) ?? landedRevision(run);
  const resolution = await resolve(
    {
      repository: source.repository,
      ref: source.ref,
      floor: run.before.current?.tag,
      ...(current && { current }),
    },
    { registry: deps.registry, signal },
  );
  for (const note of resolution.notes) deps.onNote?.(source, note, 'resolved');
  const revision = formatRevision(resolution.tag, resolution.digest);
  if (run.before.failure !== null && isAt(stalled, revision))
    return recordStalled(run, run.before.failure, deps);
  // Where a revision is skipped, the head is not what is current.
  if (resolution.outcome === 'unchanged')
    return recordUnchanged(
      run,
      deps,
      (await reverifyCurrent(run, resolution.digest, deps)) ?? verifiedBefore,
    );
  try {
    return await landRevision(run, resolution, deps);
  } catch (error) {
    const verification = await reverifyCurrent(run, resolution.digest, deps);
    return recordFailure(run, { error: asLandfallError(error), revision, verification }, deps);
  }
}

/** The same steps of what no registry has: its parts are what it follows. Loaded by those alone that are composed. */
async function composeOnce(run: Looked, composed: Composed, deps: ReconcileDeps): Promise<ReconcileOutcome> {
  const { resolveComposed } = await import('./composed.ts');
  const { digest, verification, land: landNow } = await resolveComposed(run, composed, deps);
  const revision = formatRevision(null, digest);
  const stalled = stalledRevision(run);
  if (run.before.failure !== null && isAt(stalled, revision))
    return recordStalled(run, run.before.failure, deps);
  if (isAt(skippedRevision(run), revision))
    return recordUnchanged(run, deps, run.before.current?.verification);
  if (isAt(landedRevision(run), revision)) return recordUnchanged(run, deps, verification);
  try {
    return await commitLanded(run, { tag: null, land: landNow, verification }, deps);
  } catch (error) {
    return recordFailure(run, { error: asLandfallError(error), revision }, deps);
  }
}

/** A run of which is known whether what is current is there. */
type Looked = Run & { readonly isThere: boolean };

type KnownRevision = ReturnType<typeof parseRevision>;

const isAt = (known: KnownRevision, revision: string): boolean =>
  known !== undefined && formatRevision(known.tag, known.digest) === revision;

/** The revision that failed for good under this very document; a person's request tries it again. */
function stalledRevision({ before, specDigest, trigger }: Run): ReturnType<typeof parseRevision> {
  const { failure } = before;
  if (failure === null || failure.kind !== 'permanent' || trigger === 'request') return undefined;
  const [spec, revision] = failure.subject.split(' ', 2);
  return spec === specDigest && revision !== undefined ? parseRevision(revision) : undefined;
}

/** What somebody has left out by a rollback: where the registry is still at it, nothing is new. */
const skippedRevision = ({ before }: Run): ReturnType<typeof parseRevision> =>
  before.skipped && parseRevision(before.skipped.revision);

/** What is current, where the document that landed it still stands, and its artifact too. */
function landedRevision(run: Looked): KnownRevision {
  const { current, specDigest } = run.before;
  if (current === null || specDigest !== run.specDigest || !run.isThere) return undefined;
  if (!isVerified(current, run)) return undefined;
  return { tag: current.tag, digest: current.digest };
}

async function landRevision(
  run: Run,
  { tag, digest, manifest }: Extract<Resolution, { outcome: 'resolved' }>,
  deps: ReconcileDeps,
): Promise<ReconcileOutcome> {
  const { source, signal } = run;
  const { repository, unpack } = source;
  const verification = await verifyRevision(run, digest, deps.registry, manifest);
  const selected = await fetchSelected(
    { repository, digest, fetched: manifest, unpack, signal },
    deps.registry,
  );
  const landSelected = () => land({ source, selected, signal }, landDeps(source, deps));
  return commitLanded(run, { tag: tag ?? null, land: landSelected, verification }, deps);
}

/** What lands an artifact, and what is known of it. */
interface Landing {
  readonly tag: string | null;
  readonly land: () => Promise<ArtifactRecord>;
  readonly verification: Verification | undefined;
}

async function commitLanded(
  run: Run,
  { tag, land: landAgain, verification }: Landing,
  deps: ReconcileDeps,
): Promise<ReconcileOutcome> {
  const record = await landAgain();
  // Another way to the same artifact: a changed document, or one that was lost and is now landed again.
  const { current } = run.before;
  if (
    current?.revision === formatRevision(tag, record.digest) &&
    isSameVariant(current.variant, record.variant)
  ) {
    return recordUnchanged(run, deps, verification);
  }
  const now = timestamp(deps.clock);
  return commitRevision(run, { record, tag, now, landAgain, verification }, deps);
}
