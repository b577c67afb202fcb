import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { LandfallError } from '../errors.ts';
import { sumOf } from '../kernel/read-bytes.ts';
import { DEFAULT_LIMITS, LAYERS } from '../limits.ts';
import type { FileEntry } from '../model/artifact-record.ts';
import { contentDigestOf } from '../model/content-digest.ts';
import { digestFromHex, digestOf } from '../oci/digest.ts';
import { OCI_EMPTY, OCI_LAYER } from '../oci/media-types.ts';
import type { PackedArtifact, PackedBlob } from './packed-artifact.ts';
import { type ManifestAnnotations, packManifest } from './packed-manifest.ts';
import { changed, type SourceFile, unreadable } from './source-file.ts';
import { readSourceTree, type SourceTreeOptions } from './source-tree.ts';

export interface FilesPackOptions extends ManifestAnnotations, Partial<SourceTreeOptions> {
  /** What the artifact is. Default: as oras says, unknown. */
  readonly artifactType?: string;
  /** Of each layer. Default: oras's. */
  readonly mediaType?: string;
}

const TITLE = 'org.opencontainers.image.title';
const EMPTY = Buffer.from('{}');
/** @see https://github.com/oras-project/oras-go/blob/v2.6.0/pack.go */
const UNKNOWN_ARTIFACT = 'application/vnd.unknown.artifact.v1';

async function layerOf(
  { path, location, size }: SourceFile,
  mediaType: string,
): Promise<PackedBlob & { readonly sha256: string }> {
  const read = await sumOf(createReadStream(location)).catch((cause) => {
    throw unreadable(location, cause);
  });
  if (read.size !== size) throw changed(location);
  const digest = digestFromHex('sha256', read.sha256);
  const descriptor = { mediaType, digest, size, annotations: { [TITLE]: path } };
  return { descriptor, open: () => createReadStream(location), sha256: read.sha256 };
}

/**
 * Makes a layer of each file, titled with its path, as `oras push` does: nothing is packed, and any client can take
 * one file alone. Empty folders are left out, and that a file is executable.
 * @throws LandfallError TOO_MANY_FILES, USAGE, and what readSourceTree throws
 */
export async function packFiles(dir: string, options: FilesPackOptions = {}): Promise<PackedArtifact> {
  const { artifactType = UNKNOWN_ARTIFACT, mediaType = OCI_LAYER, limits = DEFAULT_LIMITS } = options;
  const { files } = await readSourceTree(dir, { ...options, limits });
  if (files.length === 0)
    throw new LandfallError('USAGE', `nothing to push in ${dir}: it has no files, or all are ruled out`);
  if (files.length > LAYERS)
    throw new LandfallError(
      'TOO_MANY_FILES',
      `${dir} has ${files.length} files; a manifest has at most ${LAYERS} layers`,
      {
        hint: 'Leave --files out: then they are one layer.',
      },
    );
  const layers: (PackedBlob & { readonly sha256: string })[] = [];
  for (const file of files) layers.push(await layerOf(file, mediaType));
  const config = { mediaType: OCI_EMPTY, digest: digestOf(EMPTY), size: EMPTY.length };
  const entries: readonly FileEntry[] = files.map(({ path, size }, at) => ({
    path,
    size,
    mode: 0o644,
    sha256: layers[at]?.sha256 ?? '',
  }));
  return {
    manifest: packManifest(
      config,
      layers.map(({ descriptor }) => descriptor),
      { ...options, artifactType },
    ),
    config: { descriptor: config, open: () => Readable.from([EMPTY]) },
    layers,
    contentDigest: contentDigestOf(entries, []),
    files: files.length,
    size: files.reduce((sum, { size }) => sum + size, 0),
    dispose: async () => {},
  };
}
