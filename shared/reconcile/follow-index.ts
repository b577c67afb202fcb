import { LandfallError } from '../errors.ts';
import { INDEX_MANIFESTS } from '../limits.ts';
import { type Descriptor, type ListedDescriptor, usable } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { ImageIndex, ImageManifest, Manifest } from '../oci/manifest.ts';
import { isIndexType } from '../oci/media-types.ts';
import type { Platform } from '../oci/platform.ts';
import { matchPlatform, selectPlatform } from '../oci/select-platform.ts';

/** The manifest that an index has for a platform. */
export interface FollowedIndex {
  readonly manifest: ImageManifest;
  readonly digest: Digest;
  readonly platform: Platform | undefined;
}

export interface FollowIndexInput {
  readonly index: ImageIndex;
  /** For messages. */
  readonly digest: Digest;
  readonly platform: Platform | undefined;
}

const isNested = ({ mediaType }: ListedDescriptor): boolean => isIndexType(mediaType);

/**
 * Finds the manifest of a platform in an index and the indexes in it, reading an inner index only where nothing
 * listed so far is for the platform. What is read says whether it is an index. A digest cannot be in itself, so there
 * are no circles; INDEX_MANIFESTS bounds how much is read.
 * @throws LandfallError PLATFORM_NOT_FOUND, MANIFEST_INVALID, DIGEST_INVALID and what `read` throws
 */
export async function followIndex(
  { index, digest, platform }: FollowIndexInput,
  read: (descriptor: Descriptor) => Promise<Manifest>,
): Promise<FollowedIndex> {
  let leaves = index.manifests.filter((child) => !isNested(child));
  let nested = index.manifests.filter(isNested);
  for (let reads = 0; reads < INDEX_MANIFESTS; reads++) {
    const child = matchPlatform(leaves, platform) ?? nested[0] ?? selectPlatform(leaves, platform);
    const descriptor = usable(child);
    const manifest = await read(descriptor);
    const isLeaf = leaves.includes(child);
    if (manifest.kind === 'manifest' && isLeaf) {
      return { manifest, digest: descriptor.digest, platform: child.platform };
    }
    leaves = leaves.filter((leaf) => leaf !== child);
    nested = nested.filter((inner) => inner !== child);
    // Listed as an index and none: a manifest like the others.
    const found =
      manifest.kind === 'index' ? manifest.manifests : [{ ...child, mediaType: manifest.mediaType }];
    leaves = [...leaves, ...found.filter((each) => !isNested(each))];
    nested = [...nested, ...found.filter(isNested)];
  }
  throw new LandfallError(
    'MANIFEST_INVALID',
    `index ${digest} holds indexes in indexes: over ${INDEX_MANIFESTS} manifests were read on the way to a platform`,
    { hint: 'Point ref at the digest of the manifest that is wanted.' },
  );
}
