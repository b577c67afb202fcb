import { isLandfallError, LandfallError } from '../errors.ts';

/** Why `what` ended with its signal: the reason itself where it is a failure with a code, else CANCELLED. */
export const cancelled = (what: string, { reason }: Pick<AbortSignal, 'reason'>): LandfallError =>
  isLandfallError(reason)
    ? reason
    : new LandfallError('CANCELLED', `${what} was cancelled`, { cause: reason });

/** For where nothing that has begun can be stopped. @throws LandfallError as {@link cancelled} says */
export function throwIfCancelled(what: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled(what, signal);
}
