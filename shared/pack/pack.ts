import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { LandfallError } from '../errors.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { FLUX_CONTENT, HELM_CHART } from '../oci/media-types.ts';
import { UnpackBudget } from '../unpack/budget.ts';
import { type TarKind, tarKindOf } from '../unpack/layer/layer-kinds.ts';
import { writeLayerFile } from './layer-file.ts';
import {
  type ManifestAnnotations,
  type PackedManifest,
  packConfig,
  packManifest,
} from './packed-manifest.ts';
import { refuseUnlandableNames, refuseUnlandableRatio } from './refuse-unlandable.ts';
import { unreadable } from './source-file.ts';
import { readSourceTree, type SourceTreeOptions } from './source-tree.ts';
import { writeTar } from './tar-writer.ts';

export interface PackOptions extends ManifestAnnotations, Partial<SourceTreeOptions> {
  /** Of the layer; its suffix decides the compression. Default: Flux's and kluctl's. */
  readonly mediaType?: string;
  /** Of the config, which says nothing in any case. Default: Flux's; an image's makes an image of it. */
  readonly configMediaType?: string;
  /** Called with the bytes of the archive that are packed, of all there will be. */
  readonly onPacked?: (bytes: number, size: number) => void;
}

/** Bytes that can be read more than once. */
export interface PackedBlob {
  readonly descriptor: Descriptor;
  readonly open: () => Readable;
}

/** An artifact ready to push. Its layer is a temporary file, gone with `dispose`. */
export interface PackedArtifact {
  readonly manifest: PackedManifest;
  readonly config: PackedBlob;
  readonly layer: PackedBlob;
  /** What unpacking it gives. */
  readonly contentDigest: Digest;
  readonly files: number;
  /** Sum of the files' sizes, in bytes. */
  readonly size: number;
  dispose(): Promise<void>;
}

/**
 * Packs a folder, or one file, into an artifact that Flux and kluctl read: the same bytes for the same files, whoever
 * packs them, when and where. What could not be unpacked again within the limits is refused here, before anything is
 * sent, with the code that unpacking would give.
 * @throws LandfallError what readSourceTree and writeLayerFile throw; USAGE where nothing is left to pack;
 * ENTRY_REFUSED, RATIO_EXCEEDED, UNPACKED_TOO_LARGE, CONFIG_INVALID, MEDIA_TYPE_UNSUPPORTED
 */
export async function packDirectory(dir: string, options: PackOptions = {}): Promise<PackedArtifact> {
  const mediaType = options.mediaType ?? FLUX_CONTENT;
  const kind = kindOf(mediaType);
  const limits = options.limits ?? DEFAULT_LIMITS;
  const tree = await readSourceTree(dir, { ...options, limits });
  const { files } = tree;
  if (files.length === 0)
    throw new LandfallError('USAGE', `nothing to pack in ${dir}: it has no files, or all are ruled out`);
  refuseUnlandableNames(tree, mediaType);
  const tar = writeTar(files, tree.folders);
  new UnpackBudget(limits).takeBytes(tar.size);
  const folder = await mkdtemp(join(tmpdir(), 'landfall-pack-')).catch((cause) => {
    throw unreadable(tmpdir(), cause);
  });
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const location = join(folder, 'layer');
    const { signal } = options;
    const written = await writeLayerFile({
      tar: counted(tar.bytes(), (bytes) => options.onPacked?.(bytes, tar.size)),
      kind,
      location,
      limits,
      ...(signal && { signal }),
    });
    const layer: Descriptor = { mediaType, digest: written.digest, size: written.size };
    refuseUnlandableRatio(layer, written.unpacked, limits);
    const config = packConfig(options.created, written.diffId, options.configMediaType);
    return {
      manifest: packManifest(config.descriptor, layer, options),
      config: { descriptor: config.descriptor, open: () => Readable.from([config.bytes]) },
      layer: { descriptor: layer, open: () => createReadStream(location) },
      contentDigest: tar.contentDigest(),
      files: files.length,
      size: files.reduce((sum, file) => sum + file.size, 0),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function* counted<T extends Uint8Array>(
  chunks: AsyncIterable<T>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<T> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    onBytes(bytes);
    yield chunk;
  }
}

function kindOf(mediaType: string): TarKind {
  if (mediaType === HELM_CHART) {
    throw new LandfallError(
      'MEDIA_TYPE_UNSUPPORTED',
      'a folder is no chart that Helm would read: it wants its own config and archive',
      {
        hint: 'Push charts with: helm package DIR && helm push CHART.tgz oci://…; leave --media-type out for manifests.',
      },
    );
  }
  const kind = tarKindOf(mediaType);
  if (kind !== undefined) return kind;
  throw new LandfallError(
    'MEDIA_TYPE_UNSUPPORTED',
    `media type ${JSON.stringify(mediaType)} is not a tar’s`,
    {
      hint: 'Give one that ends in tar, tar+gzip or tar+zstd.',
    },
  );
}
