import type { X509Certificate } from 'node:crypto';

/** The signer's first, a root last; in order, and each proven to have issued the one before. */
export type CertificateChain = readonly [signer: X509Certificate, ...issuers: X509Certificate[]];

/** What an envelope of Notation says, its signature proven to be of its first certificate. */
export interface SignedEnvelope {
  readonly scheme: 'notary.x509' | 'notary.x509.signingAuthority';
  readonly chain: CertificateChain;
  /** What was signed: a statement of which artifact. */
  readonly payload: Uint8Array;
  /** By the signer's word, or by the signing authority's. */
  readonly signingTime: Date;
  readonly expiry: Date | undefined;
  /** An RFC 3161 token over `signature`. */
  readonly timeStamp: Uint8Array | undefined;
  readonly signature: Uint8Array;
}

export const PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json';
