import type { Log } from './log.ts';

/**
 * Tells once that something cannot be done, for as long as that is so and for the same reason, and once that it can be
 * again. For loops that go on whatever happens.
 */
export class ToldFault {
  readonly #log: Log;
  readonly #what: string;
  #told: string | undefined;

  /** @param what a sentence: `requests cannot be read` */
  constructor(log: Log, what: string) {
    this.#log = log;
    this.#what = what;
  }

  met(why: string): void {
    if (this.#told === why) return;
    this.#told = why;
    this.#log('error', this.#what, { error: why, next: 'It is tried again until it works.' });
  }

  over(): void {
    if (this.#told === undefined) return;
    this.#told = undefined;
    this.#log('info', `no more: ${this.#what}`);
  }
}
