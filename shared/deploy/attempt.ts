import { type Clock, timestamp } from '../clock.ts';
import { asLandfallError, LandfallError } from '../errors.ts';
import {
  type DeployRun,
  deployFailedEvent,
  deployStartedEvent,
  deploySucceededEvent,
} from '../event/deploy-events.ts';
import type { Deadline } from '../kernel/deadline.ts';
import { startGrace } from '../kernel/grace.ts';
import type { RevisionChangedEvent } from '../model/envelope.ts';
import type { Revision } from '../model/status.ts';
import type { UpdateOptions } from '../store/compare-and-swap.ts';
import { ownedName } from '../store/directory/owner.ts';
import { windowsNow } from './held-by.ts';
import { requireClaim, withClaim, withoutClaim, withRunner } from './ledger/claim.ts';
import { flushLedger } from './ledger/flush-ledger.ts';
import {
  type Ledger,
  type LedgerChange,
  type StoredLedger,
  updateLedger,
  writeLedger,
} from './ledger/ledger.ts';
import type { LedgerRun } from './ledger/ledger-schema.ts';
import { newRunOf, takenUp, withBirth } from './new-run.ts';
import type { WantedRevision } from './used-sources.ts';
import type { DeployDeps, DeployOutcome, DeployRequest } from './visit/deploy-request.ts';
import type { DeploySpec } from './visit/deployer.ts';
import { openVisit } from './visit/open-visit.ts';
import { prunesOf } from './visit/prune-spec.ts';
import { keepLive, keepRun, standingOfRun } from './visit/run-history.ts';
import { RunLog } from './visit/run-log.ts';
import { type Settled, settle, type VisitAnswer } from './visit/settle.ts';
import type { BoundDeployer, Visit, VisitResult } from './visit/visit.ts';
import { requireFolder, requireRecord } from './visit/visit-artifact.ts';
import { startVisit, visitFault, visitMs } from './visit/visit-deadline.ts';

type AttemptRequest = DeployRequest & {
  /** Of the generation that is applied. */
  readonly event: RevisionChangedEvent;
};

export interface Attempt {
  readonly current: WantedRevision;
  /** As it was when it said that there is something to do. */
  readonly stored: StoredLedger;
  /** What had been applied is gone: told as a run of its own. */
  readonly isPutBack?: boolean;
}

/**
 * One try: begins a run, which may have ended with this visit. No other worker visits meanwhile, and one that lost its
 * claim because it took too long writes nothing.
 * @throws LandfallError STORE_CONFLICT, EMIT_FAILED, and what the store throws
 */
export async function attempt(
  request: AttemptRequest,
  { current, stored, isPutBack = false }: Attempt,
  deps: DeployDeps,
): Promise<DeployOutcome> {
  const ledger = withBirth(stored.ledger, deps.clock);
  const run = newRunOf(request, { current, ledger, isPutBack }, deps);
  const begun = { run: takenUp(run, ledger.run), revision: current, stored: { ...stored, ledger } };
  return visit(request, begun, deps);
}

export interface VisitedRun {
  readonly run: LedgerRun;
  readonly revision: Revision;
  readonly stored: StoredLedger;
}

/** Claims the ledger, has the kind take one step or look of a run, and writes what came of it. */
export async function visit(
  request: AttemptRequest,
  { run, revision, stored }: VisitedRun,
  deps: DeployDeps,
): Promise<DeployOutcome> {
  const { objects } = deps.store;
  const by = ownedName();
  const { signal, deploy: entry, deployer } = request;
  const timeoutMs = visitMs(entry, deployer, run.phase);
  // From before the claim, which is longer by its margin: whatever this visit waits for, it has ended by then.
  using deadline = startVisit(entry, timeoutMs, signal);
  const generation = run.phase === 'removing' ? null : run.generation;
  const claimed = withClaim(stored.ledger, { by, generation, timeoutMs }, deps.clock);
  const written = await writeLedger(
    objects,
    { ...claimed, kind: entry.kind, run, waiting: null, prunes: prunesOf(entry) },
    stored,
    { signal },
  );
  using grace = startGrace(signal);
  const ending = { clock: deps.clock, signal: grace.signal };
  try {
    if (run.phase === 'step' && !(await windowsNow(entry, deps.clock)).isOpen) {
      const change: LedgerChange = (now) => withoutBegun(now, by, stored.ledger);
      await updateLedger(objects, written.ledger, change, ending);
      return { outcome: 'busy', waitMs: 0 };
    }
    return await visitClaimed(request, { run, revision, written, by, deadline, ending }, deps);
  } catch (error) {
    // What is to be told is why it ended; a claim that stays for that reason too ends by itself.
    await updateLedger(objects, written.ledger, (now) => withoutClaim(now, by), ending).catch(
      () => undefined,
    );
    throw error;
  }
}

/** Its window closed while the claim was on its way, as of a machine that slept: it is as it was, and the next look waits. */
function withoutBegun(now: Ledger, by: string, { run, started, waiting }: Ledger): Ledger | undefined {
  const free = withoutClaim(now, by);
  return free && { ...free, run, started, waiting };
}

interface Claimed {
  readonly run: LedgerRun;
  readonly revision: Revision;
  /** The ledger with the claim, as it was written. */
  readonly written: StoredLedger;
  readonly by: string;
  /** Ends the visit: with the request's, or when its time is over. */
  readonly deadline: Deadline;
  /** A try that is cut off has a little time of its own to write that it has ended. */
  readonly ending: UpdateOptions;
}

async function visitClaimed(
  request: AttemptRequest,
  claimed: Claimed,
  deps: DeployDeps,
): Promise<DeployOutcome> {
  const { deploy: entry, deployer, event, signal } = request;
  const { run, by, deadline, ending } = claimed;
  const { ledger } = claimed.written;
  const { clock, store } = deps;
  const facts = { entry, event, run };
  if (run.phase === 'step')
    await deps.bus.emit([deployStartedEvent(runOf(facts, deps))], { signal: deadline.signal });
  const log = new RunLog(clock);
  const keeping = { clock, store, id: ledger };
  const stopKeeping = keepLive({ entry, run, log }, keeping, { ...ending, signal: deadline.signal });
  const answer = await answerOf(request, { ...claimed, log }, deps);
  await stopKeeping();
  if (answer.state === 'threw' && signal.aborted) {
    await updateLedger(store.objects, ledger, (now) => withoutClaim(now, by), ending);
    return { outcome: 'failed', error: cancelled(entry, answer.error) };
  }
  // Loaded where a target asks, which few do.
  const isAsking = answer.state === 'running' && answer.asks === true;
  const waitingEvents = isAsking ? (await import('./waiting-event.ts')).waitingEvents : undefined;
  const { retryMs, lookMs } = deps;
  const settling = { deploy: entry, deployer, clock, retryMs, lookMs };
  let settled: Settled | undefined;
  const change: LedgerChange = (now) => {
    requireClaim(now, by);
    settled = settle(now, run, answer, settling);
    const told = toldOf(settled, facts, { ...deps, waitingEvents });
    return { ...settled.ledger, outbox: [...settled.ledger.outbox, ...told] };
  };
  const written = await updateLedger(store.objects, ledger, change, { ...ending, found: claimed.written });
  const { outcome } = settled ?? settle(ledger, run, answer, settling);
  // Whoever is told that it has ended may ask for its log.
  await keepRun({ entry, run, standing: standingOfRun(outcome), log }, keeping, ending);
  await flushLedger(written, deps, ending);
  return outcome;
}

type WaitingEvents = typeof import('./waiting-event.ts').waitingEvents;

interface RunFacts {
  readonly entry: DeploySpec;
  readonly event: RevisionChangedEvent;
  readonly run: LedgerRun;
}

function toldOf(
  { ended, outcome, ledger }: Settled,
  facts: RunFacts,
  { waitingEvents, ...deps }: DeployDeps & { readonly waitingEvents: WaitingEvents | undefined },
) {
  if (ended === null) return waitingEvents?.(runOf(facts, deps), facts.run, ledger.run) ?? [];
  // What is gone is nobody's success: others wait for those.
  if (ended === 'succeeded' && facts.run.phase === 'removing') return [];
  const durationMs = Math.max(0, deps.clock.now() - Date.parse(facts.run.since));
  const end = { ...runOf(facts, deps), durationMs };
  if (outcome.outcome !== 'failed') return [deploySucceededEvent(end)];
  const { error, isRolledBack = false } = outcome;
  return [deployFailedEvent({ ...end, error, isRolledBack })];
}

/** Stopping is nobody's failure: the ledger keeps what was started, and the next start goes on with it. */
const cancelled = (entry: DeploySpec, cause: unknown): LandfallError =>
  new LandfallError('CANCELLED', `deploy ${entry.name} was stopped`, { cause });

function runOf(
  { entry, event, run }: RunFacts,
  { clock, origin }: { readonly clock: Clock } & Pick<DeployDeps, 'origin'>,
): DeployRun {
  const { namespace, name, url, labels } = event.detail;
  return {
    source: { namespace, name, url, labels },
    deploy: entry.name,
    kind: entry.kind,
    revision: run,
    attempt: run.attempt,
    replay: run.token ?? undefined,
    origin: { account: origin.account, region: origin.region, time: timestamp(clock) },
  };
}

async function answerOf(
  { deploy: entry, deployer, event, signal }: AttemptRequest,
  {
    run,
    revision,
    written: { ledger },
    by,
    deadline,
    log,
  }: Omit<Claimed, 'ending'> & { readonly log: RunLog },
  deps: DeployDeps,
): Promise<VisitAnswer> {
  const { clock, store } = deps;
  const { signal: bounded } = deadline;
  try {
    const found = await store.artifacts.record(revision, { signal: bounded });
    if (run.phase === 'step') {
      const record = requireRecord(entry.name, revision.revision, found);
      if (entry.path !== undefined) requireFolder(entry.name, entry.path, record);
    }
    const claimFor = async (pid: number): Promise<void> => {
      const change: LedgerChange = (now) => withRunner(now, by, pid);
      await updateLedger(store.objects, ledger, change, { clock, signal: bounded });
    };
    const facts = { run, revision, record: found, event, ledger, signal: bounded, log, claimFor };
    return await ask(deployer, run, openVisit({ deploy: entry }, facts, deps));
  } catch (error) {
    return { state: 'threw', error: visitFault(asLandfallError(error), deadline, signal) };
  }
}

/** The one method of the kind that a run's phase is for. */
async function ask(
  { step, look, undo, remove }: BoundDeployer,
  run: LedgerRun,
  told: Visit,
): Promise<VisitResult> {
  if (run.phase === 'step') return step(told);
  // A kind that has nothing to take away leaves nothing.
  if (run.phase === 'removing') return remove?.(told, run.progress) ?? { state: 'succeeded' };
  if (run.phase === 'undo' && undo !== undefined) return undo(told, run.progress);
  if (look !== undefined && run.progress !== null) return look(told, run.progress);
  throw new LandfallError(
    'DEPLOY_FAILED',
    `deploy ${told.deploy.name}: its run of ${run.revision} cannot be gone on with by the kind ${told.deploy.kind}`,
    { hint: 'The kind of the deploy was changed meanwhile: look at the target, then replay it.' },
  );
}
