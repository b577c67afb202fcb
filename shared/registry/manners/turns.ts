import { type Clock, steadyNow } from '../../clock.ts';
import type { PaceRule } from './pace-rule.ts';

const MINUTE_MS = 60_000;

interface Waiting {
  readonly go: () => void;
}

/** Places at one host: so many at the same time, first come first served, and so many a minute. */
export class Turns {
  readonly #clock: Clock;
  readonly #queue: Waiting[] = [];
  #taken = 0;
  #limit = 1;
  /** One at a time, whatever the rule: the host says that it is asked too much. */
  isSingle = false;
  /** When the next request would be due if they all kept their distance (the generic cell rate algorithm). */
  #due = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for a place, then for its minute. @throws the signal's reason; then there is nothing to give back */
  async take(rule: PaceRule, signal: AbortSignal | undefined): Promise<void> {
    // Of two rules for one host the latest counts: documents change.
    this.#limit = rule.concurrency;
    signal?.throwIfAborted();
    if (this.#isFree() && this.#queue.length === 0) this.#taken += 1;
    else await this.#stand(signal);
    try {
      await this.#keepDistance(rule, signal);
    } catch (error) {
      this.give();
      throw error;
    }
  }

  give(): void {
    this.#taken -= 1;
    while (this.#isFree()) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#taken += 1;
      next.go();
    }
  }

  #isFree(): boolean {
    return this.#taken < (this.isSingle ? 1 : this.#limit);
  }

  #stand(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        go: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      const leave = (): void => {
        const at = this.#queue.indexOf(waiting);
        if (at >= 0) this.#queue.splice(at, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#queue.push(waiting);
    });
  }

  async #keepDistance({ requestsPerMinute }: PaceRule, signal: AbortSignal | undefined): Promise<void> {
    if (!Number.isFinite(requestsPerMinute)) return;
    const distance = MINUTE_MS / requestsPerMinute;
    // A second's worth may go at once; what is slower than one a second goes singly.
    const burst = Math.max(1, Math.floor(requestsPerMinute / 60));
    const now = steadyNow(this.#clock);
    const due = Math.max(this.#due, now);
    this.#due = due + distance;
    const wait = due - now - (burst - 1) * distance;
    if (wait <= 0) return;
    try {
      await this.#clock.sleep(wait, signal);
    } catch (error) {
      // Nothing was sent. Kept, such places would add up until nobody's turn comes in time.
      this.#due -= distance;
      throw error;
    }
  }
}
