import { isLandfallError } from '../../errors.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, hexOf } from '../../oci/digest.ts';
import type { ImageManifest } from '../../oci/manifest.ts';
import type { FoundSignature, PassedOver } from '../found/found-signature.ts';
import { candidate, imageOf, readReferrer, type Search, smallLayer } from '../found/signature-manifest.ts';
import { readSmallBlob } from '../found/small-blob.ts';
import { checkCount } from '../found/survey.ts';
import { BUNDLE_TYPE, readBundle } from './bundle-signature.ts';
import { readLayerSignature, SIMPLE_SIGNING } from './layer-signature.ts';

/** A signature, or what there is in place of one. */
export type FoundOrNot = FoundSignature | PassedOver;

export const isFound = (candidate: FoundOrNot): candidate is FoundSignature => 'bundle' in candidate;

async function readBundleOf(search: Search, referrer: Descriptor, found: string): Promise<FoundSignature> {
  const { bytes } = await readReferrer(search, referrer, [BUNDLE_TYPE]);
  return readBundle(bytes, search.digest, found);
}

async function* bundles(search: Search): AsyncGenerator<FoundOrNot> {
  const { repository, digest, registry, signal } = search;
  const listed = await registry.referrers(repository, digest, { signal });
  for (const descriptor of listed) {
    // A registry that does not say the type of a referrer says that of its config.
    if (descriptor.artifactType !== undefined && descriptor.artifactType !== BUNDLE_TYPE) continue;
    const found = `bundle ${descriptor.digest}`;
    yield await candidate(found, () => readBundleOf(search, descriptor, found));
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
      const payload = await readSmallBlob(repository, smallLayer(layer), registry, search);
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
      checkCount(seen);
      yield each;
    }
  }
}
