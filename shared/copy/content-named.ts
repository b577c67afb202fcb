import { LandfallError } from '../errors.ts';
import { isObject, parseObject } from '../kernel/json.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { mediaTypeOf } from '../oci/media-type-of.ts';
import { isSchema1, schema1 } from '../oci/schema1.ts';

/** What a manifest names, and so has to be where it is. */
export interface NamedContent {
  readonly mediaType: string;
  /** Of an index: the manifests it lists. */
  readonly manifests: readonly Descriptor[];
  /** Config and layers, without those that may not be passed on. */
  readonly blobs: readonly Descriptor[];
}

/** Fetched from their owner, never from a registry. @see https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#non-distributable-layers */
const isForeign = ({ mediaType }: Descriptor): boolean => /nondistributable|\.foreign\./.test(mediaType);

function descriptorOf(value: unknown, at: string, of: Digest): Descriptor {
  const { digest, size, mediaType } = isObject(value) ? value : {};
  if (typeof digest === 'string' && isDigest(digest) && Number.isSafeInteger(size) && Number(size) >= 0)
    return { digest, size: Number(size), mediaType: typeof mediaType === 'string' ? mediaType : '' };
  throw new LandfallError('MANIFEST_INVALID', `manifest ${of} at ${at}: wanted a digest and a size`, {
    hint: 'What it names cannot be fetched, so it cannot be copied; push the artifact again.',
  });
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/**
 * Reads what has to be copied with a manifest, and nothing else: its digest proves the rest, whoever pulls it judges it.
 * @throws LandfallError MANIFEST_INVALID, MEDIA_TYPE_UNSUPPORTED
 */
export function contentNamedBy(bytes: Uint8Array, digest: Digest, contentType?: string): NamedContent {
  if (isSchema1(bytes)) throw schema1(`manifest ${digest}`);
  const document = parseObject(bytes);
  if (document === undefined)
    throw new LandfallError('MANIFEST_INVALID', `manifest ${digest} is not a JSON object`);
  const { config, layers, blobs, manifests } = document;
  const read = (key: string, values: readonly unknown[]): readonly Descriptor[] =>
    values.map((value, at) => descriptorOf(value, `${key}[${at}]`, digest));
  return {
    mediaType: mediaTypeOf(document, contentType),
    manifests: read('manifests', listOf(manifests)),
    blobs: [
      ...(config === undefined || config === null ? [] : [descriptorOf(config, 'config', digest)]),
      ...read('layers', listOf(layers)),
      // https://github.com/oras-project/artifacts-spec: its own kind of manifest, no longer made.
      ...read('blobs', listOf(blobs)),
    ].filter((blob) => !isForeign(blob)),
  };
}
