import type { Descriptor } from '../oci/descriptor.ts';
import { essenceOf, FLUX_CONTENT, HELM_CHART, HELM_PROVENANCE, OCI_EMPTY } from '../oci/media-types.ts';

/** How a layer's tar is wrapped; named like the file it would be. */
export type TarKind = 'tar' | 'tar.gz' | 'tar.zst';

export const TIMONI_CONTENT = 'application/vnd.timoni.content.v1.tar+gzip';

/** What ORAS puts on a layer. @see https://github.com/oras-project/oras-go/blob/v2.6.0/content/file/file.go */
export const TITLE = 'org.opencontainers.image.title';
export const ORAS_UNPACK = 'io.deis.oras.content.unpack';

/** A folder that ORAS packed: a gzipped tar, whatever media type it was given. */
export const isPackedFolder = ({ annotations }: Descriptor): boolean => annotations?.[ORAS_UNPACK] === 'true';

const TAR_SUFFIXES: readonly (readonly [RegExp, TarKind])[] = [
  [/[./-](?:tar[+.](?:gzip|gz)|tgz|x-compressed-tar)$|\/(?:x-)?gzip$/, 'tar.gz'],
  [/[./-]tar[+.](?:zstd|zst)$/, 'tar.zst'],
  [/[./-]tar$/, 'tar'],
];

/** Says by its media type that a layer is a tar; undefined where it is something else. */
export function tarKindOf(mediaType: string): TarKind | undefined {
  const essence = essenceOf(mediaType);
  return TAR_SUFFIXES.find(([pattern]) => pattern.test(essence))?.[1];
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

const NOT_CONTENT =
  /^application\/(?:vnd\.(?:dev\.(?:cosign|sigstore)|dsse|in-toto|cncf\.notary|cyclonedx|syft)[.+-]|spdx|sarif|jose|cose|pgp)|^text\/spdx/;

/** Signatures, attestations, provenance and bills of materials: about the content, never the content. */
export function isAboutContent(mediaType: string): boolean {
  const essence = essenceOf(mediaType);
  return essence === HELM_PROVENANCE || essence === OCI_EMPTY || NOT_CONTENT.test(essence);
}

/** Where a manifest has layers of one of these types, they are its content: Flux and kluctl, Helm, Timoni. */
const CONTENT_TYPES: readonly string[] = [FLUX_CONTENT, HELM_CHART, TIMONI_CONTENT];

/** The type that is the content; undefined where no layer says so. Helm's legacy type is a plain tar among the rest. */
export const contentTypeOf = (layers: readonly string[]): string | undefined =>
  CONTENT_TYPES.find((type) => layers.includes(type));
