import { LandfallError } from '../errors.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { type Annotations, type ImageManifest, parseManifest } from '../oci/manifest.ts';
import { readOutline } from '../oci/manifest-outline.ts';
import { OCI_EMPTY } from '../oci/media-types.ts';
import { DEFAULT_PLATFORM, type Platform } from '../oci/platform.ts';
import type { Repository } from '../oci/reference.ts';
import type { FetchedManifest, RegistryReader } from '../registry/client.ts';
import type { UnpackOptions } from '../unpack/unpack-options.ts';
import { followIndex } from './follow-index.ts';

/** A manifest whose layers can be unpacked, and what it was found under. */
export interface SelectedManifest {
  /** What the reference resolved to: of the index, where it is one. */
  readonly digest: Digest;
  /** Of `digest`. */
  readonly mediaType: string;
  readonly artifactType: string | null;
  /** Of the index and, over it, of the manifest chosen. */
  readonly annotations: Annotations;
  /** Set where `digest` is an index: the platform chosen. */
  readonly platform: Platform | undefined;
  /** Without layers where nothing is to be unpacked: then nobody looked for them. */
  readonly manifest: ImageManifest;
  readonly manifestDigest: Digest;
}

export interface FetchManifestInput {
  readonly repository: Repository;
  readonly digest: Digest;
  /** Already fetched while resolving. */
  readonly fetched: FetchedManifest | undefined;
  readonly unpack: Pick<UnpackOptions, 'mode' | 'platform'>;
  readonly signal: AbortSignal;
}

/**
 * Fetches the manifest of `digest`, and through an index the one of a platform. Where nothing is to be unpacked the
 * digest is proven, and nothing is asked of what it stands for.
 * @throws LandfallError MANIFEST_INVALID, PLATFORM_NOT_FOUND and what the registry client throws
 */
export async function fetchSelected(
  input: FetchManifestInput,
  registry: RegistryReader,
): Promise<SelectedManifest> {
  const { repository, digest, signal, unpack } = input;
  const fetch = (wanted: Digest): Promise<FetchedManifest> =>
    registry.manifest(repository, wanted, { signal });
  const top = input.fetched ?? (await fetch(digest));
  if (unpack.mode === 'none') return followed(top);
  const parsed = parseManifest(top.bytes, top.digest, top.contentType);
  const shared = { digest: top.digest, mediaType: parsed.mediaType };
  if (parsed.kind === 'manifest') {
    const { artifactType, annotations } = parsed;
    return {
      ...shared,
      artifactType: artifactType ?? configType(parsed),
      annotations,
      platform: undefined,
      manifest: parsed,
      manifestDigest: top.digest,
    };
  }
  const { platform } = unpack;
  const found = await followIndex({ index: parsed, digest: top.digest, platform }, async (descriptor) => {
    const { bytes, digest: proven, contentType } = await fetch(descriptor.digest);
    return parseManifest(bytes, proven, contentType ?? descriptor.mediaType);
  });
  const { manifest } = found;
  return {
    ...shared,
    artifactType: parsed.artifactType ?? manifest.artifactType ?? configType(manifest),
    annotations: { ...parsed.annotations, ...manifest.annotations },
    platform: platform ?? nameOf(found.platform ?? DEFAULT_PLATFORM),
    manifest,
    manifestDigest: found.digest,
  };
}

/** A version that nobody asked for does not name what is landed: the next build of Windows has another. */
const nameOf = ({ os, architecture, variant }: Platform): Platform => ({
  os,
  architecture,
  ...(variant !== undefined && { variant }),
});

function followed({ bytes, digest, contentType }: FetchedManifest): SelectedManifest {
  const outline = readOutline(bytes, contentType);
  if (outline === undefined) {
    throw new LandfallError(
      'MANIFEST_INVALID',
      `manifest ${digest} is no manifest: it is not JSON that describes one`,
    );
  }
  const { mediaType, artifactType, annotations } = outline;
  const config = { mediaType: OCI_EMPTY, digest: EMPTY_DIGEST, size: EMPTY.length };
  return {
    digest,
    mediaType,
    artifactType: artifactType ?? null,
    annotations,
    platform: undefined,
    manifest: {
      kind: 'manifest',
      mediaType,
      artifactType,
      config,
      layers: [],
      subject: undefined,
      annotations,
    },
    manifestDigest: digest,
  };
}

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidance-for-an-empty-descriptor */
const EMPTY = '{}';
const EMPTY_DIGEST = digestOf(EMPTY);

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage */
const configType = ({ config }: ImageManifest): string | null =>
  config.mediaType === OCI_EMPTY ? null : config.mediaType;
