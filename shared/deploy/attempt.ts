import { steadyNow, timestamp } from '../clock.ts';
import { asLandfallError, LandfallError } from '../errors.ts';
import {
  type DeployRun,
  deployFailedEvent,
  deployStartedEvent,
  deploySucceededEvent,
} from '../event/deployed.ts';
import { startGrace } from '../kernel/grace.ts';
import type { RevisionChangedEvent } from '../model/envelope.ts';
import type { Revision } from '../model/status.ts';
import type { UpdateOptions } from '../store/compare-and-swap.ts';
import { ownedName, randomToken } from '../store/directory/owner.ts';
import { requireClaim, withClaim, withoutClaim, withRunner } from './claim.ts';
import type { DeployDeps, DeployOutcome, DeployRequest } from './deploy-request.ts';
import type { DeploySpec } from './deployer.ts';
import { flushLedger } from './flush-ledger.ts';
import { type Ledger, type LedgerChange, type StoredLedger, updateLedger, writeLedger } from './ledger.ts';
import { withApplied, withFailedTry } from './ledger-changes.ts';
import { requireFolder } from './wanted.ts';

type AttemptRequest = DeployRequest & {
  /** Of the generation that is applied. */
  readonly event: RevisionChangedEvent;
};

export interface Attempt {
  readonly current: Revision;
  /** As it was when it said that there is something to do. */
  readonly stored: StoredLedger;
  /** What had been applied is gone: told as a run of its own. */
  readonly isPutBack?: boolean;
}

/**
 * One try: claims the ledger, runs the deployer, writes what came of it. No other worker runs one meanwhile, and one
 * that lost its claim because it took too long writes nothing.
 * @throws LandfallError STORE_CONFLICT, EMIT_FAILED, and what the store throws
 */
export async function attempt(
  request: AttemptRequest,
  { current, stored, isPutBack = false }: Attempt,
  deps: DeployDeps,
): Promise<DeployOutcome> {
  const { objects } = deps.store;
  const by = ownedName();
  const { timeoutMs } = request.deploy;
  const { generation } = current;
  const claimed = withClaim(stored.ledger, { by, generation, timeoutMs }, deps.clock);
  const { signal } = request;
  const { ledger } = await writeLedger(objects, claimed, stored, { signal });
  using grace = startGrace(signal);
  const { clock } = deps;
  const ending = { clock, signal: grace.signal };
  try {
    return await runClaimed(request, { current, ledger, by, isPutBack, ending }, deps);
  } catch (error) {
    // What is to be told is why it ended; a claim that stays for that reason too ends by itself.
    await updateLedger(objects, ledger, (now) => withoutClaim(now, by), ending).catch(() => undefined);
    throw error;
  }
}

interface Claimed {
  readonly current: Revision;
  readonly ledger: Ledger;
  readonly by: string;
  readonly isPutBack: boolean;
  /** A try that is cut off has a little time of its own to write that it has ended. */
  readonly ending: UpdateOptions;
}

async function runClaimed(
  { deploy: entry, deployer, event, signal }: AttemptRequest,
  { current, ledger, by, isPutBack, ending }: Claimed,
  deps: DeployDeps,
): Promise<DeployOutcome> {
  const { clock, store } = deps;
  const { failure, replay } = ledger;
  const token = replay?.token ?? (isPutBack ? randomToken() : undefined);
  const attempts = failure?.generation === current.generation ? failure.attempts + 1 : 1;
  const began = steadyNow(clock);
  const run = { entry, event, current, attempts, token };
  await deps.bus.emit([deployStartedEvent(runOf(run, deps))], { signal });
  const error = await tryDeployer({ deploy: entry, deployer, event, signal }, { current, ledger, by }, deps);
  if (error !== undefined && signal.aborted) {
    await updateLedger(store.objects, ledger, (now) => withoutClaim(now, by), ending);
    return { outcome: 'failed', error: cancelled(entry, error) };
  }
  const retryMs = error?.kind === 'transient' ? deps.retryMs?.(attempts) : undefined;
  const end = { ...runOf(run, deps), durationMs: steadyNow(clock) - began };
  const told = error === undefined ? deploySucceededEvent(end) : deployFailedEvent({ ...end, error });
  const change: LedgerChange = (now) => {
    requireClaim(now, by);
    const ended =
      error === undefined
        ? withApplied(now, { current, token }, clock)
        : withFailedTry(now, { current, error, attempts, token, retryMs, spec: deployer.spec }, clock);
    return { ...ended, outbox: [...ended.outbox, told] };
  };
  const written = await updateLedger(store.objects, ledger, change, ending);
  await flushLedger(written, deps, ending);
  if (error === undefined) return { outcome: 'applied', revision: current };
  return { outcome: 'failed', error, attempts, ...(retryMs !== undefined && { retryMs }) };
}

/** Stopping is nobody's failure: the ledger keeps what was started, and the next start applies again. */
const cancelled = (entry: DeploySpec, cause: unknown): LandfallError =>
  new LandfallError('CANCELLED', `deploy ${entry.name} was stopped`, { cause });

function runOf(
  {
    entry,
    event,
    current,
    attempts,
    token,
  }: {
    readonly entry: DeploySpec;
    readonly event: RevisionChangedEvent;
    readonly current: Revision;
    readonly attempts: number;
    readonly token: string | undefined;
  },
  { clock, place }: Pick<DeployDeps, 'clock' | 'place'>,
): DeployRun {
  const { namespace, name, url, labels } = event.detail;
  return {
    source: { namespace, name, url, labels },
    deploy: entry.name,
    kind: entry.kind,
    revision: current,
    attempt: attempts,
    replay: token,
    origin: { ...place, time: timestamp(clock) },
  };
}

async function tryDeployer(
  { deploy: entry, deployer, event, signal }: AttemptRequest,
  { current: revision, ledger, by }: Omit<Claimed, 'isPutBack' | 'ending'>,
  { clock, directoryOf, store }: DeployDeps,
): Promise<LandfallError | undefined> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(entry.timeoutMs)]);
  const directory = directoryOf(revision, entry.path);
  try {
    if (entry.path !== undefined)
      requireFolder(entry.name, entry.path, await store.artifacts.record(revision, { signal: bounded }));
    await deployer.apply({
      revision,
      event,
      directory,
      signal: bounded,
      claimFor: async (pid) => {
        const change: LedgerChange = (now) => withRunner(now, by, pid);
        await updateLedger(store.objects, ledger, change, { clock, signal: bounded });
      },
    });
    return undefined;
  } catch (error) {
    return asLandfallError(error);
  }
}
