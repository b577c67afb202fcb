/** First wait after a failure for the moment; it doubles up to MAX_WAIT_MS. */
const FIRST_WAIT_MS = 1000;
export const MAX_WAIT_MS = 5 * 60 * 1000;
/** A registry may ask for longer, within reason. */
const MAX_DEMAND_MS = 60 * 60 * 1000;

/**
 * Milliseconds until the next try: between half and the whole of the doubled wait, so that many sources of one
 * registry do not come back together; never less than what the registry asked for.
 * @param attempts tries that failed, from 1
 * @param random in [0, 1)
 */
export function waitAfter(attempts: number, retryAfterMs: number | undefined, random: number): number {
  const whole = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 30), MAX_WAIT_MS);
  const wait = Math.round(whole * (0.5 + random / 2));
  return Math.max(wait, Math.min(retryAfterMs ?? 0, MAX_DEMAND_MS));
}
