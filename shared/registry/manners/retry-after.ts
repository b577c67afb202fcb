import { RETRY_AFTER_MS } from '../../limits.ts';

const SECOND = 1000;
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: SECOND,
  m: 60 * SECOND,
  h: 3600 * SECOND,
};

const clamp = (milliseconds: number): number =>
  Math.min(RETRY_AFTER_MS, Math.max(0, Math.ceil(milliseconds)));

/**
 * Milliseconds that a Retry-After header asks to wait, from delay-seconds or an HTTP date.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d{1,15}(?:\.\d+)?$/.test(text)) return clamp(Number(text) * SECOND);
  // Date.parse takes much that is no date; all three HTTP forms begin with a day's name.
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : clamp(date - now);
}

/** The same from a body: GHCR writes `retry-after: 10.3ms, allowed: 2000/minute` into the error's message. */
export function retryAfterInText(text: string): number | undefined {
  const [, amount, unit] =
    /retry[- ]after:?\s*(\d{1,9}(?:\.\d{1,9})?)\s*(ns|us|µs|ms|s|m|h)\b/i.exec(text) ?? [];
  const factor = unit === undefined ? undefined : UNITS[unit.toLowerCase()];
  return factor === undefined ? undefined : clamp(Number(amount) * factor);
}

/** From here on a number is a moment in seconds since 1970, below it a time to wait. */
const EPOCH_FROM = 1_000_000_000;

/** In which a rate limit says when it ends: Docker Hub; GitHub and GitLab; the IETF's draft. */
const RESETS = ['x-retry-after', 'x-ratelimit-reset', 'ratelimit-reset'] as const;

/** Milliseconds until a rate limit ends, where its own headers say so: in seconds, or as a moment. */
export function limitReset(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: number,
): number | undefined {
  for (const name of RESETS) {
    const value = headers[name];
    if (typeof value !== 'string' || !/^\d{1,12}$/.test(value.trim())) continue;
    const seconds = Number(value);
    return clamp(seconds < EPOCH_FROM ? seconds * SECOND : seconds * SECOND - now);
  }
  return undefined;
}
