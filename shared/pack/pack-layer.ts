import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallOptions } from '../kernel/call-options.ts';
import type { Limits } from '../limits.ts';
import type { TarKind } from '../unpack/layer/layer-kinds.ts';
import { type PackedLayer, writeLayerFile } from './layer-file.ts';
import type { PackedBlob } from './packed-artifact.ts';
import { refuseUnlandableRatio } from './refuse-unlandable.ts';
import { unreadable } from './source-file.ts';
import type { TarBytes } from './tar-writer.ts';

export interface LayerInput {
  readonly tar: TarBytes;
  readonly mediaType: string;
  readonly kind: TarKind;
  readonly limits: Limits;
}

/**
 * Compresses a tar into a layer, which is a temporary file until `dispose`.
 * @throws LandfallError LAYER_TOO_LARGE, RATIO_EXCEEDED, INPUT_UNREADABLE, CANCELLED, and leaves nothing
 */
export async function packLayer(
  { tar, mediaType, kind, limits }: LayerInput,
  { signal }: CallOptions,
): Promise<{ readonly layer: PackedBlob; readonly written: PackedLayer; dispose(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-pack-')).catch((cause) => {
    throw unreadable(tmpdir(), cause);
  });
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const location = join(folder, 'layer');
    const written = await writeLayerFile({
      tar: tar.bytes(),
      kind,
      location,
      limits,
      ...(signal && { signal }),
    });
    const descriptor = { mediaType, digest: written.digest, size: written.size };
    refuseUnlandableRatio(descriptor, written.unpacked, limits);
    return { layer: { descriptor, open: () => createReadStream(location) }, written, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
