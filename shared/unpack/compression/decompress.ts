import { pipeline } from 'node:stream/promises';
import { constants } from 'node:zlib';
import { isLandfallError, LandfallError, messageOf } from '../../errors.ts';
import { KiB } from '../../limits.ts';
import { describeBytes, isCompressed, looksTar } from '../magic.ts';
import { BLOCK_BYTES, isZero, readBlock } from '../tar/tar-block.ts';
import { COMPRESSIONS, type Compression, type CompressionName } from './compressions.ts';
import { type ByteOutput, type DecompressParts, decompressReusing, zlibParts } from './reused-buffer.ts';

export type { ByteOutput, ByteSink } from './reused-buffer.ts';

/** Default 16 KiB pieces cost twice the time; more than this gains little and costs memory. */
const CHUNK_BYTES = 128 * KiB;
const REPACK = 'Push the layer as a plain tar, or compressed with gzip or zstd.';

/** Holds back just enough of the start to see what it is: a block, which holds every magic that is known. */
async function peek(
  source: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: Buffer; readonly whole: AsyncIterable<Uint8Array> }> {
  const chunks = source[Symbol.asyncIterator]();
  let first: Uint8Array = new Uint8Array(0);
  while (first.length < BLOCK_BYTES) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    first = first.length === 0 ? value : Buffer.concat([first, value]);
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    if (first.length > 0) yield first;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  }
  return { head: Buffer.from(first.buffer, first.byteOffset, first.byteLength), whole: whole() };
}

/** By its checksum, for v7's headers have no magic; the end of an archive will do. */
function beginsTar(head: Buffer): boolean {
  const block = head.subarray(0, BLOCK_BYTES);
  return block.length === BLOCK_BYTES && (isZero(block) || readBlock(block) !== undefined);
}

/**
 * What a stream is, by its first block (less only where the stream is shorter). The digest proves the bytes, so they
 * count, and what the media type promised only helps to tell what went wrong.
 * @throws LandfallError COMPRESSION_INVALID
 */
function recognize(head: Buffer, promised: CompressionName | 'none' | undefined): Compression | undefined {
  const found = COMPRESSIONS.find(({ begins }) => begins(head));
  if (found !== undefined) {
    // GNU tar sees the archive first, everybody else the compression.
    if (beginsTar(head)) throw refused(`the content begins like ${found.name} and like a tar archive alike`);
    return found;
  }
  if (isCompressed(head)) throw refused(`the content is ${describeBytes(head)}, which is not read here`);
  const isPromised = promised !== undefined && promised !== 'none';
  if (isPromised && head.length > 0 && !looksTar(head) && !beginsTar(head))
    throw refused(`the media type says ${promised}, but the content is ${describeBytes(head)}`);
  return undefined;
}

const refused = (why: string): LandfallError =>
  new LandfallError('COMPRESSION_INVALID', why, { hint: REPACK });

/** What a decompressor says, or does, where something that is no part of the stream follows it. */
const FOLLOWED = 'something follows its last member';
const isFollowed = (error: unknown): boolean =>
  error instanceof Error &&
  // Gunzip ends at zeros, and its writer is then told that it was cut off.
  (('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE') ||
    error.message === 'incorrect header check');

function broken({ name }: Compression, cause: unknown): LandfallError {
  const said = messageOf(cause);
  const why = isFollowed(cause) ? FOLLOWED : said;
  return new LandfallError('COMPRESSION_INVALID', `the ${name} stream is broken: ${why}`, {
    cause,
    hint: 'The layer was pushed broken; build and push it again.',
  });
}

/** As the documented streams of node:zlib do, where what they are made of is not as it is known. */
async function throughStream(
  source: AsyncIterable<Uint8Array>,
  transform: ReturnType<Compression['open']>,
  { sink }: ByteOutput,
): Promise<number> {
  let fed = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      fed += chunk.length;
      yield chunk;
    }
  }
  await pipeline(counted, transform, async (output: AsyncIterable<Uint8Array>) => {
    for await (const chunk of output) await sink(chunk);
  });
  return fed - transform.bytesWritten;
}

/** A decompressor, with its parts where they are known: it makes no pieces of its own then, and needs no room for them. */
function opened({ open }: Compression): { transform: ReturnType<typeof open>; parts?: DecompressParts } {
  const transform = open(constants.Z_MIN_CHUNK);
  const parts = zlibParts(transform);
  if (parts !== undefined) return { transform, parts };
  transform.destroy();
  return { transform: open(CHUNK_BYTES) };
}

async function through(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
  output: ByteOutput,
): Promise<void> {
  const { transform, parts } = opened(compression);
  try {
    const pieces = compression.cut(source);
    const unused =
      parts === undefined
        ? await throughStream(pieces, transform, output)
        : await decompressReusing(pieces, parts, output);
    // Gunzip ignores zeros after the last member, and everything behind them.
    if (unused > 0) throw new Error(FOLLOWED);
  } finally {
    transform.destroy();
  }
}

/**
 * Decompresses all of `source` into the sink: every gzip member, every zstd frame, and nothing may follow the last; what
 * is no compressed stream comes as it is. Resolves after the source's true end, to the compression that was found.
 * What the source or the sink throws comes out as it is; the sink's at once, even while the source stalls, which is
 * then left for the caller to end.
 * @throws LandfallError COMPRESSION_INVALID
 */
export async function decompress(
  source: AsyncIterable<Uint8Array>,
  promised: CompressionName | 'none' | undefined,
  { sink, room }: ByteOutput,
): Promise<CompressionName | 'none'> {
  const { head, whole } = await peek(source);
  const compression = recognize(head, promised);
  if (compression === undefined) {
    for await (const chunk of whole) await sink(chunk);
    return 'none';
  }
  const failed = Promise.withResolvers<never>();
  let isFailed = false;
  const guarded = async (chunk: Uint8Array): Promise<void> => {
    try {
      await sink(chunk);
    } catch (error) {
      isFailed = true;
      failed.reject(error);
      throw error;
    }
  };
  try {
    await Promise.race([through(whole, compression, { sink: guarded, room }), failed.promise]);
  } catch (error) {
    throw isFailed || isLandfallError(error) ? error : broken(compression, error);
  }
  return compression.name;
}
