import { createHash, randomUUID } from 'node:crypto';
import { FifoQueue, type ReceivedMessage } from '../aws-server/fifo-queue.ts';
import { type Json, mapAt, numberAt, textAt } from './json.ts';

export interface StackQueueOptions {
  readonly name: string;
  readonly arn: string;
  readonly isFifo: boolean;
  readonly visibilityMs: number;
  readonly maximumReceives: number;
  /** An id is remembered within its group only. */
  readonly isScopedToGroup: boolean;
  readonly isContentDeduplicated: boolean;
  /** ARN of where dead letters go. */
  readonly deadLetters: string | undefined;
  readonly now: () => number;
}

/** SQS's own where a template says nothing. */
const VISIBILITY_SECONDS = 30;

/** What an AWS::SQS::Queue says, its properties resolved. */
export function queueOptions(
  properties: Json,
  { name, arn, now }: Pick<StackQueueOptions, 'name' | 'arn' | 'now'>,
): StackQueueOptions {
  const redrive = mapAt(properties, 'RedrivePolicy');
  return {
    ...{ name, arn, now },
    isFifo: properties['FifoQueue'] === true,
    visibilityMs: (numberAt(properties, 'VisibilityTimeout') ?? VISIBILITY_SECONDS) * 1000,
    maximumReceives: (redrive && numberAt(redrive, 'maxReceiveCount')) ?? Number.POSITIVE_INFINITY,
    isScopedToGroup: textAt(properties, 'DeduplicationScope') === 'messageGroup',
    isContentDeduplicated: properties['ContentBasedDeduplication'] === true,
    deadLetters: redrive && textAt(redrive, 'deadLetterTargetArn'),
  };
}

type Sent = Parameters<FifoQueue['send']>[0];

/** A queue of a template: what it does with a message is what its properties say. */
export class StackQueue extends FifoQueue {
  readonly options: StackQueueOptions;
  readonly #findQueue: (arn: string) => StackQueue;

  constructor(options: StackQueueOptions, findQueue: (arn: string) => StackQueue) {
    super(options);
    this.options = options;
    this.#findQueue = findQueue;
  }

  override send(message: Sent, delayMs = 0): string {
    if (!this.options.isScopedToGroup) return super.send(message, delayMs);
    const deduplicationId = `${message.groupId} ${message.deduplicationId}`;
    return super.send({ ...message, deduplicationId }, delayMs);
  }

  /**
   * What a sender without a deduplication id sends, EventBridge for instance.
   * @throws Error where a FIFO queue is given no group, or has no way to tell messages apart
   */
  sendBody(body: string, groupId?: string): string {
    const { isFifo, isContentDeduplicated, name } = this.options;
    if (!isFifo) return super.send({ body, groupId: randomUUID(), deduplicationId: randomUUID() });
    if (groupId === undefined) throw new Error(`${name} is FIFO and the message has no group`);
    if (!isContentDeduplicated) throw new Error(`${name} is FIFO and the message has no deduplication id`);
    return this.send({ body, groupId, deduplicationId: createHash('sha256').update(body).digest('hex') });
  }

  override receive(maximum?: number): readonly ReceivedMessage[] {
    const received = super.receive(maximum);
    const { deadLetters } = this.options;
    if (deadLetters === undefined) return received;
    const target = this.#findQueue(deadLetters);
    for (const { body, groupId } of this.dead.splice(0)) {
      target.send({ body, groupId, deduplicationId: randomUUID() });
    }
    return received;
  }

  /** Moves what is visible to another queue, as a person does with StartMessageMoveTask; returns how many. */
  redriveTo(target: StackQueue): number {
    let moved = 0;
    for (let batch = this.receive(); batch.length > 0; batch = this.receive()) {
      for (const { body, groupId, receiptHandle } of batch) {
        target.send({ body, groupId, deduplicationId: randomUUID() });
        this.delete(receiptHandle);
        moved += 1;
      }
    }
    return moved;
  }

  /** Bodies of what is waiting or in flight, oldest first. */
  get bodies(): readonly string[] {
    return this.messages.map(({ body }) => body);
  }
}
