import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type Duplex, PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { MiB } from '../../../shared/limits.ts';
import { type Digest, digestFromHex } from '../../../shared/oci/digest.ts';
import type { CorpusFile } from './corpus.ts';

export type LayerCompression = 'gzip' | 'zstd';

/** A layer in a file. */
export interface Layer {
  readonly location: string;
  readonly compression: LayerCompression;
  readonly digest: Digest;
  /** Of the archive before it was compressed. */
  readonly diffId: Digest;
  /** Compressed bytes. */
  readonly size: number;
  readonly tarBytes: number;
}

const compressor = (compression: LayerCompression): Duplex =>
  compression === 'gzip'
    ? createGzip({ level: 6, chunkSize: 1 * MiB })
    : createZstdCompress({ chunkSize: 1 * MiB, params: { [constants.ZSTD_c_compressionLevel]: 3 } });

async function feed(tar: Pack, files: readonly CorpusFile[]): Promise<void> {
  for (const { path, size, pieces } of files) {
    const done = Promise.withResolvers<void>();
    const entry = tar.entry({ name: path, size, mode: 0o644, mtime: new Date(0) }, (error) =>
      error ? done.reject(error) : done.resolve(),
    );
    for (const piece of pieces()) {
      if (!entry.write(piece)) await new Promise<void>((resolve) => entry.once('drain', () => resolve()));
    }
    entry.end(null);
    await done.promise;
  }
  tar.finalize();
}

/** Hashes and counts what passes. */
function tally() {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* through(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  return { through, finish: () => ({ digest: digestFromHex('sha256', hash.digest('hex')), bytes }) };
}

/** Writes files as a compressed tar, in memory that does not grow with them. */
export async function writeLayer(
  files: readonly CorpusFile[],
  { location, compression }: Pick<Layer, 'location' | 'compression'>,
): Promise<Layer> {
  const tar = pack();
  const [plain, packed] = [tally(), tally()];
  await Promise.all([
    feed(tar, files),
    pipeline(
      tar.pipe(new PassThrough({ highWaterMark: 1 * MiB })),
      plain.through,
      compressor(compression),
      packed.through,
      createWriteStream(location),
    ),
  ]);
  const { digest: diffId, bytes: tarBytes } = plain.finish();
  const { digest, bytes: size } = packed.finish();
  return { location, compression, digest, diffId, size, tarBytes };
}
