import { LandfallError } from '../../errors.ts';

/** One signature that does not count, and why: as a sentence goes on that names it. */
export const refuse = (why: string, cause?: unknown): LandfallError =>
  new LandfallError('SIGNATURE_REFUSED', why, { cause });
