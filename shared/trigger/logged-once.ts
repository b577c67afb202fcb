import type { Clock } from '../clock.ts';
import { LOGGED_SHAPES, LOGGED_SHAPES_MS } from '../limits.ts';

/**
 * Which things were logged already, for a log that what others send must not flood: each once an hour, and of many
 * different ones no more than `LOGGED_SHAPES`.
 */
export class LoggedOnce {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #logged = new Set<string>();
  #since = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Whether this is to be logged now. `last`: and then nothing more for the rest of the hour. */
  take(what: string): 'logged' | 'log' | 'last' {
    const now = this.#clock.now();
    if (now - this.#since >= LOGGED_SHAPES_MS || now < this.#since) {
      this.#logged.clear();
      this.#since = now;
    }
    if (this.#logged.size >= LOGGED_SHAPES || this.#logged.has(what)) return 'logged';
    this.#logged.add(what);
    return this.#logged.size === LOGGED_SHAPES ? 'last' : 'log';
  }
}
