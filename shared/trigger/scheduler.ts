import type { Clock } from '../clock.ts';

export interface Window {
  /** Inclusive, milliseconds since the epoch. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

export interface SchedulerDeps {
  /** Enqueues what is due; one that fails is asked for the same time again. */
  readonly poll: (window: Window) => Promise<unknown>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Asks every `tickMs` for what has become due since it last asked, until the signal aborts. */
export async function runScheduler(
  { tickMs }: { readonly tickMs: number },
  deps: SchedulerDeps,
): Promise<void> {
  const { poll, clock, signal } = deps;
  let fromMs = clock.now();
  while (!signal.aborted) {
    await clock.sleep(tickMs, signal).catch(() => undefined);
    const toMs = clock.now();
    // A clock that was set back has us wait for it; what was due by then has been asked for.
    if (signal.aborted || toMs <= fromMs) continue;
    // What is not enqueued now is still due in the longer window of the next tick.
    fromMs = await poll({ fromMs, toMs }).then(
      () => toMs,
      () => fromMs,
    );
  }
}
