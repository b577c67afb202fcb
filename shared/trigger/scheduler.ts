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
  /** Called each time somebody set the clock, by how many milliseconds; less than 0: back. */
  readonly onStep?: (byMs: number) => void;
}

/** What NTP slews away, and what a busy process is late by, is no step worth telling. */
const STEP_MS = 10_000;

/** Asks every `tickMs` for what has become due since it last asked, wherever the clock goes, until the signal aborts. */
export async function runScheduler(
  { tickMs }: { readonly tickMs: number },
  deps: SchedulerDeps,
): Promise<void> {
  const { poll, clock, signal, onStep } = deps;
  let fromMs = clock.now();
  let last = { now: fromMs, steady: clock.steady?.() };
  while (!signal.aborted) {
    await clock.sleep(tickMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    const at = { now: clock.now(), steady: clock.steady?.() };
    const passedMs = (at.steady ?? tickMs) - (last.steady ?? 0);
    const stepMs = Math.round(at.now - last.now - passedMs);
    if (Math.abs(stepMs) >= STEP_MS) onStep?.(stepMs);
    last = at;
    const toMs = at.now;
    // Set back, it has us look at the time that did pass: what was due before that has been asked for.
    if (toMs <= fromMs) fromMs = toMs - Math.max(tickMs, passedMs);
    // What is not enqueued now is still due in the longer window of the next tick.
    const window = { fromMs, toMs };
    fromMs = await poll(window).then(
      () => window.toMs,
      () => window.fromMs,
    );
  }
}
