import { startGrace } from '../kernel/grace.ts';
import type { ArtifactRecord } from '../model/artifact-record.ts';
import type { ArtifactStore, Staging } from '../model/artifact-store.ts';
import type { ArtifactId } from '../model/ids.ts';
import type { RegistryReader } from '../registry/client.ts';
import type { Source } from '../source/source.ts';
import { filesPrefix } from '../store/layout.ts';
import { unpack } from '../unpack/unpack.ts';
import { variantOf } from '../unpack/variant.ts';
import type { Progress, ReconcileDeps } from './deps.ts';
import type { SelectedManifest } from './fetch-manifest.ts';

export interface LandInput {
  readonly source: Pick<Source, 'repository' | 'unpack' | 'limits'>;
  readonly selected: SelectedManifest;
  readonly signal: AbortSignal;
}

export interface LandDeps {
  readonly registry: RegistryReader;
  readonly artifacts: ArtifactStore;
  readonly onProgress?: Progress;
  /** Called with what is worth knowing of a layer and is no failure: one that is not what its media type says. */
  readonly onNote?: (note: string) => void;
}

export const landDeps = (source: Source, deps: ReconcileDeps): LandDeps => ({
  registry: deps.registry,
  artifacts: deps.store.artifacts,
  onNote: (note) => deps.onNote?.(source, note, 'unpacked'),
  ...(deps.onProgress && { onProgress: deps.onProgress }),
});

export const artifactIdOf = ({ source, selected }: Pick<LandInput, 'source' | 'selected'>): ArtifactId => ({
  digest: selected.digest,
  variant: variantOf(source.unpack, selected.platform),
});

/** The committed artifact of a manifest: the one already there, or unpacked now. */
export function land(input: LandInput, deps: LandDeps): Promise<ArtifactRecord> {
  const id = artifactIdOf(input);
  return landOnce(id, deps.artifacts, input.signal, (staging) => stageRecord(input, id, staging, deps));
}

async function stageRecord(
  { source, selected, signal }: LandInput,
  id: ArtifactId,
  staging: Staging,
  { registry, onProgress, onNote }: LandDeps,
): Promise<ArtifactRecord> {
  const tree = await unpack(
    {
      manifest: selected.manifest,
      options: source.unpack,
      limits: source.limits,
      prefixBytes: Buffer.byteLength(filesPrefix(id)),
      signal,
      ...(onProgress && { onProgress }),
      ...(onNote && { onNote }),
    },
    { openBlob: (layer) => registry.blob(source.repository, layer, { signal }), staging },
  );
  return {
    formatVersion: 1,
    digest: selected.digest,
    variant: id.variant,
    manifest: selected.manifestDigest,
    mediaType: selected.mediaType,
    artifactType: selected.artifactType,
    annotations: selected.annotations,
    // Without files there is nothing to compare, so the content is the manifest itself.
    contentDigest: source.unpack.mode === 'none' ? selected.digest : tree.contentDigest,
    size: tree.size,
    layers: tree.layers,
    files: tree.files,
    links: tree.links,
    ...(tree.folders && { folders: tree.folders }),
    ...(tree.leftOut && { leftOut: tree.leftOut }),
  };
}

/** What was cut off may take this long to clear its staging away; collect finds what is left. */
const DISCARD_MS = 1_500;

/**
 * The commit record of an artifact: of the one already there, or of what `stageRecord` stages now. Files first, the record
 * last; whatever goes wrong in between leaves nothing behind. Throws what `stageRecord` and the store throw.
 */
export async function landOnce(
  id: ArtifactId,
  artifacts: ArtifactStore,
  signal: AbortSignal,
  stageRecord: (staging: Staging) => Promise<ArtifactRecord>,
): Promise<ArtifactRecord> {
  const there = await artifacts.record(id, { signal });
  if (there !== undefined) return there;
  const staging = await artifacts.stage(id, { signal });
  try {
    const record = await stageRecord(staging);
    if ((await staging.commit(record)) === 'committed') return record;
    return (await artifacts.record(id, { signal })) ?? record;
  } finally {
    using grace = startGrace(signal, DISCARD_MS);
    await staging.discard({ signal: grace.signal });
  }
}
