import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import { KiB, MiB } from '../limits.ts';

const deflate = promisify(deflateRaw);

/** What a thread compresses at a time; what fits one is compressed as by zlib's own gzip, byte for byte. */
const PART_BYTES = 1 * MiB;
/** How far back DEFLATE refers. */
const WINDOW_BYTES = 32 * KiB;
const MOST_AT_ONCE = 8;
/** zlib's default, and that of the peers. */
const LEVEL = 6;
/** No name, no time, and 255 for the system, which is "unknown". @see https://www.rfc-editor.org/rfc/rfc1952#section-2.3 */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

interface Part {
  readonly bytes: Buffer;
  readonly isLast: boolean;
}

/** Parts of one size, but for the last. */
async function* partsOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Part> {
  let part = Buffer.allocUnsafe(PART_BYTES);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (filled === PART_BYTES) {
        yield { bytes: part, isLast: false };
        part = Buffer.allocUnsafe(PART_BYTES);
        filled = 0;
      }
      const copied = chunk.copy(part, filled, at);
      filled += copied;
      at += copied;
    }
  }
  yield { bytes: part.subarray(0, filled), isLast: true };
}

/** One part of a stream that goes on: it ends at a byte, and refers back to the part before it. */
const deflated = ({ bytes, isLast }: Part, before: Buffer | undefined): Promise<Buffer> =>
  deflate(bytes, {
    level: LEVEL,
    finishFlush: isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    ...(before !== undefined && { dictionary: before.subarray(-WINDOW_BYTES) }),
  });

/**
 * A gzip stream of one member, whose parts are compressed at the same time, as pigz does: every reader of gzip reads it. What
 * comes out depends on what went in alone, not on how many cores there are or in what pieces it came.
 * @param atOnce parts under way; so many times 2 MiB are in memory
 */
export async function* gzipParts(
  chunks: AsyncIterable<Buffer>,
  atOnce: number = Math.min(availableParallelism() + 1, MOST_AT_ONCE),
): AsyncGenerator<Buffer> {
  const underWay: Promise<Buffer>[] = [];
  let before: Buffer | undefined;
  let sum = 0;
  let size = 0;
  yield Buffer.from(HEADER);
  for await (const part of partsOf(chunks)) {
    sum = crc32(part.bytes, sum);
    size += part.bytes.length;
    const next = deflated(part, before);
    // One that fails while an earlier one is waited for is told when its turn comes.
    next.catch(() => undefined);
    before = part.bytes;
    underWay.push(next);
    if (underWay.length >= atOnce) yield* taken(underWay);
  }
  while (underWay.length > 0) yield* taken(underWay);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield trailer;
}

async function* taken(underWay: Promise<Buffer>[]): AsyncGenerator<Buffer> {
  const first = underWay.shift();
  if (first !== undefined) yield await first;
}
