import { type ErrorCode, isLandfallError, LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { SIGNATURES } from '../../limits.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, type Digest, hexOf, isDigest } from '../../oci/digest.ts';
import { type ImageManifest, parseManifest } from '../../oci/manifest.ts';
import type { Repository } from '../../oci/reference.ts';
import { type FoundSignature, type PassedOver, passOver } from '../found/found-signature.ts';
import type { SignatureReader } from '../found/signature-reader.ts';
import { readSmallBlob } from '../found/small-blob.ts';
import { BUNDLE_TYPE, readBundle } from './bundle-signature.ts';
import { readLayerSignature, SIMPLE_SIGNING } from './layer-signature.ts';

/** A signature, or what there is in place of one. */
export type FoundOrNot = FoundSignature | PassedOver;

export const isFound = (candidate: FoundOrNot): candidate is FoundSignature => 'bundle' in candidate;

interface Search extends CallOptions {
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

async function candidate(found: string, read: () => Promise<FoundSignature>): Promise<FoundOrNot> {
  try {
    return await read();
  } catch (error) {
    if (!isLandfallError(error) || !BROKEN.has(error.code)) throw error;
    return passOver(found, error);
  }
}

async function imageOf(search: Search, reference: string | Digest): Promise<ImageManifest> {
  const { repository, registry, signal } = search;
  const { bytes, digest, contentType } = await registry.manifest(repository, reference, { signal });
  const manifest = parseManifest(bytes, digest, contentType);
  if (manifest.kind === 'manifest') return manifest;
  throw new LandfallError('SIGNATURE_REFUSED', `manifest ${digest} is an index`);
}

const small = ({ mediaType, digest, size }: ImageManifest['layers'][number]): Descriptor => {
  if (isDigest(digest)) return { mediaType, digest, size };
  throw new LandfallError('SIGNATURE_REFUSED', `its layer has the digest ${digest}`);
};

async function readReferrer(search: Search, { digest }: Descriptor, found: string): Promise<FoundSignature> {
  const { layers, subject } = await imageOf(search, digest);
  if (subject?.digest !== search.digest)
    throw new LandfallError('SIGNATURE_REFUSED', 'its manifest has another subject');
  const [layer, ...others] = layers;
  if (layer?.mediaType !== BUNDLE_TYPE || others.length > 0)
    throw new LandfallError('SIGNATURE_REFUSED', `its manifest has not the one layer of type ${BUNDLE_TYPE}`);
  const bytes = await readSmallBlob(search.repository, small(layer), search.registry, search);
  return readBundle(bytes, search.digest, found);
}

async function* bundles(search: Search): AsyncGenerator<FoundOrNot> {
  const { repository, digest, registry, signal } = search;
  const listed = await registry.referrers(repository, digest, { signal });
  for (const descriptor of listed) {
    // A registry that does not say the type of a referrer says that of its config.
    if (descriptor.artifactType !== undefined && descriptor.artifactType !== BUNDLE_TYPE) continue;
    const found = `bundle ${descriptor.digest}`;
    yield await candidate(found, () => readReferrer(search, descriptor, found));
  }
}

async function layersOf(search: Search, tag: string): Promise<ImageManifest['layers']> {
  try {
    return (await imageOf(search, tag)).layers;
  } catch (error) {
    if (isLandfallError(error) && (error.code === 'TAG_NOT_FOUND' || error.code === 'REPOSITORY_NOT_FOUND'))
      return [];
    throw error;
  }
}

/** @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#tag-based-discovery */
async function* layerSignatures(search: Search): AsyncGenerator<FoundOrNot> {
  const { repository, digest, registry } = search;
  const tag = `${algorithmOf(digest)}-${hexOf(digest)}.sig`;
  for (const [at, layer] of (await layersOf(search, tag)).entries()) {
    if (layer.mediaType !== SIMPLE_SIGNING) continue;
    const found = `layer ${at} of ${tag}`;
    yield await candidate(found, async () => {
      const payload = await readSmallBlob(repository, small(layer), registry, search);
      return readLayerSignature(payload, layer.annotations ?? {}, digest, found);
    });
  }
}

/**
 * The signatures of a digest, those of today's form first; each is fetched when it is asked for. A registry that does
 * not answer for one form ends all: a signature in the other is no excuse for it.
 * @throws LandfallError SIGNATURE_REFUSED after {@link SIGNATURES}, CANCELLED, and what the registry client throws
 */
export async function* findSignatures(search: Search): AsyncGenerator<FoundOrNot> {
  let seen = 0;
  for (const form of [bundles, layerSignatures]) {
    for await (const each of form(search)) {
      throwIfCancelled('the look for signatures', search.signal);
      seen += 1;
      if (seen > SIGNATURES)
        throw new LandfallError(
          'SIGNATURE_REFUSED',
          `there are more than ${SIGNATURES} signatures, and none of the first ${SIGNATURES} is enough`,
          {
            hint: 'Delete those that are not yours from the registry.',
          },
        );
      yield each;
    }
  }
}
