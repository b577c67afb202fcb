import { LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { SdkAccess } from '../sdk/call.ts';
import { openSqs } from '../sdk/sqs.ts';
import { unavailable } from './sqs-queue.ts';
import { tracedMessage } from './trace-header.ts';

/** SQS keeps a message back for no longer. Seconds. */
const LONGEST_SECONDS = 900;

/** Sends a message that nobody sees before so many milliseconds, at most a quarter of an hour. @throws LandfallError QUEUE_UNAVAILABLE */
export function delayedSender(
  queueUrl: string,
  access: SdkAccess,
): (body: string, milliseconds: number, options?: CallOptions) => Promise<void> {
  const queue = openSqs(queueUrl, access);
  return async (MessageBody, milliseconds, options) => {
    const DelaySeconds = Math.min(LONGEST_SECONDS, Math.max(0, Math.ceil(milliseconds / 1000)));
    const isTaken = await queue
      .send({ MessageBody, DelaySeconds, ...tracedMessage() }, options)
      .catch((error: unknown) => {
        throw unavailable('the next look is not asked for', error, options?.signal);
      });
    if (!isTaken) throw new LandfallError('QUEUE_UNAVAILABLE', 'queue: the next look was not taken');
  };
}
