import { type Digest, parseDigest } from './digest.ts';
import type { Platform } from './platform.ts';

/**
 * Points at content by digest. Pure data.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md
 */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly platform?: Platform;
}

/** As a manifest lists it: its digest may be of an algorithm that Landfall has not, as long as nobody asks for it. */
export interface ListedDescriptor extends Omit<Descriptor, 'digest'> {
  readonly digest: string;
}

/** A listed descriptor that is asked for now. @throws LandfallError DIGEST_INVALID */
export const usable = (listed: ListedDescriptor): Descriptor => ({
  ...listed,
  digest: parseDigest(listed.digest),
});
