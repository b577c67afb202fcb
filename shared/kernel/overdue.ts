import { type Clock, steadyNow } from '../clock.ts';

/**
 * Why a wait of our own ends that nobody needs any more. Without a reason each `abort()` makes an exception with a stack, which
 * a look at an unchanged source did twice.
 */
export const ENDED = new Error('it has ended');

export interface OverdueOptions<T> {
  readonly clock: Clock;
  /** Milliseconds that an item may stay, as they are when it comes and each time it is told of. Above 0. */
  readonly afterMs: (item: T) => number;
  /** Told of an item that has stayed so long, and again after as long, until it leaves. */
  readonly onOverdue: (item: T) => void;
}

/**
 * Tells of what stays too long. One sleep serves all of them, as what comes and goes by the thousand a second hardly
 * ever stays: a timer and a signal for each cost more than the rest of what was done for it here.
 */
export class Overdue<T> {
  readonly #options: OverdueOptions<T>;
  /** When each is to be told of; milliseconds of the steady clock, as below. */
  readonly #due = new Map<T, number>();
  #sleep: { readonly until: number; readonly wake: AbortController } | undefined;

  constructor(options: OverdueOptions<T>) {
    this.#options = options;
  }

  add(item: T): void {
    const due = steadyNow(this.#options.clock) + this.#options.afterMs(item);
    this.#due.set(item, due);
    if (this.#sleep === undefined || due < this.#sleep.until) this.#sleepUntil(due);
  }

  delete(item: T): void {
    this.#due.delete(item);
    if (this.#due.size > 0) return;
    this.#sleep?.wake.abort(ENDED);
    this.#sleep = undefined;
  }

  #sleepUntil(until: number): void {
    this.#sleep?.wake.abort(ENDED);
    const { clock } = this.#options;
    const sleep = { until, wake: new AbortController() };
    this.#sleep = sleep;
    clock.sleep(Math.max(1, until - steadyNow(clock)), sleep.wake.signal).then(
      () => this.#sleep === sleep && this.#tell(),
      () => undefined,
    );
  }

  #tell(): void {
    const { clock, afterMs, onOverdue } = this.#options;
    this.#sleep = undefined;
    const now = steadyNow(clock);
    const late = [...this.#due].filter(([, due]) => due <= now).map(([item]) => item);
    for (const item of late) this.#due.set(item, now + afterMs(item));
    // One that is told of may make others leave.
    for (const item of late) if (this.#due.has(item)) onOverdue(item);
    if (this.#due.size > 0 && this.#sleep === undefined) this.#sleepUntil(Math.min(...this.#due.values()));
  }
}
