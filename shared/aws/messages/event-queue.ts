import { randomUUID } from 'node:crypto';
import { LandfallError } from '../../errors.ts';
import type { EventEnvelope } from '../../event/envelope.ts';
import type { AwsClient } from '../request/client.ts';
import { formatFailure } from '../request/failure.ts';
import { hintOf } from '../request/failure-kind.ts';
import { callJson } from '../request/json.ts';

/** As the rule of a subscription `inOrder` has it: infra/subscription.ts. */
const GROUP = 'landfall';

/**
 * Puts an event into the queue of one subscription, past the bus: no other subscriber sees it.
 * @throws LandfallError QUEUE_UNAVAILABLE
 */
export async function sendEvent(
  { queueUrl, event }: { readonly queueUrl: string; readonly event: EventEnvelope },
  { client }: { readonly client: AwsClient },
): Promise<void> {
  const isFifo = queueUrl.endsWith('.fifo');
  // An id of its own: the event's was seen, and would be dropped for five minutes.
  const inOrder = isFifo ? { MessageGroupId: GROUP, MessageDeduplicationId: randomUUID() } : {};
  const Entries = [{ Id: '0', MessageBody: JSON.stringify(event), ...inOrder }];
  const reply = await callJson(
    {
      service: 'sqs',
      target: 'AmazonSQS.SendMessageBatch',
      input: { QueueUrl: queueUrl, Entries },
      endpoint: new URL(queueUrl),
    },
    client,
  );
  if (!reply.ok) {
    const { failure } = reply;
    throw new LandfallError(
      'QUEUE_UNAVAILABLE',
      `queue: the event was not taken: ${formatFailure(failure)}`,
      hintOf(failure),
    );
  }
  const { Successful } = reply.value;
  if (Array.isArray(Successful) && Successful.length === 1) return;
  throw new LandfallError('QUEUE_UNAVAILABLE', 'queue: the event was refused', {
    hint: 'Check that --queue is the queue of the deploy, and run it again.',
  });
}
