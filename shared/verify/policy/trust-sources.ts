import type { Clock } from '../../clock.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { ProxyEnv } from '../../registry/http/proxy.ts';
import type { KmsKey } from './kms-key.ts';

/** A public key as a KMS gives it, in DER (SPKI). @throws LandfallError CONFIG_UNREADABLE, TRUST_UNAVAILABLE */
export type ReadKmsKey = (key: KmsKey, options: CallOptions) => Promise<Uint8Array>;

/** Where roots that were refreshed are kept. Throws what a store throws. */
interface KeptRoots {
  read(
    name: string,
    options: CallOptions,
  ): Promise<{ readonly bytes: Uint8Array; readonly version: string } | undefined>;
  /** In place of `version`; undefined where somebody else was first. */
  write(
    name: string,
    bytes: Uint8Array,
    version: string | undefined,
    options: CallOptions,
  ): Promise<string | undefined>;
}

/** What policies stand on that is in no document and no file: asked for where a policy names it, and by nobody else. */
export interface TrustSources {
  readonly kmsKey: ReadKmsKey;
  readonly clock: Pick<Clock, 'now'>;
  /** For a proxy. */
  readonly env: ProxyEnv;
  /** Absent: in this process alone. */
  readonly kept?: KeptRoots;
}

export interface TrustOptions extends CallOptions {
  /** Absent: a policy that names any of it is refused. */
  readonly trust?: TrustSources | undefined;
}
