import { isLandfallError } from '../../errors.ts';
import { refuse } from '../found/refuse.ts';

/**
 * Runs what takes a certificate apart. OpenSSL takes DER that our reader of ASN.1 does not: then this envelope does not count,
 * and the next one is looked at.
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function readingDer<T>(whose: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isLandfallError(error)) throw error;
    throw refuse(`${whose} is in DER that cannot be taken apart`, error);
  }
}
