import { constants, type KeyObject, verify, type X509Certificate } from 'node:crypto';
import { refuse } from '../found/refuse.ts';

/** @see https://github.com/notaryproject/specifications/blob/main/specs/signature-specification.md#signature-algorithm-requirements */
interface Algorithm {
  /** As JWS names it. */
  readonly name: string;
  readonly hash: 'sha256' | 'sha384' | 'sha512';
}

const BY_CURVE: Readonly<Record<string, Algorithm>> = {
  prime256v1: { name: 'ES256', hash: 'sha256' },
  secp384r1: { name: 'ES384', hash: 'sha384' },
  secp521r1: { name: 'ES512', hash: 'sha512' },
};
const BY_BITS: Readonly<Record<number, Algorithm>> = {
  2048: { name: 'PS256', hash: 'sha256' },
  3072: { name: 'PS384', hash: 'sha384' },
  4096: { name: 'PS512', hash: 'sha512' },
};

/** The one algorithm that a key may have signed with. @throws LandfallError SIGNATURE_REFUSED */
export function algorithmOfKey(key: KeyObject): Algorithm {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  const found =
    key.asymmetricKeyType === 'ec'
      ? Object.hasOwn(BY_CURVE, namedCurve) && BY_CURVE[namedCurve]
      : key.asymmetricKeyType === 'rsa' && BY_BITS[modulusLength];
  if (found) return found;
  const what = key.asymmetricKeyType === 'rsa' ? `${modulusLength} bits` : namedCurve;
  throw refuse(
    `its certificate has a key that notation does not sign with: ${key.asymmetricKeyType} ${what}`.trim(),
  );
}

/** Whether a signature is the certificate's, by the algorithm of its key alone. */
export function isSignedBy(
  { publicKey }: X509Certificate,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { hash } = algorithmOfKey(publicKey);
  const key =
    publicKey.asymmetricKeyType === 'ec'
      ? { key: publicKey, dsaEncoding: 'ieee-p1363' as const }
      : {
          key: publicKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        };
  try {
    return verify(hash, signed, key, signature);
  } catch {
    return false;
  }
}
