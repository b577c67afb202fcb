import { isLandfallError } from '../../errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, type Digest, hexOf } from '../../oci/digest.ts';
import type { Annotations, ImageManifest } from '../../oci/manifest.ts';
import type { FoundSignature, PassedOver } from '../found/found-signature.ts';
import { candidate, imageOf, readReferrer, type Search, smallLayer } from '../found/signature-manifest.ts';
import { readSmallBlob } from '../found/small-blob.ts';
import { checkCount } from '../found/survey.ts';
import { BUNDLE_TYPE, readBundle } from './bundle-signature.ts';
import { DSSE, readLayerAttestation } from './layer-attestation.ts';
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
    yield candidate(found, () => readBundleOf(search, descriptor, found));
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

type ReadLayer = (bytes: Buffer, annotations: Annotations, digest: Digest, found: string) => FoundSignature;

/** @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#tag-based-discovery */
const layersUnder = (suffix: 'sig' | 'att', mediaType: string, read: ReadLayer) =>
  async function* (search: Search): AsyncGenerator<FoundOrNot> {
    const { repository, digest, registry } = search;
    const tag = `${algorithmOf(digest)}-${hexOf(digest)}.${suffix}`;
    for (const [at, layer] of (await layersOf(search, tag)).entries()) {
      if (layer.mediaType !== mediaType) continue;
      const found = `layer ${at} of ${tag}`;
      yield candidate(found, async () =>
        read(
          await readSmallBlob(repository, smallLayer(layer), registry, search),
          layer.annotations ?? {},
          digest,
          found,
        ),
      );
    }
  };

const SIGNATURES_OF = [bundles, layersUnder('sig', SIMPLE_SIGNING, readLayerSignature)];
const ATTESTATIONS_OF = [layersUnder('att', DSSE, readLayerAttestation)];

/**
 * The signatures and attestations of a digest, those of today's form first; the older form of attestations where they are wanted; each is fetched when it is asked for. A registry that does
 * not answer for one form ends all: a signature in the other is no excuse for it.
 * @throws LandfallError SIGNATURE_REFUSED after {@link SIGNATURES}, CANCELLED, and what the registry client throws
 */
export async function* findSignatures(
  search: Search,
  { hasAttestations }: { readonly hasAttestations: boolean },
): AsyncGenerator<FoundOrNot> {
  let seen = 0;
  for (const form of hasAttestations ? [...SIGNATURES_OF, ...ATTESTATIONS_OF] : SIGNATURES_OF) {
    for await (const each of form(search)) {
      seen += 1;
      checkCount(seen);
      yield each;
    }
  }
}
