import type { Clock } from '../../clock.ts';
import { isLandfallError, type LandfallError } from '../../errors.ts';
import { BACKOFF, backoffMs } from '../../kernel/backoff.ts';
import { RETRY_AFTER_WAIT_MS } from '../../limits.ts';
import { abortError } from '../http/network-error.ts';
import { isRetriedStatus, RETRIED_CAUSES } from './error-table.ts';

export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number;
  /** Wait before the second try, in milliseconds; doubles from there. */
  readonly baseMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 4, baseMs: BACKOFF.registry.firstMs };

/** Whether the same call may go through if simply made again now. */
function isRetried(error: LandfallError): boolean {
  const { status, cause } = error.detail;
  if (typeof status === 'number') return isRetriedStatus(status, error.code);
  return error.code === 'REGISTRY_UNREACHABLE' && typeof cause === 'string' && RETRIED_CAUSES.has(cause);
}

/**
 * Runs a call until it succeeds, fails for good, or tries run out; a wait ends with the signal, and then the
 * failure that was being waited out is what is thrown, as it says more than a timeout.
 * @throws LandfallError the last failure, or CANCELLED
 */
export async function retrying<T>(
  call: (attempt: number) => Promise<T>,
  options: { readonly retry: RetryPolicy; readonly clock: Clock; readonly signal: AbortSignal | undefined },
): Promise<T> {
  const { retry, clock, signal } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(attempt);
    } catch (error) {
      if (!isLandfallError(error) || !isRetried(error) || attempt >= retry.attempts) throw error;
      if ((error.retryAfterMs ?? 0) > RETRY_AFTER_WAIT_MS) throw error;
      const delay = Math.max(
        error.retryAfterMs ?? 0,
        backoffMs({ ...BACKOFF.registry, firstMs: retry.baseMs }, attempt),
      );
      try {
        await clock.sleep(delay, signal);
      } catch (reason) {
        if (!signal?.aborted) throw reason;
        const aborted = abortError(signal, error.message);
        throw aborted.code === 'REGISTRY_TIMEOUT' ? error : aborted;
      }
    }
  }
}
