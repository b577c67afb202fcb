import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { isLandfallError, LandfallError } from '../../errors.ts';
import { BACKOFF, backoffMs } from '../../kernel/backoff.ts';
import { batchesOf } from '../../kernel/batches-of.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { cancelled, throwIfCancelled } from '../../kernel/cancelled.ts';
import { eachOf } from '../../kernel/each-of.ts';
import type { Trigger } from '../../model/detail-type.ts';
import { formatSourceId, isSourceName, type SourceId } from '../../model/ids.ts';
import type { TriggerMessage, TriggerQueue } from '../../trigger/queue.ts';
import { AwsFailure, failureFacts, failureOf, formatFailure } from '../request/failure.ts';
import type { JsonClient } from '../request/json.ts';
import { tracedMessage } from './trace-header.ts';

/**
 * What the queue carries: one source to reconcile; many to see whether there is anything to reconcile; or the
 * documents to read again. Whatever is in it decides nothing.
 */
export type QueueMessage =
  | { readonly kind: 'reconcile'; readonly message: TriggerMessage }
  | { readonly kind: 'sweep'; readonly sources: readonly SourceId[] }
  | { readonly kind: 'documents' };

const VERSION = 1;

export function formatMessage(message: QueueMessage): string {
  if (message.kind === 'documents') return JSON.stringify({ version: VERSION, documents: true });
  if (message.kind === 'reconcile') {
    const { namespace, name, trigger } = message.message;
    return JSON.stringify({ version: VERSION, look: `${namespace}/${name}`, trigger });
  }
  const sources = message.sources.map(({ namespace, name }) => `${namespace}/${name}`);
  return JSON.stringify({ version: VERSION, sweep: sources });
}

const TRIGGERS: ReadonlySet<unknown> = new Set<Trigger>(['webhook', 'schedule', 'request', 'rollback']);

function idOf(text: unknown): SourceId | undefined {
  const [namespace = '', name = '', ...rest] = typeof text === 'string' ? text.split('/') : [];
  return rest.length === 0 && isSourceName(namespace) && isSourceName(name) ? { namespace, name } : undefined;
}

const isTrigger = (value: unknown): value is Trigger => TRIGGERS.has(value);

function reconcileOf(look: unknown, trigger: unknown): QueueMessage | undefined {
  const id = idOf(look);
  return id === undefined || !isTrigger(trigger)
    ? undefined
    : { kind: 'reconcile', message: { ...id, trigger } };
}

function sweepOf(sweep: unknown): QueueMessage | undefined {
  if (!Array.isArray(sweep)) return undefined;
  const sources = sweep.map(idOf).filter((id) => id !== undefined);
  return sources.length === sweep.length ? { kind: 'sweep', sources } : undefined;
}

/** @throws LandfallError WEBHOOK_MALFORMED, which never quotes what came */
export function readMessage(body: Readonly<Record<string, unknown>>): QueueMessage {
  const { version, look, sweep, documents, trigger } = body;
  const read =
    version !== VERSION
      ? undefined
      : documents === true
        ? ({ kind: 'documents' } as const)
        : (reconcileOf(look, trigger) ?? sweepOf(sweep));
  if (read !== undefined) return read;
  throw new LandfallError('WEBHOOK_MALFORMED', 'a message of the queue is not one that Landfall writes', {
    hint: 'Look at it in the dead-letter queue: a newer version may have written it, or somebody else.',
  });
}

/** SQS takes no more in one call. */
export const BATCH_MESSAGES = 10;
/** Calls under way at the same time: 10,000 single reconciles in about the time of 60. */
const CALLS = 16;
const ENTRY_ATTEMPTS = 4;

interface Outgoing {
  readonly message: QueueMessage;
  readonly groupId: string;
  readonly deduplicationId: string;
}

interface SqsSenderOptions {
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
function sqsSender({
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

export interface SqsQueueOptions {
  readonly queueUrl: string;
  readonly client: JsonClient;
  readonly clock: Clock;
  readonly random?: () => number;
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
  const { queueUrl, client, clock, random = Math.random } = options;
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
          deduplicationId: randomUUID(),
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
      send(
        [{ message: { kind: 'documents' }, groupId: 'documents', deduplicationId: randomUUID() }],
        options,
      ),
  };
}

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** As their keys are ordered in the store: a slash sorts before letters and digits, but after a hyphen. */
const statusOrder = ({ namespace, name }: SourceId): string => `${namespace}/${name}/`;
