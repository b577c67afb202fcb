import { randomUUID } from 'node:crypto';

export interface SentMessage {
  readonly messageId: string;
  readonly body: string;
  readonly groupId: string;
  readonly deduplicationId: string;
  readonly sentAt: number;
}

interface Held extends SentMessage {
  receipt: string;
  receives: number;
  visibleAt: number;
}

export interface ReceivedMessage extends SentMessage {
  readonly receiptHandle: string;
  readonly receives: number;
}

export interface FifoQueueOptions {
  readonly now: () => number;
  readonly visibilityMs?: number;
  /** Receives after which a message goes to `dead`. */
  readonly maximumReceives?: number;
}

const DEDUPLICATION_MS = 5 * 60_000;

/**
 * SQS's FIFO rules: order and one message in flight within a group; an id is taken once in five minutes; a message
 * received `maximumReceives` times goes to the dead letters at the next receive.
 */
export class FifoQueue {
  readonly dead: SentMessage[] = [];
  readonly #options: Required<FifoQueueOptions>;
  #messages: Held[] = [];
  readonly #seen = new Map<string, { readonly at: number; readonly messageId: string }>();

  constructor({ now, visibilityMs = 30_000, maximumReceives = 3 }: FifoQueueOptions) {
    this.#options = { now, visibilityMs, maximumReceives };
  }

  /** Returns the message's id; of an id that was seen, the earlier message's, and nothing is added. */
  send(message: Pick<SentMessage, 'body' | 'groupId' | 'deduplicationId'>, delayMs = 0): string {
    const now = this.#options.now();
    const seen = this.#seen.get(message.deduplicationId);
    if (seen !== undefined && now - seen.at < DEDUPLICATION_MS) return seen.messageId;
    const messageId = randomUUID();
    this.#seen.set(message.deduplicationId, { at: now, messageId });
    this.#messages.push({
      ...message,
      messageId,
      sentAt: now,
      receipt: '',
      receives: 0,
      visibleAt: now + delayMs,
    });
    return messageId;
  }

  receive(maximum = 10): readonly ReceivedMessage[] {
    const { now, visibilityMs, maximumReceives } = this.#options;
    const at = now();
    const blocked = new Set<string>();
    const received: ReceivedMessage[] = [];
    for (const message of [...this.#messages]) {
      if (blocked.has(message.groupId) || received.length >= maximum) continue;
      if (message.visibleAt > at) {
        blocked.add(message.groupId);
        continue;
      }
      if (message.receives >= maximumReceives) {
        this.dead.push(message);
        this.#messages = this.#messages.filter((other) => other !== message);
        continue;
      }
      message.receives += 1;
      message.receipt = randomUUID();
      message.visibleAt = at + visibilityMs;
      received.push({ ...message, receiptHandle: message.receipt });
    }
    return received;
  }

  delete(receipt: string): void {
    this.#messages = this.#messages.filter((message) => message.receipt !== receipt);
  }

  /** False where the receipt is nobody's. */
  changeVisibility(receipt: string, milliseconds: number): boolean {
    const message = this.#messages.find((each) => each.receipt === receipt);
    if (message !== undefined) message.visibleAt = this.#options.now() + milliseconds;
    return message !== undefined;
  }

  /** What is waiting or in flight, oldest first. */
  get messages(): readonly SentMessage[] {
    return this.#messages;
  }
}
