import type { Limits } from '../limits.ts';
import type { StagedTree } from '../model/artifact-store.ts';
import type { Digest } from '../oci/digest.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import { formatRevision } from '../oci/revision.ts';
import type { RegistryReader } from '../registry/client.ts';
import { limitedReader } from '../registry/limited-reader.ts';
import type { Ref } from '../resolve/ref.ts';
import { resolve } from '../resolve/resolve.ts';
import { type UnpackedTree, unpack } from '../unpack/unpack.ts';
import type { UnpackOptions } from '../unpack/unpack-options.ts';
import type { Progress } from './deps.ts';
import { fetchSelected } from './fetch-manifest.ts';

export interface PullInput {
  readonly repository: Repository;
  readonly ref: Ref;
  readonly unpack: UnpackOptions;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly onProgress?: Progress;
}

/** What was pulled: nothing is visible until the caller commits the staging. */
export interface Pulled {
  readonly url: string;
  readonly revision: string;
  readonly tag: string | null;
  readonly digest: Digest;
  readonly contentDigest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly annotations: Readonly<Record<string, string>>;
  readonly tree: UnpackedTree;
  /** What is worth knowing of the resolution and the layers, and is no failure. */
  readonly notes: readonly string[];
}

/**
 * Resolves, fetches and unpacks into a staging, with no source and no store behind it.
 * @throws LandfallError what resolve, fetchSelected and unpack throw
 */
export async function pull(
  input: PullInput,
  deps: { readonly registry: RegistryReader; readonly staging: StagedTree },
): Promise<Pulled> {
  const { repository, ref, signal, limits, onProgress } = input;
  const { staging } = deps;
  const registry = limitedReader(deps.registry, limits);
  const { tag, digest, notes: noted, ...resolved } = await resolve({ repository, ref }, { registry, signal });
  const notes = [...noted];
  const fetched = 'manifest' in resolved ? resolved.manifest : undefined;
  const selected = await fetchSelected(
    { repository, digest, fetched, unpack: input.unpack, signal },
    registry,
  );
  const tree = await unpack(
    {
      manifest: selected.manifest,
      options: input.unpack,
      limits,
      prefixBytes: 0,
      signal,
      onNote: (note) => notes.push(note),
      ...(onProgress && { onProgress }),
    },
    { openBlob: (layer) => registry.blob(repository, layer, { signal }), staging },
  );
  return {
    url: formatRepository(repository),
    revision: formatRevision(tag, digest),
    tag: tag ?? null,
    digest,
    contentDigest: input.unpack.mode === 'none' ? digest : tree.contentDigest,
    mediaType: selected.mediaType,
    artifactType: selected.artifactType,
    annotations: selected.annotations,
    tree,
    notes,
  };
}
