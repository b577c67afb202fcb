import { LandfallError } from '../errors.ts';
import { type Digest, isDigest } from './digest.ts';
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
export function usable(listed: ListedDescriptor): Descriptor {
  const { digest, mediaType } = listed;
  if (isDigest(digest)) return { ...listed, digest };
  throw new LandfallError(
    'DIGEST_INVALID',
    `the digest ${JSON.stringify(digest.slice(0, 160))} of ${JSON.stringify(mediaType)} is neither sha256 nor sha512, and its content is to be read`,
    { hint: 'Push it with sha256, which every registry and tool has.' },
  );
}
