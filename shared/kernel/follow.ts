/** A controller whose signal aborts with another's, too. */
export interface Following {
  readonly controller: AbortController;
  /** From then on it follows no more. Whoever follows a signal that lives on has to call it, or is kept with it. */
  unfollow(): void;
}

/**
 * What `AbortSignal.any` does for one signal, at a fifth of its CPU (`bench no-op`): that keeps weak references both
 * ways, so that nobody has to say when it is over. Here somebody does.
 */
export function follow(signal: AbortSignal | undefined): Following {
  const controller = new AbortController();
  if (signal === undefined) return { controller, unfollow: () => undefined };
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return { controller, unfollow: () => signal.removeEventListener('abort', abort) };
}
