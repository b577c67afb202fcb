import { collectGarbage } from '../functions/collect.ts';
import type { Clock } from '../shared/clock.ts';
import { asLandfallError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import { COLLECT_GRACE_MS } from '../shared/store/retention/collect.ts';
import type { Store } from '../shared/store/store.ts';

const HOUR_MS = 60 * 60 * 1000;
/** A process that is started anew each day collects too. */
export const FIRST_COLLECT_MS = HOUR_MS;
export const COLLECT_EVERY_MS = 24 * HOUR_MS;

export interface CollectDailyDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** By how much the clock is ahead of the time that passed. */
const aheadMs = (clock: Clock): number => clock.now() - (clock.steady?.() ?? clock.now());

async function collectOnce(
  { store, clock, log, signal }: CollectDailyDeps,
  setForwardMs: number,
): Promise<void> {
  try {
    // What was used a minute ago is not old because somebody set the clock.
    const graceMs = COLLECT_GRACE_MS + Math.max(0, setForwardMs);
    await collectGarbage({ graceMs, signal }, { store, clock, log });
  } catch (error) {
    // Sources are landed all the same, and the next day tries again.
    const { code, message, hint } = asLandfallError(error);
    log('error', 'collect failed', { code, error: message, next: hint });
  }
}

/** Deletes what nothing names any more once a day, beside running reconciles, until the signal aborts. Never throws. */
export async function collectDaily(deps: CollectDailyDeps): Promise<void> {
  const { clock, signal } = deps;
  const before = aheadMs(clock);
  for (let waitMs = FIRST_COLLECT_MS; !signal.aborted; waitMs = COLLECT_EVERY_MS) {
    await clock.sleep(waitMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    await collectOnce(deps, aheadMs(clock) - before);
  }
}
