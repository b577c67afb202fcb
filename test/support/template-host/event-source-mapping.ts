import { createHash } from 'node:crypto';
import type { ReceivedMessage } from '../aws-server/fifo-queue.ts';
import { isMap, type Json, listAt, mapAt, numberAt } from './json.ts';
import type { LambdaFunction } from './lambda-function.ts';
import type { StackQueue } from './stack-queue.ts';

export interface MappingOptions {
  readonly batchSize: number;
  /** Batches at the same time. */
  readonly concurrency: number;
  readonly isPartial: boolean;
}

/** Lambda's own where a template says nothing. */
const BATCH_SIZE = 10;
const CONCURRENCY = 5;

export const mappingOptions = (properties: Json): MappingOptions => ({
  batchSize: numberAt(properties, 'BatchSize') ?? BATCH_SIZE,
  concurrency: numberAt(mapAt(properties, 'ScalingConfig') ?? {}, 'MaximumConcurrency') ?? CONCURRENCY,
  isPartial: listAt(properties, 'FunctionResponseTypes').includes('ReportBatchItemFailures'),
});

const recordOf = (message: ReceivedMessage, { options: { arn, isFifo } }: StackQueue): Json => ({
  messageId: message.messageId,
  receiptHandle: message.receiptHandle,
  body: message.body,
  attributes: {
    ApproximateReceiveCount: String(message.receives),
    SentTimestamp: String(message.sentAt),
    SenderId: 'AIDATEMPLATEHOST',
    ApproximateFirstReceiveTimestamp: String(message.sentAt),
    ...(isFifo && {
      MessageGroupId: message.groupId,
      MessageDeduplicationId: message.deduplicationId,
      SequenceNumber: '18849496460467696128',
    }),
  },
  messageAttributes: {},
  md5OfBody: createHash('md5').update(message.body).digest('hex'),
  eventSource: 'aws:sqs',
  eventSourceARN: arn,
  awsRegion: arn.split(':')[3],
});

/**
 * The messages that a function's answer leaves in the queue. One that names no message of the batch fails all of it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failedOf(
  answer: unknown,
  batch: readonly Pick<ReceivedMessage, 'messageId'>[],
): ReadonlySet<string> {
  const all = new Set(batch.map(({ messageId }) => messageId));
  if (answer === undefined || answer === null) return new Set();
  if (!isMap(answer)) return all;
  const { batchItemFailures: failures } = answer;
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return all;
  const ids = failures.map((failure) => (isMap(failure) ? failure['itemIdentifier'] : undefined));
  return ids.every((id) => typeof id === 'string' && all.has(id)) ? new Set(ids as string[]) : all;
}

/** Feeds a function from a queue, as an AWS::Lambda::EventSourceMapping says. */
export class EventSourceMapping {
  readonly queue: StackQueue;
  readonly #lambda: LambdaFunction;
  readonly #options: MappingOptions & { readonly isLet: () => boolean };

  constructor(
    queue: StackQueue,
    lambda: LambdaFunction,
    /** `isLet`: whether the function's role may read what is in the queue. */
    options: MappingOptions & { readonly isLet: () => boolean },
  ) {
    this.queue = queue;
    this.#lambda = lambda;
    this.#options = options;
  }

  async #take(): Promise<boolean> {
    if (this.queue.messages.length > 0 && !this.#options.isLet()) return false;
    const batch = this.queue.receive(this.#options.batchSize);
    if (batch.length === 0) return false;
    const Records = batch.map((message) => recordOf(message, this.queue));
    const { ok, value } = await this.#lambda.invoke({ Records });
    // Nothing is deleted after an error: the messages come back when their visibility ends.
    if (!ok) return true;
    const failed = this.#options.isPartial ? failedOf(value, batch) : new Set();
    for (const { messageId, receiptHandle } of batch) {
      if (!failed.has(messageId)) this.queue.delete(receiptHandle);
    }
    return true;
  }

  /** Until nothing is visible; whether there was anything. */
  async drain(): Promise<boolean> {
    let isBusy = false;
    const poller = async (): Promise<void> => {
      while (await this.#take()) isBusy = true;
    };
    await Promise.all(Array.from({ length: this.#options.concurrency }, poller));
    return isBusy;
  }
}
