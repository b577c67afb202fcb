import type { Log } from './log.ts';

/**
 * Logs once that something cannot be done, for as long as that is so and for the same reason, and once that it can be
 * again. For loops that go on whatever happens.
 */
export class LoggedFault {
  readonly #log: Log;
  readonly #what: string;
  #logged: string | undefined;

  /** @param what a sentence: `requests cannot be read` */
  constructor(log: Log, what: string) {
    this.#log = log;
    this.#what = what;
  }

  met(why: string): void {
    if (this.#logged === why) return;
    this.#logged = why;
    this.#log('error', this.#what, { error: why, next: 'It is tried again until it works.' });
  }

  over(): void {
    if (this.#logged === undefined) return;
    this.#logged = undefined;
    this.#log('info', `no more: ${this.#what}`);
  }
}
