/** A signal that outlives another for a while. `using` it lets go of both. */
export interface Grace extends Disposable {
  readonly signal: AbortSignal;
}

/** Milliseconds in which work that was cut off may still write that it was. */
const CUT_OFF_MS = 3_000;

/**
 * Aborts `milliseconds` after `signal` has, with the same reason: for what is still to be done then, such as writing why
 * it ended. Until then it never does. It is made when it is asked for, as what ends well never does.
 */
export function startGrace(signal: AbortSignal, milliseconds: number = CUT_OFF_MS): Grace {
  let controller: AbortController | undefined;
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => controller?.abort(signal.reason), milliseconds);
  };
  const start = (): AbortController => {
    if (signal.aborted) begin();
    else signal.addEventListener('abort', begin, { once: true });
    return new AbortController();
  };
  return {
    get signal() {
      controller ??= start();
      return controller.signal;
    },
    [Symbol.dispose]: () => {
      if (controller !== undefined) signal.removeEventListener('abort', begin);
      clearTimeout(timer);
    },
  };
}
