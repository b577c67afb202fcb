import type { JwtAlgorithm, VerificationKey } from './verification-key.ts';

/** Who signs tokens: set by configuration, never by a token. */
export interface Issuer {
  /** An https URL: where its discovery document is, and what that calls it. */
  readonly url: string;
  /** What its tokens may say in `iss`. */
  readonly names: readonly string[];
  /** In a network of one's own: private addresses are connected to. */
  readonly local: boolean;
}

/** An issuer whose tokens say its URL. */
export const issuerAt = (url: string, local = false): Issuer => ({ url, names: [url], local });

/** Finds the keys that tokens are checked with. */
export interface KeySource {
  /**
   * undefined: the issuer has no such key.
   * @throws LandfallError ISSUER_UNAVAILABLE where that cannot be said now
   */
  find(
    issuer: Issuer,
    wanted: { readonly kid: string; readonly algorithm: JwtAlgorithm },
  ): Promise<VerificationKey | undefined>;
}
