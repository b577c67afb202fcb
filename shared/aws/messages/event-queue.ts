import { randomUUID } from 'node:crypto';
import { LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { EventEnvelope } from '../../model/envelope.ts';
import type { SdkAccess } from '../sdk/call.ts';
import { openSqs } from '../sdk/sqs.ts';
import { unavailable } from './sqs-queue.ts';

/** As the rule of a subscription `inOrder` has it: infra/subscription.ts. */
const GROUP = 'landfall';

/**
 * Puts an event into the queue of one subscription, past the bus: no other subscriber sees it.
 * @throws LandfallError QUEUE_UNAVAILABLE
 */
export async function sendEvent(
  { queueUrl, event }: { readonly queueUrl: string; readonly event: EventEnvelope },
  sdk: SdkAccess,
  { signal }: CallOptions = {},
): Promise<void> {
  const isFifo = queueUrl.endsWith('.fifo');
  // An id of its own: the event's was seen, and would be dropped for five minutes.
  const inOrder = isFifo ? { MessageGroupId: GROUP, MessageDeduplicationId: randomUUID() } : {};
  const message = { MessageBody: JSON.stringify(event), ...inOrder };
  const sent = openSqs(queueUrl, sdk).send(message, { signal });
  const isTaken = await sent.catch((error: unknown) => {
    throw unavailable('the event was not taken', error, signal);
  });
  if (isTaken) return;
  throw new LandfallError('QUEUE_UNAVAILABLE', 'queue: the event was refused', {
    hint: 'Check that --queue is the queue of the deploy, and run it again.',
  });
}
