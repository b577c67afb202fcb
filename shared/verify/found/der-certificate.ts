import { X509Certificate } from 'node:crypto';
import { refuse } from './refuse.ts';

/**
 * Of nothing but DER: Node takes one in PEM wherever it finds it, even inside another that issuers and logs stand for.
 * @param whose how a sentence names it: `its certificate`
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function readDer(raw: Uint8Array, whose: string): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(raw);
  } catch (cause) {
    throw refuse(`${whose} cannot be read`, cause);
  }
  if (!certificate.raw.equals(raw)) throw refuse(`${whose} is not the DER of one and nothing else`);
  return certificate;
}
