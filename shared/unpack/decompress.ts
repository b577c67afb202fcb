import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { isLandfallError, LandfallError } from '../errors.ts';
import { KiB, ZSTD_WINDOW_LOG_MAX } from '../limits.ts';
import { essenceOf } from '../oci/media-types.ts';
import { describeBytes, isCompressed, looksGzip, looksZstd } from './magic.ts';
import { zstdFrames } from './zstd-frames.ts';

export type Compression = 'gzip' | 'zstd' | 'none';

/** Takes decompressed bytes in order; a promise asks for a pause. */
export type ByteSink = (chunk: Uint8Array) => void | Promise<void>;

/** Default 16 KiB pieces cost twice the time; more than this gains little and costs memory. */
const CHUNK_BYTES = 128 * KiB;
/** Enough to see the magic of everything that is known, a tar's at byte 257 included. */
const HEAD_BYTES = 512;

const GZIP = /(?:[+.](?:gzip|gz|tgz)|[/](?:x-)?(?:gzip|tgz|gtar-compressed))$/;
const ZSTD = /(?:[+.](?:zstd|zst)|[/](?:x-)?zstd)$/;

/** The compression that a media type promises, by its suffix: `…tar+gzip`, Docker's `…tar.gzip`, `…tar+zstd`, else none. */
export function compressionOf(mediaType: string): Compression {
  const type = essenceOf(mediaType);
  if (GZIP.test(type)) return 'gzip';
  return ZSTD.test(type) ? 'zstd' : 'none';
}

function checkHead(head: Uint8Array, compression: Compression): void {
  const fits = { gzip: looksGzip(head), zstd: looksZstd(head), none: !isCompressed(head) }[compression];
  if (fits) return;
  const wanted = compression === 'none' ? 'uncompressed' : compression;
  throw new LandfallError(
    'COMPRESSION_INVALID',
    `the media type says ${wanted}, but the content is ${describeBytes(head)}`,
    { hint: 'Push it again with the media type that fits the content.' },
  );
}

/** Holds back just enough of the start to see whether it is what the media type says. */
async function* checked(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of source) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    if (head.length < HEAD_BYTES) continue;
    checkHead(head, compression);
    yield head;
    head = undefined;
  }
  if (head === undefined) return;
  checkHead(head, compression);
  yield head;
}

const broken = (compression: Compression, cause: unknown): LandfallError =>
  new LandfallError(
    'COMPRESSION_INVALID',
    `the ${compression} stream is broken: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause, hint: 'The layer was pushed broken; build and push it again.' },
  );

async function through(
  source: AsyncIterable<Uint8Array>,
  compression: 'gzip' | 'zstd',
  sink: ByteSink,
): Promise<void> {
  let fed = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of compression === 'zstd' ? zstdFrames(source) : source) {
      fed += chunk.length;
      yield chunk;
    }
  }
  const transform =
    compression === 'gzip'
      ? createGunzip({ chunkSize: CHUNK_BYTES })
      : createZstdDecompress({
          chunkSize: CHUNK_BYTES,
          params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
        });
  await pipeline(counted, transform, async (output: AsyncIterable<Uint8Array>) => {
    for await (const chunk of output) await sink(chunk);
  });
  // Gunzip ignores zeros after the last member, and everything behind them.
  if (transform.bytesWritten !== fed)
    throw new Error(`${fed - transform.bytesWritten} bytes follow its last member`);
}

/**
 * Decompresses all of `source` into `sink`: every gzip member, every zstd frame, and nothing may follow the last.
 * Resolves after the source's true end. What the source or the sink throws comes out as it is; the sink's at once, even
 * while the source stalls, which is then left for the caller to end.
 * @throws LandfallError COMPRESSION_INVALID
 */
export async function decompress(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
  sink: ByteSink,
): Promise<void> {
  const head = checked(source, compression);
  if (compression === 'none') {
    for await (const chunk of head) await sink(chunk);
    return;
  }
  const refused = Promise.withResolvers<never>();
  let isRefused = false;
  const guarded = async (chunk: Uint8Array): Promise<void> => {
    try {
      await sink(chunk);
    } catch (error) {
      isRefused = true;
      refused.reject(error);
      throw error;
    }
  };
  try {
    await Promise.race([through(head, compression, guarded), refused.promise]);
  } catch (error) {
    throw isRefused || isLandfallError(error) ? error : broken(compression, error);
  }
}
