import { LandfallError } from '../../errors.ts';
import { SIGNATURES } from '../../limits.ts';
import type { VerifiedSignature } from '../../model/verification.ts';
import type { PassedOver } from './found-signature.ts';

/** A signature that a policy takes, and the places of its signers that it may count as: keys first, then identities. */
export interface Judged {
  readonly signature: VerifiedSignature;
  readonly signers: readonly number[];
}

/** The signatures of a digest, held to a policy one by one. */
export interface Survey {
  /** Of different people, the first of each. */
  readonly judged: readonly Judged[];
  /** Of attestations that are wanted. */
  readonly attesting?: readonly Judged[];
  readonly passed: readonly PassedOver[];
  readonly isEnough: boolean;
  /** Whose certificates and logs were believed; absent: none was looked at. For people. */
  readonly root?: string;
  /** Attestations that are wanted and not there; for people. */
  readonly lacking?: readonly string[];
  /** What failed, and is only to be told; absent: nothing did. */
  readonly tolerated?: readonly string[];
}

/** Whoever may push may push any number: those behind so many are not looked at. @throws LandfallError SIGNATURE_REFUSED */
export function checkCount(seen: number): void {
  if (seen <= SIGNATURES) return;
  throw new LandfallError(
    'SIGNATURE_REFUSED',
    `there are more than ${SIGNATURES} signatures, and none of the first ${SIGNATURES} is enough`,
    { hint: 'Delete those that are not yours from the registry.' },
  );
}
