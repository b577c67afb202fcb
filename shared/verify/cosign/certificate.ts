import { X509Certificate } from 'node:crypto';
import type { Bundle } from '@sigstore/bundle';
import { LandfallError } from '../../errors.ts';
import { fingerprintOf, type PolicyKey } from '../policy/public-key.ts';

/** @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12 */
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';

const refuse = (why: string, cause?: unknown): LandfallError =>
  new LandfallError('SIGNATURE_REFUSED', why, { cause });

/** Of nothing but DER: Node takes one in PEM wherever it finds it, even inside another that issuers and logs stand for. */
function readDer(raw: Uint8Array): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(raw);
  } catch (cause) {
    throw refuse('its certificate cannot be read', cause);
  }
  if (!certificate.raw.equals(raw)) throw refuse('its certificate is not the DER of one and nothing else');
  return certificate;
}

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
  return raw === undefined ? undefined : readDer(raw);
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
