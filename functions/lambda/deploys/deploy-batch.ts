import type { ReceivedMessages } from '../../../shared/aws/messages/received-messages.ts';
import type { DeployMetricName, Metrics } from '../../../shared/aws/metrics.ts';
import { type DeployOutcome, endOf } from '../../../shared/deploy/visit/deploy-request.ts';
import { asLandfallError } from '../../../shared/errors.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import type { Log } from '../../../shared/log.ts';
import type { RevisionChangedEvent } from '../../../shared/model/envelope.ts';
import type { SourceId } from '../../../shared/model/ids.ts';
import type { QueueRecord } from '../../queue-work.ts';
import { deployReport, write } from '../../report.ts';
import { type DeployMessage, readDeployMessage } from './deploy-message.ts';

/** Held while a deploy runs, so that nobody else runs it. */
export interface DeployLease {
  /** @throws LandfallError STORE_CONFLICT where it may be somebody else's by now */
  assertHeld(): void;
  release(options?: CallOptions): Promise<void>;
}

export interface DeployBatchDeps {
  /** Of the deploy. */
  readonly source?: SourceId;
  /** Undefined: somebody else has it. */
  readonly lease: (options: CallOptions) => Promise<DeployLease | undefined>;
  readonly apply: (
    event: RevisionChangedEvent,
    lease: DeployLease,
    signal: AbortSignal,
    /** `onlyDue`: what is under way is looked at only once that is due. */
    options: { readonly onlyDue: boolean },
  ) => Promise<DeployOutcome>;
  /** Has this function look at a run again after so many milliseconds. Absent: the message itself comes back. */
  readonly lookAgain?: (runId: string, milliseconds: number, options: CallOptions) => Promise<void>;
  /** Of what is current; undefined where nothing is. */
  readonly currentEvent: (options: CallOptions) => Promise<RevisionChangedEvent | undefined>;
  /** Has a message come back after so many milliseconds. */
  readonly returnAfter: ReceivedMessages['returnAfter'];
  /** Ends what lets go of leases and gives messages back. Default: nothing does. */
  readonly lastSignal?: AbortSignal;
  /** The command that has it run again after it failed for good. */
  readonly runAgain?: string;
  readonly log: Log;
  readonly metrics: Pick<Metrics<DeployMetricName>, 'add'>;
}

/** After the first try, the second, …: what passes by itself has a good quarter of an hour to, in five tries. */
const WAITS_MS = [15_000, 60_000, 4 * 60_000, 15 * 60_000] as const;
/** Out of time: what is done is known, and the next try goes on. */
const CANCELLED_WAIT_MS = 1_000;
/** Until the lease of the run that has ended is given back. */
const MORE_WAIT_MS = 1_000;

type Verdict = { readonly verdict: 'done' } | { readonly verdict: 'again'; readonly afterMs: number };

const DONE: Verdict = { verdict: 'done' };

/** SQS keeps a message back no longer; what is due later is found by the schedule. */
const LONGEST_DELAY_MS = 15 * 60_000;
/** How far the clocks of two functions are apart at most, and S3's time from either. */
const EARLY_MS = 30_000;

/** When a deploy that has not ended is to be looked at, where this look has to see to that. */
function nextVisit(
  outcome: DeployOutcome,
  message: DeployMessage,
): { readonly runId: string; readonly afterMs: number } | undefined {
  if (outcome.outcome === 'running')
    return outcome.isVisited ? { runId: outcome.runId, afterMs: outcome.waitMs } : undefined;
  // The message that told of it is done, as it found the run under way.
  if (endOf(outcome)?.hasMore === true) return { runId: 'more', afterMs: MORE_WAIT_MS };
  if (outcome.outcome !== 'waiting' || outcome.waitMs === undefined) return undefined;
  // One message for the opening of a window: by whoever finds it near, the schedule or the first that waits for it.
  const isNear = outcome.waitsFor === 'window' && outcome.waitMs <= LONGEST_DELAY_MS;
  return isNear && (outcome.isNew || message.kind === 'look')
    ? { runId: 'window', afterMs: outcome.waitMs }
    : undefined;
}

/**
 * A message that came a little before its time, by the clock of whoever looks now, comes back when it is due: once, as it may
 * be a second one of a look that has been asked for anew.
 */
function comesEarly(
  outcome: DeployOutcome,
  { kind }: DeployMessage,
  { receives }: QueueRecord,
): Verdict | undefined {
  if (kind !== 'due' || outcome.outcome !== 'running' || outcome.isVisited) return undefined;
  const isEarly = receives === 1 && outcome.waitMs <= EARLY_MS;
  return isEarly ? { verdict: 'again', afterMs: outcome.waitMs } : undefined;
}

/** Times differ by a half, so that two that met do not meet again. */
export function nextTryMs({ receives }: Pick<QueueRecord, 'receives'>): number {
  const wait = WAITS_MS[Math.min(receives, WAITS_MS.length) - 1] ?? WAITS_MS[0];
  return wait * (0.75 + Math.random() / 2);
}

const again = (record: QueueRecord): Verdict => ({ verdict: 'again', afterMs: nextTryMs(record) });

/** A failure for good is in the ledger and told by an event and an alarm: the same event again would change nothing. */
function verdictOf(outcome: DeployOutcome, record: QueueRecord): Verdict {
  if (outcome.outcome === 'running' && !outcome.isVisited) return DONE;
  if (outcome.outcome === 'busy' || outcome.outcome === 'running')
    return { verdict: 'again', afterMs: outcome.waitMs };
  if (endOf(outcome)?.hasMore === true) return { verdict: 'again', afterMs: MORE_WAIT_MS };
  if (outcome.outcome !== 'failed') return DONE;
  if (outcome.error.code === 'CANCELLED') return { verdict: 'again', afterMs: CANCELLED_WAIT_MS };
  return outcome.error.kind === 'permanent' ? DONE : again(record);
}

function reportOutcome(
  outcome: DeployOutcome,
  isNews: boolean,
  { log, metrics, runAgain }: DeployBatchDeps,
): void {
  const report = deployReport({ what: {}, isNews, ...(runAgain !== undefined && { runAgain }) }, outcome);
  write(report, { log, count: (name) => metrics.add(name) });
}

/**
 * Whether the deploy has failed for good, as its ledger says after this visit; undefined where this visit does not tell: what
 * is under way, waits or is tried again, and what an older event comes to.
 */
function isFailing(outcome: DeployOutcome, { kind }: DeployMessage): boolean | undefined {
  switch (outcome.outcome) {
    case 'applied':
    case 'unchanged':
    case 'drifted':
      return false;
    case 'failed':
      return outcome.error.kind === 'permanent' && outcome.error.code !== 'CANCELLED' ? true : undefined;
    case 'done-before':
    case 'failed-before':
      return kind === 'event' ? undefined : outcome.outcome === 'failed-before';
    default:
      return undefined;
  }
}

async function deployOne(record: QueueRecord, deps: DeployBatchDeps, signal: AbortSignal): Promise<Verdict> {
  const message = readDeployMessage(record.body, deps.source);
  const lease = await deps.lease({ signal });
  if (lease === undefined) {
    deps.log('info', 'another worker deploys', { receives: record.receives });
    return again(record);
  }
  try {
    const event = message.kind === 'event' ? message.event : await deps.currentEvent({ signal });
    if (event === undefined) return DONE;
    const outcome = await deps.apply(event, lease, signal, { onlyDue: message.kind !== 'woken' });
    reportOutcome(outcome, message.kind === 'event', deps);
    const failing = isFailing(outcome, message);
    if (failing !== undefined) deps.metrics.add('DeployFailed', Number(failing));
    const early = comesEarly(outcome, message, record);
    if (early !== undefined) return early;
    const next = nextVisit(outcome, message);
    if (next === undefined || deps.lookAgain === undefined) return verdictOf(outcome, record);
    await deps.lookAgain(next.runId, Math.min(next.afterMs, LONGEST_DELAY_MS), {
      signal: deps.lastSignal,
    });
    return DONE;
  } finally {
    // One that stays ends by itself.
    await lease.release({ signal: deps.lastSignal }).catch(() => undefined);
  }
}

/**
 * Takes messages of a deploy's queue one after the other, and returns the ids of those to be delivered again: what
 * failed for now, and what is no message of ours, until it is a dead letter.
 */
export async function deployBatch(
  records: readonly QueueRecord[],
  deps: DeployBatchDeps,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const record of records) {
    const verdict = await deployOne(record, deps, signal).catch((error: unknown): Verdict => {
      reportOutcome({ outcome: 'failed', error: asLandfallError(error) }, true, deps);
      return again(record);
    });
    if (verdict.verdict === 'done') continue;
    failed.push(record.messageId);
    // Without it the message comes back all the same, after the queue's own time.
    const { lastSignal } = deps;
    await deps
      .returnAfter(record.receiptHandle, verdict.afterMs, { signal: lastSignal })
      .catch(() => undefined);
  }
  return failed;
}
