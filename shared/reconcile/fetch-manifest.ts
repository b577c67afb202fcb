import { LandfallError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { type ImageManifest, parseManifest } from '../oci/manifest.ts';
import { DEFAULT_PLATFORM, type Platform } from '../oci/platform.ts';
import type { Repository } from '../oci/reference.ts';
import { selectPlatform } from '../oci/select-platform.ts';
import type { FetchedManifest, RegistryReader } from '../registry/client.ts';

/** A manifest whose layers can be unpacked, and what it was found under. */
export interface SelectedManifest {
  /** What the reference resolved to: of the index, where it is one. */
  readonly digest: Digest;
  /** Of `digest`. */
  readonly mediaType: string;
  readonly artifactType: string | null;
  /** Of the index and, over it, of the manifest chosen. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Set where `digest` is an index: the platform chosen. */
  readonly platform: Platform | undefined;
  readonly manifest: ImageManifest;
  readonly manifestDigest: Digest;
}

export interface FetchManifestInput {
  readonly repository: Repository;
  readonly digest: Digest;
  /** Already fetched while resolving. */
  readonly fetched: FetchedManifest | undefined;
  readonly platform: Platform | undefined;
  readonly signal: AbortSignal;
}

/**
 * Fetches the manifest of `digest`, and through an index the one of a platform. An index inside an index is refused:
 * nobody pushes one on purpose, and depth is the sender's choice.
 * @throws LandfallError MANIFEST_INVALID, PLATFORM_NOT_FOUND and what the registry client throws
 */
export async function fetchManifest(
  input: FetchManifestInput,
  registry: RegistryReader,
): Promise<SelectedManifest> {
  const { repository, digest, signal } = input;
  const top = input.fetched ?? (await registry.manifest(repository, digest, { signal }));
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
  const chosen = selectPlatform(parsed.manifests, input.platform);
  const child = await registry.manifest(repository, chosen.digest, { signal });
  const manifest = parseManifest(child.bytes, child.digest, child.contentType);
  if (manifest.kind === 'index') {
    throw new LandfallError(
      'MANIFEST_INVALID',
      `index ${top.digest} points at another index, ${child.digest}`,
    );
  }
  return {
    ...shared,
    artifactType: parsed.artifactType ?? manifest.artifactType ?? configType(manifest),
    annotations: { ...parsed.annotations, ...manifest.annotations },
    platform: input.platform ?? chosen.platform ?? DEFAULT_PLATFORM,
    manifest,
    manifestDigest: child.digest,
  };
}

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage */
const configType = ({ config }: ImageManifest): string | null =>
  config.mediaType === 'application/vnd.oci.empty.v1+json' ? null : config.mediaType;
