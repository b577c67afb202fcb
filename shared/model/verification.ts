import * as z from 'zod/mini';
import { digestSchema as digest } from './digest-schema.ts';

/** Who made a signature: a key by the digest of its SPKI, or an identity that a certificate names. */
const signedBy = z.union([z.object({ key: digest }), z.object({ issuer: z.string(), subject: z.string() })]);
export type SignedBy = z.output<typeof signedBy>;

const verifiedSignature = z.object({
  signer: signedBy,
  /** `bundle <digest>`, `layer <n> of sha256-<hex>.sig` or `envelope <digest>`. */
  found: z.string(),
  /** RFC 3339, as a log says; null where none was looked at. */
  signedAt: z.nullable(z.string()),
  /** Its index in a transparency log; null where none was looked at. */
  logIndex: z.nullable(z.string()),
});
/** One signature that a policy asked for, and how it is known. */
export type VerifiedSignature = z.output<typeof verifiedSignature>;

/** That a digest was signed as a policy wants: kept in status and told in events. */
export const verificationSchema = z.object({
  /** `several`: policies of both. */
  provider: z.enum(['cosign', 'notation', 'several']),
  /** Of the policy with the keys that its files had: another one is another verification. */
  policy: digest,
  /** Empty where a policy lets in what nobody is proven to have signed: level audit or skip of notation. */
  signatures: z.array(verifiedSignature),
  /** Checks that failed, where a policy wants to be told and no more. Absent where none did. */
  tolerated: z.exactOptional(z.array(z.string())),
});
export type Verification = z.output<typeof verificationSchema>;

/** Whether it says who signed: a policy may want less than that. */
export const isProven = (verification: Verification | undefined): verification is Verification =>
  verification !== undefined && verification.signatures.length > 0;

/** The policy that somebody is known to have signed it for; undefined: nobody is. */
export const signedFor = (
  revision: { readonly verification?: Verification | undefined } | null,
): Verification['policy'] | undefined =>
  isProven(revision?.verification) ? revision.verification.policy : undefined;

export const signerName = (signer: SignedBy): string =>
  'key' in signer ? `key ${signer.key}` : `${signer.subject} by ${signer.issuer}`;
