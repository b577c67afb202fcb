import {
  essenceOf,
  FLUX_CONTENT,
  HELM_CHART,
  HELM_CHART_LEGACY,
  HELM_CONFIG,
  HELM_PROVENANCE,
  OCI_EMPTY,
} from '../oci/media-types.ts';

/** How a layer's tar is wrapped; named like the file it would be. */
export type TarKind = 'tar' | 'tar.gz' | 'tar.zst';

export const TIMONI_CONTENT = 'application/vnd.timoni.content.v1.tar+gzip';

/** What ORAS puts on a layer. @see https://github.com/oras-project/oras-go/blob/v2.6.0/content/file/file.go */
export const TITLE = 'org.opencontainers.image.title';
export const ORAS_UNPACK = 'io.deis.oras.content.unpack';

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

/** The layer types that are the content of a known kind of artifact; undefined where the config names none. */
export function contentTypesOf(config: string, layers: readonly string[]): readonly string[] | undefined {
  const has = (type: string): boolean => layers.includes(type);
  if (has(FLUX_CONTENT)) return [FLUX_CONTENT];
  if (has(HELM_CHART)) return [HELM_CHART];
  if (config === HELM_CONFIG && has(HELM_CHART_LEGACY)) return [HELM_CHART_LEGACY];
  if (has(TIMONI_CONTENT)) return [TIMONI_CONTENT];
  return undefined;
}
