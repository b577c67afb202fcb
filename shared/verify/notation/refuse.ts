import { LandfallError } from '../../errors.ts';

/** One envelope that does not count. */
export const refuse = (why: string, cause?: unknown): LandfallError =>
  new LandfallError('SIGNATURE_REFUSED', why, { cause });
