import { Readable } from 'node:stream';
import type { CallOptions } from '../kernel/call-options.ts';
import { UnpackBudget } from '../unpack/budget.ts';
import type { PackedLayer } from './layer-file.ts';
import { type LayerInput, type LayerOptions, packLayer } from './pack-layer.ts';
import type { PackedArtifact, PackedBlob } from './packed-artifact.ts';
import type { PackedConfig, PackedManifest } from './packed-manifest.ts';

export interface ArtifactInput extends LayerInput {
  readonly files: readonly { readonly size: number }[];
}

/** What an artifact says of its layer. */
interface Description {
  readonly config: PackedConfig;
  readonly manifest: PackedManifest;
}

/** An artifact of one layer. What `describe` throws leaves no file. @throws LandfallError what packLayer throws; UNPACKED_TOO_LARGE */
export async function packArtifact(
  input: ArtifactInput,
  describe: (layer: PackedBlob['descriptor'], written: PackedLayer) => Description,
  options: CallOptions & LayerOptions,
): Promise<PackedArtifact> {
  const { tar, files, limits } = input;
  new UnpackBudget(limits).takeBytes(tar.size);
  const { layer, written, dispose } = await packLayer(input, options);
  try {
    const { config, manifest } = describe(layer.descriptor, written);
    return {
      manifest,
      config: { descriptor: config.descriptor, open: () => Readable.from([config.bytes]) },
      layers: [layer],
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
