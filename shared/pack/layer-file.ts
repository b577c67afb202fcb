import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { LandfallError, messageOf } from '../errors.ts';
import { cancelled } from '../kernel/cancelled.ts';
import { KiB, type Limits } from '../limits.ts';
import { type Digest, digestFromHex } from '../oci/digest.ts';
import type { TarKind } from '../unpack/layer/layer-kinds.ts';
import { gzipParts } from './gzip-parts.ts';

export interface PackedLayer {
  readonly digest: Digest;
  readonly size: number;
  /** Of the tar before compression. */
  readonly diffId: Digest;
  /** Bytes of the tar. */
  readonly unpacked: number;
}

export interface LayerFileInput {
  readonly tar: AsyncIterable<Buffer>;
  readonly kind: TarKind;
  readonly location: string;
  readonly limits: Limits;
  readonly signal?: AbortSignal;
}

const CHUNK_BYTES = 256 * KiB;

const zstd = () =>
  createZstdCompress({ chunkSize: CHUNK_BYTES, params: { [constants.ZSTD_c_compressionLevel]: 3 } });

/**
 * Compresses a tar into a file, hashing both sides on the way; memory does not grow with it. Equal tars give equal
 * bytes with the same Node; the digest of the content does not depend even on that.
 * @throws LandfallError LAYER_TOO_LARGE, INPUT_UNREADABLE, CANCELLED
 */
export async function writeLayerFile(input: LayerFileInput): Promise<PackedLayer> {
  const { tar, kind, location, limits, signal } = input;
  const plain = createHash('sha256');
  const packed = createHash('sha256');
  let size = 0;
  let unpacked = 0;
  const hashing = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      plain.update(chunk);
      unpacked += chunk.length;
      yield chunk;
    }
  };
  const sealing = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > limits.layerBytes) throw tooLarge(limits);
      packed.update(chunk);
      yield chunk;
    }
  };
  const out = createWriteStream(location, { flags: 'wx', mode: 0o600 });
  const options = signal ? { signal } : {};
  try {
    const plainTar = hashing(tar);
    if (kind === 'tar.zst') await pipeline(plainTar, zstd(), sealing, out, options);
    else await pipeline(kind === 'tar' ? plainTar : gzipParts(plainTar), sealing, out, options);
  } catch (error) {
    throw explain(error, signal);
  }
  return {
    digest: digestFromHex('sha256', packed.digest('hex')),
    size,
    diffId: digestFromHex('sha256', plain.digest('hex')),
    unpacked,
  };
}

const tooLarge = ({ layerBytes }: Limits): LandfallError =>
  new LandfallError('LAYER_TOO_LARGE', `the packed layer is larger than layerBytes = ${layerBytes}`, {
    hint: 'Rule out what need not be deployed with --ignore or .sourceignore.',
  });

function explain(error: unknown, signal: AbortSignal | undefined): LandfallError {
  if (signal?.aborted) return cancelled('packing', signal);
  if (error instanceof LandfallError) return error;
  const message = messageOf(error);
  return new LandfallError('INPUT_UNREADABLE', `packing failed: ${message}`, {
    cause: error,
    hint: 'Check the files and the free space of the temporary folder.',
  });
}
