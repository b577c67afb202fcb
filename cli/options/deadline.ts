import { parseDuration } from '../../shared/duration.ts';
import { type ErrorCode, isLandfallError, LandfallError } from '../../shared/errors.ts';
import { startDeadline } from '../../shared/kernel/deadline.ts';

const SLOW_REGISTRY = {
  code: 'REGISTRY_TIMEOUT',
  hint: 'Raise --timeout if the registry is only slow.',
} as const;

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
  const late = (): LandfallError =>
    new LandfallError(code, `${what}: not done within the timeout of ${timeout}`, { hint });
  return startDeadline(durationOption('--timeout', timeout), late, { signal, unref: true }).signal;
}
