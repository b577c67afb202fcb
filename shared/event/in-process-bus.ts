import { asLandfallError, LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import type { Bus, EventEnvelope } from '../model/envelope.ts';

/**
 * Takes an event over, e.g. onto a queue of its own; it resolves when it has, not when the work is done.
 * It sees repeats: delivery is at least once.
 */
export type Subscriber = (event: EventEnvelope) => void | Promise<void>;

/** EventBridge's place on one machine: the log first, so that nobody acts on an event that could be lost; then subscribers. */
export class InProcessBus implements Bus {
  readonly #log: Bus;
  readonly #subscribers = new Set<Subscriber>();

  constructor(log: Bus) {
    this.#log = log;
  }

  /** Returns what ends the subscription. */
  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => {
      this.#subscribers.delete(subscriber);
    };
  }

  /** @throws LandfallError EMIT_FAILED where the log or a subscriber did not take an event; all others have it */
  async emit(events: readonly EventEnvelope[], options?: CallOptions): Promise<void> {
    await this.#log.emit(events, options);
    const failures: unknown[] = [];
    for (const event of events) {
      for (const subscriber of this.#subscribers) {
        try {
          await subscriber(event);
        } catch (error) {
          failures.push(error);
        }
      }
    }
    const [cause] = failures;
    if (cause === undefined) return;
    throw new LandfallError(
      'EMIT_FAILED',
      `a subscriber did not take an event: ${asLandfallError(cause).message}`,
      {
        cause,
      },
    );
  }
}
