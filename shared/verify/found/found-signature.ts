import type { Bundle } from '@sigstore/bundle';
import { asLandfallError } from '../../errors.ts';
import { SIGNATURE_REASON } from '../../limits.ts';

/** What a signed statement says of an artifact. */
export interface Attested {
  readonly predicateType: string;
  readonly predicate: unknown;
}

/** One signature as a registry has it, with what it is over already held to the digest. */
export interface FoundSignature {
  /** `bundle <digest>` or `layer <n> of sha256-<hex>.sig`. */
  readonly found: string;
  /** What was signed. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** With what it stands on: a certificate or the hint of a key, entries of logs, time stamps. */
  readonly bundle: Bundle;
  /** What is said of the artifact beside that it is signed; absent: no more than that. */
  readonly attested?: Attested;
  /** The bytes that the bundle's signature is over, where it does not hold them itself. */
  readonly artifact?: Buffer;
}

/** One that cannot count, and why; for people. */
export interface PassedOver {
  readonly found: string;
  readonly why: string;
}

/** In one line: a second one, by the maker of a signature, could say that somebody else signed. */
export const passOver = (found: string, error: unknown): PassedOver => ({
  found,
  why: asLandfallError(error).message.slice(0, SIGNATURE_REASON).replaceAll(/\s+/g, ' '),
});
