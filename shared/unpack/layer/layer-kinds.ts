import type { ListedDescriptor } from '../../oci/descriptor.ts';
import { essenceOf, FLUX_CONTENT, HELM_CHART, OCI_EMPTY } from '../../oci/media-types.ts';
import { COMPRESSIONS, type Compression } from '../compression/compressions.ts';

/** How a layer's tar is wrapped; named like the file it would be. */
export type TarKind = 'tar' | Compression['tar']['kind'];

export const TIMONI_CONTENT = 'application/vnd.timoni.content.v1.tar+gzip';

/** What ORAS puts on a layer. @see https://github.com/oras-project/oras-go/blob/v2.6.0/content/file/file.go */
export const TITLE = 'org.opencontainers.image.title';
export const ORAS_UNPACK = 'io.deis.oras.content.unpack';

/** A folder that ORAS packed: a gzipped tar, whatever media type it was given. */
export const isPackedFolder = ({ annotations }: Pick<ListedDescriptor, 'annotations'>): boolean =>
  annotations?.[ORAS_UNPACK] === 'true';

const TARS: readonly { readonly kind: TarKind; readonly mediaType: RegExp }[] = [
  ...COMPRESSIONS.map(({ tar }) => tar),
  { kind: 'tar', mediaType: /[./+-]tar$/ },
];

/** Says by its media type that a layer is a tar; undefined where it is something else. */
export function tarKindOf(mediaType: string): TarKind | undefined {
  const essence = essenceOf(mediaType);
  return TARS.find(({ mediaType: says }) => says.test(essence))?.kind;
}

/**
 * Layers of container images, the only ones where `.wh.` is a whiteout.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts
 */
export const isImageLayer = (mediaType: string): boolean =>
  /^application\/vnd\.(?:oci\.image\.layer|docker\.image\.rootfs)\./.test(essenceOf(mediaType));

/** Layers whose bytes are not in the registry, or cannot be read from it: without them the tree is a lie. */
export const isUnreadableLayer = (mediaType: string): boolean =>
  /\.nondistributable\.|\.foreign\.|\+encrypted$/.test(essenceOf(mediaType));

/** What a layer is that says something of the content and is none: named as a message has it. */
export type AboutKind = 'a signature' | 'an attestation' | 'a bill of materials' | 'a report';

/** By the media types of cosign, sigstore, notation, Helm, in-toto, SPDX, CycloneDX, Syft, SARIF and OpenVEX, and by name. */
const ABOUT: readonly (readonly [RegExp, AboutKind])[] = [
  [/^application\/vnd\.(?:dsse|in-toto)[.+-]/, 'an attestation'],
  [/[./-]attestations?(?:[.+]|$)/, 'an attestation'],
  [
    /^application\/(?:vnd\.(?:cyclonedx|syft|spdx)[.+-]|spdx)|^text\/(?:vnd\.)?spdx|[./-]sboms?(?:[.+]|$)/,
    'a bill of materials',
  ],
  [/^application\/(?:vnd\.)?(?:sarif|openvex|csaf)(?:[.+-]|$)/, 'a report'],
  [/^application\/(?:vnd\.(?:dev\.(?:cosign|sigstore)|cncf\.notary)[.+-]|jose|cose|pgp)/, 'a signature'],
  [/[./-](?:signatures?|provenance)(?:[.+]|$)/, 'a signature'],
];

/** Undefined where a layer may be content. */
export function aboutKindOf(mediaType: string): AboutKind | undefined {
  const essence = essenceOf(mediaType);
  return ABOUT.find(([pattern]) => pattern.test(essence))?.[1];
}

/** Nothing, in two bytes: what an artifact without files has for a layer. */
export const isEmptyLayer = (mediaType: string): boolean => essenceOf(mediaType) === OCI_EMPTY;

/** Signatures, attestations, provenance and bills of materials: about the content, never the content. */
export const isAboutContent = (mediaType: string): boolean =>
  isEmptyLayer(mediaType) || aboutKindOf(mediaType) !== undefined;

/** Where a manifest has layers of one of these types, they are its content: Flux and kluctl, Helm, Timoni. */
const CONTENT_TYPES: readonly string[] = [FLUX_CONTENT, HELM_CHART, TIMONI_CONTENT];

/** A tar by the word of who reads it, whatever title ORAS gave it when it pushed it for them. */
export const isContentType = (mediaType: string): boolean => CONTENT_TYPES.includes(mediaType);

/** The type that is the content; undefined where no layer says so. Helm's legacy type is a plain tar among the rest. */
export const contentLayerType = (layers: readonly string[]): string | undefined =>
  CONTENT_TYPES.find((type) => layers.includes(type));
