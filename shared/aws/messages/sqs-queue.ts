import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import { formatSourceId, type SourceId } from '../../store/layout.ts';
import type { TriggerMessage, TriggerQueue } from '../../trigger/queue.ts';
import type { AwsClient } from '../request/client.ts';
import { type AwsFailure, formatFailure, hintOf } from '../request/failure.ts';
import { callJson } from '../request/json.ts';
import { formatMessage, type QueueMessage } from './trigger-message.ts';

export interface SqsQueueOptions {
  readonly queueUrl: string;
  readonly client: AwsClient;
  readonly clock: Clock;
  readonly random?: () => number;
  /** Unlike any other: what tells one message from the next. */
  readonly id?: () => string;
}

export interface SqsQueue extends TriggerQueue {
  /** Groups the sources into sweeps. `key` names the tick: the same key again within five minutes sends nothing. */
  sweep(sources: readonly SourceId[], key: string): Promise<void>;
  /** Asks for the documents to be read again. */
  documents(): Promise<void>;
  /** Has a received message come back after `milliseconds` instead of the queue's visibility timeout. */
  returnAfter(receiptHandle: string, milliseconds: number): Promise<void>;
}

/** SQS takes no more in one call. */
export const BATCH_MESSAGES = 10;
/** Calls under way at the same time: 10,000 single looks in about the time of 60. */
const CALLS = 16;
const ENTRY_ATTEMPTS = 4;
const FIRST_WAIT_MS = 100;
/** Sources of one sweep: at one request each they are through in seconds. */
export const SWEEP_SOURCES = 100;

interface Outgoing {
  readonly message: QueueMessage;
  readonly groupId: string;
  readonly deduplicationId: string;
}

/** Two names of 63 characters each and their slash are within the 128 that a group may have. */
const groupOf = (id: SourceId): string => formatSourceId(id);

const unavailable = (what: string, failure: AwsFailure): LandfallError =>
  new LandfallError('QUEUE_UNAVAILABLE', `queue: ${what}: ${formatFailure(failure)}`, hintOf(failure));

function* batchesOf<T>(items: readonly T[], size: number): Generator<readonly T[], void, undefined> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/**
 * The FIFO queue. A source's looks share a message group, so that SQS never has two of them in flight.
 *
 * Every look has a deduplication id of its own, the same only when one send is repeated because its answer was lost.
 * An id that many triggers share, such as source and second, would be remembered for five minutes: a push that came
 * after the look had begun, within the same second, would be swallowed. Triggers become one where they are received
 * instead: see functions/lambda/reconcile.ts.
 */
export function sqsQueue(options: SqsQueueOptions): SqsQueue {
  const { queueUrl, client, clock, random = Math.random, id = randomUUID } = options;
  const endpoint = new URL(queueUrl);

  async function sendBatch(batch: readonly Outgoing[]): Promise<readonly Outgoing[]> {
    const Entries = batch.map(({ message, groupId, deduplicationId }, at) => ({
      Id: String(at),
      MessageBody: formatMessage(message),
      MessageGroupId: groupId,
      MessageDeduplicationId: deduplicationId,
    }));
    const input = { QueueUrl: queueUrl, Entries };
    const reply = await callJson(
      { service: 'sqs', target: 'AmazonSQS.SendMessageBatch', input, endpoint },
      client,
    );
    if (!reply.ok) throw unavailable(`${batch.length} messages were not taken`, reply.failure);
    const taken = new Set(
      (Array.isArray(reply.value['Successful']) ? reply.value['Successful'] : []).map(
        (entry: { readonly Id?: unknown }) => entry.Id,
      ),
    );
    return batch.filter((_, at) => !taken.has(String(at)));
  }

  async function sendAll(batch: readonly Outgoing[]): Promise<void> {
    let left = await sendBatch(batch);
    for (let attempt = 1; left.length > 0; attempt += 1) {
      if (attempt >= ENTRY_ATTEMPTS) {
        const failure = { kind: 'unavailable', code: 'refused one by one', message: '' } as const;
        throw unavailable(`${left.length} of ${batch.length} messages were not taken`, failure);
      }
      await clock.sleep(FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + random() / 2));
      left = await sendBatch(left);
    }
  }

  /** Once one batch has failed for good no other is begun: the caller sends all of it again. */
  async function send(messages: readonly Outgoing[]): Promise<void> {
    const batches = batchesOf(messages, BATCH_MESSAGES);
    let isFailed = false;
    const worker = async (): Promise<void> => {
      for (const batch of batches) {
        if (isFailed) return;
        await sendAll(batch).catch((error: unknown) => {
          isFailed = true;
          throw error;
        });
      }
    };
    const settled = await Promise.allSettled(Array.from({ length: CALLS }, worker));
    for (const result of settled) if (result.status === 'rejected') throw result.reason;
  }

  const once = (messages: readonly TriggerMessage[]): readonly TriggerMessage[] => [
    ...new Map(messages.map((message) => [`${groupOf(message)} ${message.trigger}`, message])).values(),
  ];

  return {
    enqueue: (messages) =>
      send(
        once(messages).map((message) => ({
          message: { kind: 'look', message },
          groupId: groupOf(message),
          deduplicationId: id(),
        })),
      ),
    sweep: async (sources, key) => {
      // In order of name, so that a sweep's statuses lie together in the store and one listing shows them all.
      const sorted = sources.toSorted((a, b) => (statusOrder(a) < statusOrder(b) ? -1 : 1));
      const groups = [...batchesOf(sorted, SWEEP_SOURCES)];
      await send(
        groups.map((group, at) => ({
          message: { kind: 'sweep', sources: group },
          groupId: `sweep.${at}`,
          deduplicationId: digestOf([key, at, group.map(formatSourceId)]),
        })),
      );
    },
    documents: () => send([{ message: { kind: 'documents' }, groupId: 'documents', deduplicationId: id() }]),
    returnAfter: async (receiptHandle, milliseconds) => {
      const input = {
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: Math.ceil(milliseconds / 1000),
      };
      const target = 'AmazonSQS.ChangeMessageVisibility';
      const reply = await callJson({ service: 'sqs', target, input, endpoint }, client);
      if (!reply.ok) throw unavailable('a message keeps the visibility it has', reply.failure);
    },
  };
}

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** As their keys are ordered in the store: a slash sorts before letters and digits, but after a hyphen. */
const statusOrder = ({ namespace, name }: SourceId): string => `${namespace}/${name}/`;
