import { type Clock, timestamp } from '../clock.ts';
import { asLandfallError, LandfallError } from '../errors.ts';
import {
  type DeployRun,
  deployFailedEvent,
  deployStartedEvent,
  deploySucceededEvent,
} from '../event/deployed.ts';
import type { Bus, EventEnvelope } from '../event/envelope.ts';
import type { RevisionChangedDetail } from '../event/schema.ts';
import type { DeployEntry } from '../source/source.ts';
import type { ArtifactId } from '../store/layout.ts';
import type { Revision } from '../store/status.ts';
import { readStatus } from '../store/status-store.ts';
import type { Store } from '../store/store.ts';
import { currentEvent } from './current-event.ts';
import type { Deployer } from './deployer.ts';
import { type Ledger, readLedger, type StoredLedger, writeLedger } from './ledger.ts';
import { contentUnder, isWanted, requireFolder } from './wanted.ts';

export interface DeployDeps {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly place: { readonly account: string; readonly region: string };
  readonly deployers: Readonly<Record<DeployEntry['kind'], Deployer>>;
  /** The folder that holds an artifact's files. */
  readonly directoryOf: (id: ArtifactId, path: string | undefined) => string;
}

export interface DeployRequest {
  readonly deploy: DeployEntry;
  readonly event: EventEnvelope;
  readonly signal: AbortSignal;
}

export type DeployOutcome =
  | { readonly outcome: 'applied' | 'unchanged' | 'done-before' | 'not-wanted' }
  | { readonly outcome: 'failed'; readonly error: LandfallError };

/**
 * Applies the *current* revision of the event's source, once per generation. The event is a hint: status says what is
 * current, the ledger what has been applied, so an event that is late, doubled or out of order changes nothing.
 * @throws LandfallError STORE_CONFLICT when another worker was first, EMIT_FAILED, and what the store throws: run it again
 */
export async function deploy(request: DeployRequest, deps: DeployDeps): Promise<DeployOutcome> {
  const { deploy: entry, event } = request;
  if (!isWanted(entry, event)) return { outcome: 'not-wanted' };
  const id = { namespace: String(event.detail['namespace']), name: String(event.detail['name']) };
  const status = (await readStatus(deps.store.objects, id))?.status;
  const current = status?.current ?? null;
  const stored = await flushLedger(await readLedger(deps.store.objects, entry.name, id), deps);
  if (status === undefined || current === null || isDoneBefore(stored.ledger, current))
    return { outcome: 'done-before' };
  if (await isSameContent(entry, stored.ledger, current, deps)) {
    await writeLedger(deps.store.objects, applied(stored.ledger, current, deps.clock), stored.version);
    return { outcome: 'unchanged' };
  }
  return apply(
    { ...request, event: await currentEvent(event, status, deps.store) },
    { current, stored },
    deps,
  );
}

/** Applied already, by this or a newer generation; or failed for good, which only a new generation changes. */
const isDoneBefore = ({ applied, failure }: Ledger, { generation }: Revision): boolean =>
  (applied !== null && applied.generation >= generation) ||
  (failure !== null && failure.kind === 'permanent' && failure.generation >= generation);

/**
 * Equal content is nothing to deploy, as long as what was applied still stands: a later try that failed or was cut off
 * may have changed anything. A link must follow the revision even so: the old artifact may be collected.
 */
async function isSameContent(
  entry: DeployEntry,
  { applied, started, failure }: Ledger,
  current: Revision,
  { store }: DeployDeps,
): Promise<boolean> {
  if (applied === null || started !== null || failure !== null || entry.kind === 'directory') return false;
  if (applied.contentDigest === current.contentDigest) return true;
  if (entry.path === undefined) return false;
  const [before, after] = await Promise.all([
    store.artifacts.record(applied),
    store.artifacts.record(current),
  ]);
  return (
    before !== undefined &&
    after !== undefined &&
    contentUnder(before, entry.path) === contentUnder(after, entry.path)
  );
}

interface Attempt {
  readonly current: Revision;
  readonly stored: StoredLedger;
}

async function apply(
  { deploy: entry, event, signal }: DeployRequest,
  attempt: Attempt,
  deps: DeployDeps,
): Promise<DeployOutcome> {
  const { current, stored } = attempt;
  const { failure } = stored.ledger;
  const attempts = failure?.generation === current.generation ? failure.attempts + 1 : 1;
  const claim = { ...stored.ledger, started: current.generation };
  const { version } = await writeLedger(deps.store.objects, claim, stored.version);
  const started = deps.clock.now();
  const run = runOf({ entry, event, current, attempts }, deps);
  await deps.bus.emit([deployStartedEvent(run)]);
  const error = await tryDeployer({ deploy: entry, event, signal }, current, deps);
  if (error !== undefined && signal.aborted) return { outcome: 'failed', error: cancelled(entry, error) };
  const end = { ...runOf({ entry, event, current, attempts }, deps), durationMs: deps.clock.now() - started };
  const ledger =
    error === undefined
      ? applied(stored.ledger, current, deps.clock)
      : failed(stored.ledger, { current, error, attempts }, deps.clock);
  const told = error === undefined ? deploySucceededEvent(end) : deployFailedEvent({ ...end, error });
  const written = await writeLedger(
    deps.store.objects,
    { ...ledger, outbox: [...ledger.outbox, told] },
    version,
  );
  await flushLedger(written, deps);
  return error === undefined ? { outcome: 'applied' } : { outcome: 'failed', error };
}

/** Stopping is nobody's failure: the ledger keeps the claim, and the next start applies again. */
const cancelled = (entry: DeployEntry, cause: unknown): LandfallError =>
  new LandfallError('CANCELLED', `deploy ${entry.name} was stopped`, { cause });

function runOf(
  {
    entry,
    event,
    current,
    attempts,
  }: { entry: DeployEntry; event: EventEnvelope; current: Revision; attempts: number },
  { clock, place }: DeployDeps,
): DeployRun {
  const { namespace, name, url, labels } = event.detail as unknown as RevisionChangedDetail;
  return {
    source: { namespace, name, url, labels },
    deploy: entry.name,
    kind: entry.kind,
    revision: current,
    attempt: attempts,
    origin: { ...place, time: timestamp(clock) },
  };
}

async function tryDeployer(
  { deploy: entry, event, signal }: DeployRequest,
  revision: Revision,
  { deployers, directoryOf, store }: DeployDeps,
): Promise<LandfallError | undefined> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(entry.timeoutMs)]);
  const directory = directoryOf(revision, entry.path);
  try {
    if (entry.path !== undefined)
      requireFolder(entry.name, entry.path, await store.artifacts.record(revision));
    await deployers[entry.kind]({ deploy: entry, revision, event, directory, signal: bounded });
    return undefined;
  } catch (error) {
    return asLandfallError(error);
  }
}

function applied(ledger: Ledger, current: Revision, clock: Clock): Ledger {
  const { generation, revision, digest, variant, contentDigest } = current;
  const at = timestamp(clock);
  return {
    ...ledger,
    applied: { generation, revision, digest, variant, contentDigest, at },
    started: null,
    failure: null,
  };
}

function failed(
  ledger: Ledger,
  {
    current,
    error,
    attempts,
  }: { readonly current: Revision; readonly error: LandfallError; readonly attempts: number },
  clock: Clock,
): Ledger {
  const { code, message, kind } = error;
  const failure = { generation: current.generation, code, message, kind, attempts, at: timestamp(clock) };
  return { ...ledger, started: null, failure };
}

/** Sends what an earlier run could not, then clears it. */
async function flushLedger(stored: StoredLedger, { bus, store }: DeployDeps): Promise<StoredLedger> {
  const { ledger, version } = stored;
  if (ledger.outbox.length === 0) return stored;
  await bus.emit(ledger.outbox);
  return writeLedger(store.objects, { ...ledger, outbox: [] }, version);
}
