import type { X509Certificate } from 'node:crypto';
import type { Bundle } from '@sigstore/bundle';
import { type TrustMaterial, toSignedEntity, Verifier } from '@sigstore/verify';
import { messageOf } from '../../errors.ts';
import { IDENTITY_CHARACTERS, SIGNATURE_PROOFS } from '../../limits.ts';
import type { FoundSignature } from '../found/found-signature.ts';
import { refuse } from '../found/refuse.ts';
import { isMadeWith, type PolicyKey } from '../policy/public-key.ts';
import { signingKey } from './certificate.ts';
import { checkCriticalExtensions, checkNames } from './certificate-extensions.ts';
import { isEntryOf } from './log-entry-key.ts';

/** Who a certificate names, as its issuer proved it. */
export interface CertifiedIdentity {
  readonly issuer: string;
  readonly subject: string;
}

interface CheckOptions {
  readonly trust: TrustMaterial;
  readonly transparencyLog: boolean;
}

/** Each is verified, and every two of them are compared. */
function checkCounts({ verificationMaterial: { tlogEntries, timestampVerificationData } }: Bundle): void {
  const most = Math.max(tlogEntries.length, timestampVerificationData?.rfc3161Timestamps.length ?? 0);
  if (most > SIGNATURE_PROOFS)
    throw refuse(`it has ${most} log entries or time stamps, wanted at most ${SIGNATURE_PROOFS}`);
}

/** What `@sigstore/verify` does, with the signature itself judged by us: it fixes the hash by the key alone. */
function verify(
  { bundle, artifact, signed, signature }: FoundSignature,
  key: PolicyKey,
  trust: TrustMaterial,
  thresholds: ConstructorParameters<typeof Verifier>[1],
) {
  checkCounts(bundle);
  try {
    const entity = toSignedEntity(bundle, artifact);
    if (entity.key.$case === 'certificate') {
      checkCriticalExtensions(entity.key.certificate);
      checkNames(entity.key.certificate);
    }
    const content = entity.signature;
    const own = {
      signature: content.signature,
      compareSignature: (other: Buffer) => content.compareSignature(other),
      compareDigest: (other: Buffer) => content.compareDigest(other),
      compareSignedDigest: (other: Buffer) => content.compareSignedDigest(other),
      verifySignature: () => isMadeWith(key, signed, signature),
    };
    return new Verifier(trust, thresholds).verify({ ...entity, signature: own });
  } catch (cause) {
    throw refuse(messageOf(cause), cause);
  }
}

function checkEntries({ bundle }: FoundSignature, { fingerprint }: PolicyKey): void {
  for (const { canonicalizedBody } of bundle.verificationMaterial.tlogEntries)
    if (!isEntryOf(canonicalizedBody, fingerprint)) throw refuse('an entry of its log is of another key');
}

/**
 * Holds a signature under a certificate to a trusted root: who issued it, that it stands in the logs, and when it was made.
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function checkCertified(
  found: FoundSignature,
  certificate: X509Certificate,
  { trust, transparencyLog }: CheckOptions,
): CertifiedIdentity {
  const key = signingKey(certificate);
  // A root of one's own without logs of certificates, as GitHub's for private repositories, asks for none.
  const ctlogThreshold = trust.ctlogs.length > 0 ? 1 : 0;
  const { identity } = verify(found, key, trust, {
    tlogThreshold: transparencyLog ? 1 : 0,
    timestampThreshold: 1,
    ctlogThreshold,
  });
  checkEntries(found, key);
  const subject = identity?.subjectAlternativeName;
  const issuer = identity?.extensions?.issuer;
  if (!subject || !issuer) throw refuse('its certificate names no subject and issuer');
  if (Math.max(subject.length, issuer.length) > IDENTITY_CHARACTERS)
    throw refuse(`its certificate names somebody in more than ${IDENTITY_CHARACTERS} characters`);
  if (/\p{C}/u.test(`${subject}${issuer}`))
    throw refuse('its certificate names somebody with characters that cannot be printed');
  return { issuer, subject };
}

/**
 * Holds a signature made with a key to the logs of a trusted root.
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function checkLogged(found: FoundSignature, key: PolicyKey, trust: TrustMaterial): void {
  const publicKey = () => ({ publicKey: key.key, validFor: () => true });
  verify(found, key, { ...trust, publicKey }, { tlogThreshold: 1, timestampThreshold: 0, ctlogThreshold: 0 });
  checkEntries(found, key);
}
