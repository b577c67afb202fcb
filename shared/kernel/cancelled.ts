import { isLandfallError, LandfallError } from '../errors.ts';

/** Why `what` ended with its signal: the reason itself where it is a failure with a code, else CANCELLED. */
export const cancelled = (what: string, { reason }: AbortSignal): LandfallError =>
  isLandfallError(reason)
    ? reason
    : new LandfallError('CANCELLED', `${what} was cancelled`, { cause: reason });
