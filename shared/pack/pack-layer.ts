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

export interface LayerOptions {
  /** Called with the bytes of the archive that are packed, of all there will be. */
  readonly onPacked?: (bytes: number, size: number) => void;
}

/**
 * Compresses a tar into a layer, which is a temporary file until `dispose`.
 * @throws LandfallError LAYER_TOO_LARGE, RATIO_EXCEEDED, INPUT_UNREADABLE, CANCELLED, and leaves nothing
 */
export async function packLayer(
  { tar, mediaType, kind, limits }: LayerInput,
  { signal, onPacked }: CallOptions & LayerOptions,
): Promise<{ readonly layer: PackedBlob; readonly written: PackedLayer; dispose(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-pack-')).catch((cause) => {
    throw unreadable(tmpdir(), cause);
  });
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const location = join(folder, 'layer');
    const written = await writeLayerFile({
      tar: counted(tar.bytes(), (bytes) => onPacked?.(bytes, tar.size)),
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
