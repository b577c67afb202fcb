import type { Clock } from '../shared/clock.ts';
import { messageOf } from '../shared/errors.ts';
import { type BackoffPolicy, backoffMs } from '../shared/kernel/backoff.ts';
import { EVENTS_TYPE, type Notification } from './notification.ts';

/** A webhook. Headers go with every delivery, an Authorization for instance. */
export interface NotificationTarget {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What became of one event at one target. */
export interface DeliveryRecord {
  readonly event: string;
  readonly attempts: number;
  /** The last status, or why there was none. */
  readonly outcome: number | string;
}

interface Deps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const ATTEMPTS = 5;
const WAIT: BackoffPolicy = { firstMs: 100, mostMs: 10_000, jitter: 'none' };
const TIMEOUT_MS = 5_000;
const WAITING = 10_000;
const KEPT = 1_000;

async function post(
  target: NotificationTarget,
  event: Notification,
  signal: AbortSignal,
): Promise<number | string> {
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      headers: { ...target.headers, 'Content-Type': EVENTS_TYPE },
      body: JSON.stringify({ events: [event] }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    return messageOf(error);
  }
}

const isDelivered = (outcome: number | string): boolean =>
  typeof outcome === 'number' && outcome >= 200 && outcome < 400;

/**
 * Delivers events to one target, one at a time and in order, each event alone in its envelope, as Docker's
 * registry does; unlike it, it gives an event up after a few attempts.
 */
export class Notifier {
  readonly #target: NotificationTarget;
  readonly #deps: Deps;
  readonly #records: DeliveryRecord[] = [];
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(target: NotificationTarget, deps: Deps) {
    this.#target = target;
    this.#deps = deps;
  }

  /** Oldest first. */
  get records(): readonly DeliveryRecord[] {
    return this.#records;
  }

  enqueue(event: Notification): void {
    if (this.#waiting >= WAITING) {
      this.#note({ event: event.id, attempts: 0, outcome: 'queue is full' });
      return;
    }
    this.#waiting += 1;
    this.#tail = this.#tail.then(() => this.#deliver(event));
  }

  /** Resolves when every event that was enqueued is delivered or given up. */
  settled(): Promise<void> {
    return this.#tail;
  }

  async #deliver(event: Notification): Promise<void> {
    const { clock, signal } = this.#deps;
    for (let attempts = 1; !signal.aborted; attempts += 1) {
      const outcome = await post(this.#target, event, signal);
      if (isDelivered(outcome) || attempts === ATTEMPTS) {
        this.#note({ event: event.id, attempts, outcome });
        break;
      }
      // An aborted wait ends the loop by its own condition.
      await clock.sleep(backoffMs(WAIT, attempts), signal).catch(() => undefined);
    }
    this.#waiting -= 1;
  }

  #note(record: DeliveryRecord): void {
    if (this.#records.length >= KEPT) this.#records.shift();
    this.#records.push(record);
  }
}
