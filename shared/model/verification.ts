import type { Digest } from '../oci/digest.ts';

/** Who made a signature: a key by the digest of its SPKI, or an identity that a certificate names. */
export type Signer =
  | { readonly key: Digest }
  | { readonly issuer: string; readonly subject: string };

/** One signature that a policy asked for, and how it is known. */
export interface VerifiedSignature {
  readonly signer: Signer;
  /** `bundle <digest>` or `layer <n> of sha256-<hex>.sig`. */
  readonly found: string;
  /** RFC 3339, as a log or a time stamp says; null where none was looked at. */
  readonly signedAt: string | null;
  /** Its index in a transparency log; null where none was looked at. */
  readonly logIndex: string | null;
}

/** That a digest was signed as a policy wants: kept in status and told in events. */
export interface Verification {
  readonly provider: 'cosign';
  /** Of the policy with the keys that its files had: another one is another verification. */
  readonly policy: Digest;
  readonly signatures: readonly VerifiedSignature[];
}

export const signerName = (signer: Signer): string =>
  'key' in signer ? `key ${signer.key}` : `${signer.subject} by ${signer.issuer}`;
