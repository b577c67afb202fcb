import { follow } from './follow.ts';

/** A signal with an end of its own. `using` it clears the timer, and the signal is over: it follows nobody's any more. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  clear(): void;
}

/** The longest that setTimeout can wait; beyond it would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

export interface DeadlineOptions {
  readonly signal?: AbortSignal | undefined;
  /** True where it may never be cleared: the timer then keeps no process alive. Default false. */
  readonly unref?: boolean;
}

/**
 * Aborts with `late()` after `milliseconds`, or with the caller's reason where `signal` aborts first: whoever was
 * stopped can tell one from the other. The error is made when it is needed.
 */
export function startDeadline(
  milliseconds: number,
  late: () => Error,
  { signal, unref = false }: DeadlineOptions = {},
): Deadline {
  const { controller, unfollow } = follow(signal);
  const timer = setTimeout(() => controller.abort(late()), Math.min(milliseconds, LONGEST_MS));
  if (unref) timer.unref();
  const clear = (): void => clearTimeout(timer);
  return {
    signal: controller.signal,
    clear,
    [Symbol.dispose]: () => {
      clear();
      unfollow();
    },
  };
}
