import { type ErrorCode, isLandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { type ImageManifest, parseManifest } from '../../oci/manifest.ts';
import type { Repository } from '../../oci/reference.ts';
import { type PassedOver, passOver } from './found-signature.ts';
import { refuse } from './refuse.ts';
import type { SignatureReader } from './signature-reader.ts';
import { readSmallBlob } from './small-blob.ts';

/** A look for the signatures of one digest. */
export interface Search extends CallOptions {
  readonly repository: Repository;
  readonly digest: Digest;
  readonly registry: SignatureReader;
}

/** One that is broken, or listed and not there, is one signature less. Whatever else the registry does not give ends the search. */
const BROKEN: ReadonlySet<ErrorCode> = new Set([
  'SIGNATURE_REFUSED',
  'TAG_NOT_FOUND',
  'BLOB_NOT_FOUND',
  'MANIFEST_INVALID',
  'MANIFEST_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'DIGEST_MISMATCH',
  'SIZE_MISMATCH',
]);

/** What is read of one signature, or why it cannot count. */
export async function candidate<T>(found: string, read: () => Promise<T>): Promise<T | PassedOver> {
  try {
    return await read();
  } catch (error) {
    if (!isLandfallError(error) || !BROKEN.has(error.code)) throw error;
    return passOver(found, error);
  }
}

export async function imageOf(search: Search, reference: string | Digest): Promise<ImageManifest> {
  const { repository, registry, signal } = search;
  const { bytes, digest, contentType } = await registry.manifest(repository, reference, { signal });
  const manifest = parseManifest(bytes, digest, contentType);
  if (manifest.kind === 'manifest') return manifest;
  throw refuse(`manifest ${digest} is an index`);
}

export const smallLayer = ({ mediaType, digest, size }: ImageManifest['layers'][number]): Descriptor => {
  if (isDigest(digest)) return { mediaType, digest, size };
  throw refuse(`its layer has the digest ${digest}`);
};

/** The one layer of a referrer that says it is of the digest. */
export async function readReferrer(
  search: Search,
  { digest }: Descriptor,
  mediaTypes: readonly string[],
): Promise<{ readonly mediaType: string; readonly bytes: Buffer }> {
  const { layers, subject } = await imageOf(search, digest);
  if (subject?.digest !== search.digest) throw refuse('its manifest has another subject');
  const [layer, ...others] = layers;
  if (layer === undefined || !mediaTypes.includes(layer.mediaType) || others.length > 0)
    throw refuse(`its manifest has not the one layer of type ${mediaTypes.join(' or ')}`);
  const bytes = await readSmallBlob(search.repository, smallLayer(layer), search.registry, search);
  return { mediaType: layer.mediaType, bytes };
}
