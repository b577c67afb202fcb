import { X509Certificate } from 'node:crypto';
import type { Bundle } from '@sigstore/bundle';
import { LandfallError } from '../errors.ts';
import { fingerprintOf, type PolicyKey } from './public-key.ts';

/** @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12 */
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';

/** The certificate that a bundle was signed under; undefined where it was a key. */
export function certificateOf({ verificationMaterial: { content } }: Bundle): X509Certificate | undefined {
  if (content.$case === 'publicKey') return undefined;
  const raw =
    content.$case === 'certificate'
      ? content.certificate.rawBytes
      : content.x509CertificateChain.certificates[0]?.rawBytes;
  return raw === undefined ? undefined : new X509Certificate(raw);
}

/**
 * The key of a certificate that may sign code. Its issuers and times are judged elsewhere.
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function signingKey(certificate: X509Certificate): PolicyKey {
  const uses: readonly string[] = certificate.keyUsage ?? [];
  if (!uses.includes(CODE_SIGNING))
    throw new LandfallError('SIGNATURE_REFUSED', 'its certificate is not for signing code');
  const { publicKey: key } = certificate;
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const hashes = key.asymmetricKeyType === 'ed25519' ? [] : [curve === 'secp384r1' ? 'sha384' : 'sha256'];
  return { key, fingerprint: fingerprintOf(key), hashes };
}
