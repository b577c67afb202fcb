import type { Clock } from '../clock.ts';
import { TOLD_SHAPES, TOLD_SHAPES_MS } from '../limits.ts';

/**
 * Which things were told already, for a log that what others send must not flood: each once an hour, and of many
 * different ones no more than `TOLD_SHAPES`.
 */
export class ToldOnce {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #told = new Set<string>();
  #since = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Whether this is to be told now. `last`: and then nothing more for the rest of the hour. */
  take(what: string): 'told' | 'tell' | 'last' {
    const now = this.#clock.now();
    if (now - this.#since >= TOLD_SHAPES_MS || now < this.#since) {
      this.#told.clear();
      this.#since = now;
    }
    if (this.#told.size >= TOLD_SHAPES || this.#told.has(what)) return 'told';
    this.#told.add(what);
    return this.#told.size === TOLD_SHAPES ? 'last' : 'tell';
  }
}
