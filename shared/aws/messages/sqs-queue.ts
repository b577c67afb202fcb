import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { batchesOf } from '../../kernel/batches-of.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { formatSourceId, type SourceId } from '../../model/ids.ts';
import type { TriggerMessage, TriggerQueue } from '../../trigger/queue.ts';
import type { JsonClient } from '../request/json.ts';
import { sqsSender } from './sqs-sender.ts';

export interface SqsQueueOptions {
  readonly queueUrl: string;
  readonly client: JsonClient;
  readonly clock: Clock;
  readonly random?: () => number;
  /** Unlike any other: what tells one message from the next. */
  readonly id?: () => string;
}

export interface SqsQueue extends TriggerQueue {
  /** Groups the sources into sweeps. `key` names the tick: the same key again within five minutes sends nothing. */
  sweep(sources: readonly SourceId[], key: string, options?: CallOptions): Promise<void>;
  /** Asks for the documents to be read again. */
  documents(options?: CallOptions): Promise<void>;
}

/** Sources of one sweep: at one request each they are through in seconds. */
export const SWEEP_SOURCES = 100;

/** Two names of 63 characters each and their slash are within the 128 that a group may have. */
const groupOf = (id: SourceId): string => formatSourceId(id);

/**
 * The FIFO queue. A source's reconciles share a message group, so that SQS never has two of them in flight.
 *
 * Every reconcile has a deduplication id of its own, the same only when one send is repeated because its answer was lost.
 * An id that many triggers share, such as source and second, would be remembered for five minutes: a push that came
 * after the reconcile had begun, within the same second, would be swallowed. Triggers become one where they are received
 * instead: see functions/queue-work.ts.
 */
export function sqsQueue(options: SqsQueueOptions): SqsQueue {
  const { queueUrl, client, clock, random = Math.random, id = randomUUID } = options;
  const send = sqsSender({ queueUrl, client, clock, random });

  const once = (messages: readonly TriggerMessage[]): readonly TriggerMessage[] => [
    ...new Map(messages.map((message) => [`${groupOf(message)} ${message.trigger}`, message])).values(),
  ];

  return {
    enqueue: (messages, options) =>
      send(
        once(messages).map((message) => ({
          message: { kind: 'reconcile', message },
          groupId: groupOf(message),
          deduplicationId: id(),
        })),
        options,
      ),
    sweep: async (sources, key, options) => {
      // In order of name, so that a sweep's statuses lie together in the store and one listing shows them all.
      const sorted = sources.toSorted((a, b) => (statusOrder(a) < statusOrder(b) ? -1 : 1));
      const groups = [...batchesOf(sorted, SWEEP_SOURCES)];
      await send(
        groups.map((group, at) => ({
          message: { kind: 'sweep', sources: group },
          groupId: `sweep.${at}`,
          deduplicationId: digestOf([key, at, group.map(formatSourceId)]),
        })),
        options,
      );
    },
    documents: (options) =>
      send([{ message: { kind: 'documents' }, groupId: 'documents', deduplicationId: id() }], options),
  };
}

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** As their keys are ordered in the store: a slash sorts before letters and digits, but after a hyphen. */
const statusOrder = ({ namespace, name }: SourceId): string => `${namespace}/${name}/`;
