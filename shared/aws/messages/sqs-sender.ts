import type { Clock } from '../../clock.ts';
import { isLandfallError, LandfallError } from '../../errors.ts';
import { BACKOFF, backoffMs } from '../../kernel/backoff.ts';
import { batchesOf } from '../../kernel/batches-of.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { cancelled, throwIfCancelled } from '../../kernel/cancelled.ts';
import { eachOf } from '../../kernel/each-of.ts';
import { AwsFailure, failureFacts, failureOf, formatFailure } from '../request/failure.ts';
import type { JsonClient } from '../request/json.ts';
import { tracedMessage } from './trace-header.ts';
import { formatMessage, type QueueMessage } from './trigger-message.ts';

/** SQS takes no more in one call. */
export const BATCH_MESSAGES = 10;
/** Calls under way at the same time: 10,000 single reconciles in about the time of 60. */
const CALLS = 16;
const ENTRY_ATTEMPTS = 4;

export interface Outgoing {
  readonly message: QueueMessage;
  readonly groupId: string;
  readonly deduplicationId: string;
}

export interface SqsSenderOptions {
  readonly queueUrl: string;
  readonly client: JsonClient;
  readonly clock: Clock;
  readonly random: () => number;
}

/** What a call to a queue failed with. `what` came of it, e.g. `10 messages were not taken`. */
export function unavailable(what: string, error: unknown, signal?: AbortSignal): LandfallError {
  if (signal?.aborted === true) return cancelled(`queue: ${what}`, signal);
  if (isLandfallError(error)) return error;
  const failure = failureOf(error);
  return new LandfallError(
    'QUEUE_UNAVAILABLE',
    `queue: ${what}: ${formatFailure(failure)}`,
    failureFacts(failure),
  );
}

/** Sends messages in batches, and again what SQS refuses of a batch. @throws LandfallError QUEUE_UNAVAILABLE */
export function sqsSender({
  queueUrl,
  client,
  clock,
  random,
}: SqsSenderOptions): (messages: readonly Outgoing[], options?: CallOptions) => Promise<void> {
  const endpoint = new URL(queueUrl);

  async function sendBatch(
    batch: readonly Outgoing[],
    signal: AbortSignal | undefined,
  ): Promise<readonly Outgoing[]> {
    const Entries = batch.map(({ message, groupId, deduplicationId }, at) => ({
      Id: String(at),
      MessageBody: formatMessage(message),
      MessageGroupId: groupId,
      MessageDeduplicationId: deduplicationId,
      ...tracedMessage(),
    }));
    const input = { QueueUrl: queueUrl, Entries };
    const call = { service: 'sqs', target: 'AmazonSQS.SendMessageBatch', input, endpoint, signal } as const;
    const answer = await client.call(call).catch((error: unknown) => {
      throw unavailable(`${batch.length} messages were not taken`, error, signal);
    });
    const taken = new Set(
      (Array.isArray(answer['Successful']) ? answer['Successful'] : []).map(
        (entry: { readonly Id?: unknown }) => entry.Id,
      ),
    );
    return batch.filter((_, at) => !taken.has(String(at)));
  }

  async function sendAll(batch: readonly Outgoing[], signal: AbortSignal | undefined): Promise<void> {
    let left = await sendBatch(batch, signal);
    for (let attempt = 1; left.length > 0; attempt += 1) {
      if (attempt >= ENTRY_ATTEMPTS) {
        throw unavailable(
          `${left.length} of ${batch.length} messages were not taken`,
          new AwsFailure({ code: 'refused one by one' }),
        );
      }
      const wait = backoffMs(BACKOFF.awsEntry, attempt, random());
      await clock.sleep(wait, signal).catch(() => undefined);
      throwIfCancelled('queue: send', signal);
      left = await sendBatch(left, signal);
    }
  }

  // Once one batch has failed for good no other is begun: the caller sends all of it again.
  return async (messages, { signal } = {}) => {
    throwIfCancelled('queue: send', signal);
    await eachOf(batchesOf(messages, BATCH_MESSAGES), { limit: CALLS, signal }, (batch) =>
      sendAll(batch, signal),
    );
  };
}
