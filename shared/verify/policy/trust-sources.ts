import type { CallOptions } from '../../kernel/call-options.ts';
import type { KmsKey } from './kms-key.ts';

/** A public key as a KMS gives it, in DER (SPKI). @throws LandfallError CONFIG_UNREADABLE, TRUST_UNAVAILABLE */
export type ReadKmsKey = (key: KmsKey, options: CallOptions) => Promise<Uint8Array>;

/** What policies stand on that is in no document and no file: asked for where a policy names it, and by nobody else. */
export interface TrustSources {
  readonly kmsKey: ReadKmsKey;
}

export interface TrustOptions extends CallOptions {
  /** Absent: a policy that names any of it is refused. */
  readonly trust?: TrustSources | undefined;
}
