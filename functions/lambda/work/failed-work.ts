import type { ReceivedMessages } from '../../../shared/aws/messages/received-messages.ts';
import { asLandfallError, type LandfallError } from '../../../shared/errors.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import type { Log } from '../../../shared/log.ts';
import { waitAfter } from '../../../shared/trigger/reconcile-again.ts';
import type { QueueRecord, Work } from '../../queue-work.ts';

/** Receives of a message before it is a dead letter, where the environment does not say. */
export const TRIES = 5;

/** As the construct set it. */
export const triesIn = (env: Readonly<Record<string, string | undefined>>): number =>
  Number(env['LANDFALL_TRIES'] ?? TRIES) || TRIES;

export interface FailedWork {
  readonly work: Work;
  /** Of the work itself; undefined where a reconcile failed, and its status says with what. */
  readonly error?: LandfallError | undefined;
  readonly tries: number;
  /** Whether the schedule reconciles the source of a reconcile by itself. */
  readonly isPolled: boolean;
}

/** What kills: it cannot be read, or fails in a way that nobody foresaw. Only that is to end among the dead letters. */
export const isPoison = ({ work, error }: Pick<FailedWork, 'work' | 'error'>): boolean =>
  work.kind === 'malformed' || error?.code === 'INTERNAL';

/**
 * What becomes of work that failed. `back`: its messages are delivered again. `left`: they are done, as the schedule asks
 * for the same by itself. `anew`: nothing else would, so that it is queued once more, as often as it takes.
 */
export function afterFailure(failed: FailedWork): 'back' | 'left' | 'anew' {
  const { work, tries, isPolled } = failed;
  if (isPoison(failed)) return 'back';
  const isLast = work.records.every(({ receives }) => receives >= tries);
  if (work.kind === 'sweep') return 'left';
  if (work.kind !== 'reconcile') return isLast ? 'left' : 'back';
  // Its interval may be an hour: seconds are tried first, whoever asked.
  if (!isLast) return 'back';
  return isPolled ? 'left' : 'anew';
}

/** A message that comes back blocks its source's later ones, so that it does so for no longer than this by our choice. */
const LONGEST_WAIT_MS = 60_000;
const LONGEST_DEMAND_MS = 15 * 60_000;

export interface SendBackDeps extends CallOptions {
  readonly queue: Pick<ReceivedMessages, 'returnAfter'>;
  readonly log: Log;
  readonly random?: () => number;
}

/** Has messages come back after a wait that grows. One that cannot be told comes back when its visibility ends. */
export async function sendBack(
  records: readonly QueueRecord[],
  retryAfterMs: number | undefined,
  { queue, log, random = Math.random, signal }: SendBackDeps,
): Promise<void> {
  for (const { receiptHandle, receives } of records) {
    const own = Math.min(waitAfter(receives, undefined, random()), LONGEST_WAIT_MS);
    const wait = Math.max(own, Math.min(retryAfterMs ?? 0, LONGEST_DEMAND_MS));
    await queue.returnAfter(receiptHandle, wait, { signal }).catch((error: unknown) => {
      log('warn', 'message comes back late', { error: asLandfallError(error).message });
    });
  }
}
