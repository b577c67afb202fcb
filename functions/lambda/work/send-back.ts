import type { ReceivedMessages } from '../../../shared/aws/messages/received-messages.ts';
import { asLandfallError } from '../../../shared/errors.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import type { Log } from '../../../shared/log.ts';
import { waitAfter } from '../../../shared/trigger/backoff.ts';
import type { QueueRecord } from '../../queue-work.ts';

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
