import { COMMAND_GRACE_MS } from '../limits.ts';
import type { EventEnvelope, RevisionChangedEvent } from '../model/envelope.ts';
import type { Revision, Status } from '../model/status.ts';
import { isSameUse, specUsing, type Using } from '../model/used-revision.ts';
import { readStatus } from '../store/status-store.ts';
import { attempt, visit } from './attempt.ts';
import { compare, isComparisonDue } from './drift.ts';
import { heldBy } from './held-by.ts';
import { claimedForMs, endOrphan } from './ledger/claim.ts';
import { flushLedger } from './ledger/flush-ledger.ts';
import { type Ledger, readLedger, type StoredLedger, writeLedger } from './ledger/ledger.ts';
import { failedBefore, isDoneBefore, isToPutBack, withApplied } from './ledger/ledger-changes.ts';
import type { LedgerRun } from './ledger/ledger-schema.ts';
import { readUsed, type WantedRevision } from './used-sources.ts';
import { currentEvent, eventSince, storeOf } from './visit/current-event.ts';
import { type DeployDeps, type DeployOutcome, type DeployRequest, endOf } from './visit/deploy-request.ts';
import { eventOfRun, revisionOf } from './visit/open-visit.ts';
import type { BoundDeployer } from './visit/visit.ts';
import { contentUnder, isOfSource } from './wanted.ts';

/**
 * Applies the *current* revision of the event's source, once per generation. The event is a hint: status says what is
 * current, the ledger what has been applied, so an event that is late, doubled or out of order changes nothing.
 * What a person asked to have applied again is, whatever the event was and the deploy's pattern says of it.
 * @throws LandfallError STORE_CONFLICT when another worker was first, EMIT_FAILED, and what the store throws: run it again
 */
export async function deploy(request: DeployRequest, deps: DeployDeps): Promise<DeployOutcome> {
  const { deploy: entry, event, signal } = request;
  if (!isOfSource(entry, event)) return { outcome: 'not-wanted' };
  const { namespace, name } = event.detail;
  const id = { namespace, name };
  const status = (await readStatus(deps.store.objects, id, { signal }))?.status;
  const found = await readLedger(deps.store.objects, entry.name, id, { signal });
  const stored = await flushLedger(found, deps, { signal });
  const { run } = stored.ledger;
  if (run !== null && !['step', 'removing'].includes(run.phase)) {
    // It goes on once there is a cluster to look at: what is asked of none would fail for good.
    if (entry.lacksCluster === true) return { outcome: 'done-before' };
    return goOn({ ...request, event }, { run, status, stored }, deps);
  }
  if (request.onlyUnderWay === true) return { outcome: 'done-before' };
  const landed = status?.current ?? null;
  if (status === undefined || landed === null) return { outcome: 'done-before' };
  const used = await readUsed(entry, deps.store.objects, { signal });
  const current = { ...landed, uses: used.uses };
  if (!(await isMeant({ ...request, event }, { status, ledger: stored.ledger }, deps)))
    return { outcome: 'not-wanted' };
  const using = { ...request, event, deployer: deployerUsing(request.deployer, current) };
  const isPutBack =
    isToPutBack(stored.ledger, current, using.deployer.spec) ||
    (await isLost(using, stored.ledger, current, deps));
  const { missing, unverified } = used;
  const behind = { status, current, stored, isPutBack, missing, unverified };
  if (isDoneBefore(stored.ledger, current) && !isPutBack) return atRest(using, behind, deps);
  return applyCurrent(using, behind, deps);
}

/** What failed with one image is another thing with the next. */
const deployerUsing = (deployer: BoundDeployer, used: Using): BoundDeployer =>
  deployer.spec === undefined ? deployer : { ...deployer, spec: specUsing(deployer.spec, used) };

interface Behind {
  readonly status: Status;
  readonly current: WantedRevision;
  /** A source that it uses, and that has landed nothing. */
  readonly missing: string | undefined;
  /** Why one that it uses is not verified as it has to be. */
  readonly unverified: string | undefined;
  readonly stored: StoredLedger;
  readonly isPutBack: boolean;
}

/** What is applied is compared with its target now and then, and brought back where the document wants that. */
async function atRest(
  request: DeployRequest & { readonly event: RevisionChangedEvent },
  behind: Behind,
  deps: DeployDeps,
): Promise<DeployOutcome> {
  const { deploy: entry } = request;
  const { status, current, stored } = behind;
  const done = { outcome: 'done-before' } as const;
  if (entry.lacksCluster === true || !isComparisonDue(entry, stored.ledger, current, deps.clock)) return done;
  if ((await busyMs(stored.ledger, deps)) > 0) return done;
  const { signal } = request;
  const event = await currentEvent(request.event, status, deps.store, { signal });
  const { drift, stored: next } = await compare({ ...request, event }, { current, stored }, deps);
  if (drift === null) return done;
  const { generation, revision, digest } = current;
  if (entry.drift !== 'correct')
    return { outcome: 'drifted', revision: { generation, revision, digest }, ...drift };
  return applyCurrent(request, { ...behind, stored: next, isPutBack: true }, deps);
}

async function applyCurrent(
  request: DeployRequest & { readonly event: RevisionChangedEvent },
  { status, current, stored, isPutBack, missing, unverified }: Behind,
  deps: DeployDeps,
): Promise<DeployOutcome> {
  const { signal } = request;
  const { ledger } = stored;
  const failed = failedBefore(ledger, current, request.deployer.spec);
  if (failed !== null) return { outcome: 'failed-before', code: failed.code };
  const waitMs = await busyMs(ledger, deps);
  if (waitMs > 0) return { outcome: 'busy', waitMs };
  if (!isPutBack && (await isSameContent(request, ledger, current, deps))) {
    const { result } = ledger.applied ?? {};
    const next = withApplied(ledger, { current, token: undefined, result }, deps.clock);
    await writeLedger(deps.store.objects, next, stored, { signal });
    return { outcome: 'unchanged', revision: current };
  }
  const policy = status.policy ?? null;
  const hold = await heldBy(request, { ledger, current, missing, unverified, policy }, deps);
  const event = await currentEvent(request.event, status, deps.store, { signal });
  if (hold === undefined) return attempt({ ...request, event }, { current, stored, isPutBack }, deps);
  const { wait } = await import('./wait.ts');
  return wait({ ...request, event }, { hold, current, stored }, deps);
}

/** Milliseconds that another worker may still be at it; what a killed one left running is ended. */
async function busyMs(ledger: Ledger, { clock }: Pick<DeployDeps, 'clock'>): Promise<number> {
  await endOrphan(ledger, COMMAND_GRACE_MS);
  return claimedForMs(ledger, clock);
}

/**
 * What is under way goes on before anything else: whatever is current by now, and whatever the document says, a second
 * run beside it would be one too many.
 */
async function goOn(
  request: DeployRequest & { readonly event: RevisionChangedEvent },
  {
    run,
    status,
    stored,
  }: {
    readonly run: LedgerRun;
    readonly status: Status | undefined;
    readonly stored: StoredLedger;
  },
  deps: DeployDeps,
): Promise<DeployOutcome> {
  const { event, signal, onlyDue = false } = request;
  const { clock, store } = deps;
  const busy = await busyMs(stored.ledger, deps);
  if (busy > 0) return { outcome: 'busy', waitMs: busy };
  const waitMs = Date.parse(run.lookAt ?? run.since) - clock.now();
  const { generation, revision, digest, message, id: runId } = run;
  if (onlyDue && waitMs > 0 && run.answer === null)
    return {
      outcome: 'running',
      revision: { generation, revision, digest },
      message: message ?? '',
      runId,
      isVisited: false,
      waitMs,
    };
  const { namespace, name, url, labels, artifact } = event.detail;
  const known = status ?? { namespace, name, url, labels, current: null, history: [] };
  const told = await eventOfRun(run, known, { event, bucket: artifact.bucket }, { store }, { signal });
  const deployer = deployerUsing(request.deployer, run);
  const outcome = await visit(
    { ...request, deployer, event: told },
    { run, revision: revisionOf(run, known), stored },
    deps,
  );
  const end = endOf(outcome);
  if (end === undefined || !(await isOvertaken(request, { run, status, stored }, deps))) return outcome;
  return { ...end, hasMore: true };
}

/** Whether something newer, or a replay, waits for a run to end. One that comes after this look has a look of its own. */
async function isOvertaken(
  { deploy: entry, signal, onlyUnderWay = false }: DeployRequest,
  {
    run,
    status,
    stored,
  }: { readonly run: LedgerRun; readonly status: Status | undefined; readonly stored: StoredLedger },
  { store }: DeployDeps,
): Promise<boolean> {
  const { current = null } = status ?? {};
  if (onlyUnderWay || current === null) return false;
  const { replay } = stored.ledger;
  if (replay !== null && replay.token !== run.token) return true;
  if (current.generation !== run.generation) return true;
  return !isSameUse(run, await readUsed(entry, store.objects, { signal }));
}

/**
 * Whether its pattern is for what is current: by the event, by all that changed since what it has applied (an event
 * between may have been lost, or a failure lived through), or because it began with it already.
 */
async function isMeant(
  { deploy: entry, event, signal }: DeployRequest & { readonly event: RevisionChangedEvent },
  { status, ledger }: { readonly status: Status; readonly ledger: Ledger },
  { store }: DeployDeps,
): Promise<boolean> {
  const { applied, started, failure, replay } = ledger;
  const { current } = status;
  if (entry.pattern === undefined || replay !== null || started !== null) return true;
  const { isWanted } = await import('./wanted-pattern.ts');
  const wants = (each: EventEnvelope): boolean => isWanted(entry, each);
  if (wants(event)) return true;
  if ([applied, failure].some((each) => each?.generation === current?.generation)) return true;
  const { account, region, detail } = event;
  const trigger = current?.trigger ?? detail.trigger;
  const told = { account, region, ...storeOf(detail.artifact), trigger };
  const since = await eventSince(applied, status, told, store, { signal });
  // What is gone is told of as such, and not passed over.
  return since === undefined || wants(since);
}

/** What was applied of the current generation is not as it was left. */
async function isLost(
  { deploy: { path }, deployer }: DeployRequest,
  { applied }: Ledger,
  current: Revision,
  { locationOf }: Pick<DeployDeps, 'locationOf'>,
): Promise<boolean> {
  if (applied?.generation !== current.generation || deployer.stands === undefined) return false;
  return !(await deployer.stands(locationOf(current, path)));
}

/**
 * Equal content is nothing to deploy, as long as what was applied still stands: a later try that failed or was cut off
 * may have changed anything. A link must follow the revision even so: the old artifact may be collected.
 */
async function isSameContent(
  { deploy: { path }, deployer, signal }: Pick<DeployRequest, 'deploy' | 'deployer' | 'signal'>,
  { applied, started, failure, replay }: Ledger,
  current: WantedRevision,
  { store }: Pick<DeployDeps, 'store'>,
): Promise<boolean> {
  if (applied === null || deployer.followsEveryRevision === true) return false;
  if (!isSameUse(applied, current)) return false;
  if (started !== null || failure !== null || replay !== null) return false;
  if (applied.contentDigest === current.contentDigest) return true;
  if (path === undefined) return false;
  const [before, after] = await Promise.all([
    store.artifacts.record(applied, { signal }),
    store.artifacts.record(current, { signal }),
  ]);
  return (
    before !== undefined && after !== undefined && contentUnder(before, path) === contentUnder(after, path)
  );
}
