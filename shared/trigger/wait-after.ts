import { BACKOFF, backoffMs } from '../kernel/backoff.ts';
import { REGISTRY_PAUSE_MS } from '../limits.ts';

/**
 * Milliseconds until the next try: between half and the whole of the doubled wait, so that many sources of one
 * registry do not come back together; never less than what the registry asked for.
 * @param attempts tries that failed, from 1
 * @param random in [0, 1)
 */
export function waitAfter(attempts: number, retryAfterMs: number | undefined, random: number): number {
  const wait = Math.round(backoffMs(BACKOFF.reconcile, attempts, random));
  return Math.max(wait, Math.min(retryAfterMs ?? 0, REGISTRY_PAUSE_MS));
}
