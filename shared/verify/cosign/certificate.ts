import type { X509Certificate } from 'node:crypto';
import type { Bundle } from '@sigstore/bundle';
import { readDer } from '../found/der-certificate.ts';
import { refuse } from '../found/refuse.ts';
import { fingerprintOf, type PolicyKey } from '../policy/public-key.ts';

/** @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12 */
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';

/**
 * The certificate that a bundle was signed under; undefined where it was a key.
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function certificateOf({ verificationMaterial: { content } }: Bundle): X509Certificate | undefined {
  if (content.$case === 'publicKey') return undefined;
  const raw =
    content.$case === 'certificate'
      ? content.certificate.rawBytes
      : content.x509CertificateChain.certificates[0]?.rawBytes;
  return raw === undefined ? undefined : readDer(raw, 'its certificate');
}

/**
 * The key of a certificate that may sign code. Its issuers and times are judged elsewhere.
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function signingKey(certificate: X509Certificate): PolicyKey {
  const uses: readonly string[] = certificate.keyUsage ?? [];
  if (!uses.includes(CODE_SIGNING)) throw refuse('its certificate is not for signing code');
  const { publicKey: key } = certificate;
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const hashes = key.asymmetricKeyType === 'ed25519' ? [] : [curve === 'secp384r1' ? 'sha384' : 'sha256'];
  return { key, fingerprint: fingerprintOf(key), hashes };
}
