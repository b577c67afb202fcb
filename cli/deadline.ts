import { type ErrorCode, isLandfallError, LandfallError } from '../shared/errors.ts';
import { parseDuration } from '../shared/source/duration.ts';

const SLOW_REGISTRY = {
  code: 'REGISTRY_TIMEOUT',
  hint: 'Raise --timeout if the registry is only slow.',
} as const;

/** The longest that setTimeout can wait; beyond it would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Milliseconds of an option's duration. @throws LandfallError USAGE naming the option */
export function durationOption(flag: string, text: string): number {
  try {
    return parseDuration(text);
  } catch (cause) {
    throw new LandfallError('USAGE', `${flag}: ${isLandfallError(cause) ? cause.message : String(cause)}`, {
      cause,
      hint: `E.g. ${flag} 5m`,
    });
  }
}

/**
 * A `--timeout`, as a signal joined to the caller's. It aborts with a failure of its own, as whatever is under way
 * could not tell a plain abort from Ctrl-C. `what` begins the message.
 * @throws LandfallError USAGE
 */
export function deadline(
  signal: AbortSignal,
  timeout: string,
  what: string,
  { code, hint }: { readonly code: ErrorCode; readonly hint: string } = SLOW_REGISTRY,
): AbortSignal {
  const controller = new AbortController();
  const late = new LandfallError(code, `${what}: not done within the timeout of ${timeout}`, { hint });
  const milliseconds = durationOption('--timeout', timeout);
  setTimeout(() => controller.abort(late), Math.min(milliseconds, LONGEST_MS)).unref();
  return AbortSignal.any([signal, controller.signal]);
}
