import { LandfallError } from '../../errors.ts';
import { ZSTD_FRAMES, ZSTD_WINDOW_LOG_MAX } from '../../limits.ts';

const EMPTY_FRAME = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x00, 0x01, 0x00, 0x00);
const FRAME_MAGIC = 0xfd2fb528;
/** 0x184D2A50 to 0x184D2A5F. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const MAGIC_BYTES = 4;
const SKIPPABLE_HEADER_BYTES = 8;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** Magic, descriptor, window, dictionary id, content size. */
const HEADER_BYTES = 4 + 1 + 1 + 4 + 8;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const BLOCK_RLE = 1;
const BLOCK_RESERVED = 3;

const invalid = (why: string): LandfallError =>
  new LandfallError('COMPRESSION_INVALID', `zstd stream ${why}`);

/** Bytes of the header that begins `head`, as far as can be told; more than `head.length` asks for more. */
function headerBytes(head: Buffer): number {
  if (head.length < MAGIC_BYTES) return MAGIC_BYTES;
  const magic = head.readUInt32LE(0);
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) return SKIPPABLE_HEADER_BYTES;
  if (magic !== FRAME_MAGIC)
    throw invalid(`has something other than a frame after its last frame or at its start`);
  const descriptor = head[4];
  if (descriptor === undefined) return MAGIC_BYTES + 1;
  const single = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const contentSize = sizeFlag === 0 ? (single ? 1 : 0) : 1 << sizeFlag;
  return MAGIC_BYTES + 1 + (single ? 0 : 1) + (DICTIONARY_ID_BYTES[descriptor & 3] ?? 0) + contentSize;
}

/** The content size a frame declares, in bytes: only used to bound the window, never to allocate. */
function contentSizeAt(head: Buffer, at: number): number {
  const bytes = head.length - at;
  if (bytes === 8) return Number(head.readBigUInt64LE(at));
  if (bytes === 2) return head.readUInt16LE(at) + 256;
  return bytes === 0 ? 0 : head.readUIntLE(at, bytes);
}

/**
 * Refuses what would let the sender choose our memory or need something we do not have.
 * @returns whether a checksum follows the last block
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.1
 */
function checkFrameHeader(head: Buffer): boolean {
  const descriptor = head[MAGIC_BYTES] ?? 0;
  if ((descriptor & 0x08) !== 0) throw invalid('sets a reserved bit in a frame header');
  let at = MAGIC_BYTES + 1;
  const single = (descriptor & 0x20) !== 0;
  const window = head[at] ?? 0;
  if (!single) at += 1;
  const dictionaryBytes = DICTIONARY_ID_BYTES[descriptor & 3] ?? 0;
  if (dictionaryBytes > 0 && head.readUIntLE(at, dictionaryBytes) !== 0)
    throw invalid('needs a dictionary, which an artifact cannot carry');
  at += dictionaryBytes;
  const base = 2 ** (10 + (window >> 3));
  const windowBytes = single ? contentSizeAt(head, at) : base + (base / 8) * (window & 7);
  if (windowBytes > 2 ** ZSTD_WINDOW_LOG_MAX)
    throw invalid(`asks for a window of ${windowBytes} bytes, more than 2^${ZSTD_WINDOW_LOG_MAX}`);
  return (descriptor & 0x04) !== 0;
}

type Expecting = 'header' | 'block-header' | 'block' | 'checksum' | 'skippable';

/**
 * Cuts a zstd stream at the ends of its frames, reading no more than headers, and leaves skippable frames out.
 * It exists because node:zlib ignores whatever follows a frame in the same write, and takes that for the end.
 * @see https://github.com/nodejs/node/issues/64741
 */
export class ZstdFrames {
  readonly #head = Buffer.alloc(HEADER_BYTES);
  #filled = 0;
  #expecting: Expecting = 'header';
  #remaining = 0;
  #blockHeader = 0;
  #isLastBlock = false;
  #hasChecksum = false;
  #frames = 0;
  #dataFrames = 0;

  /** Pieces for the decompressor, none of them reaching over the end of a frame. Some are views of `chunk`. */
  *split(chunk: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let at = 0; at < chunk.length; ) {
      if (this.#expecting === 'header') {
        const header = this.#takeHeader(chunk[at] ?? 0);
        at += 1;
        from = at;
        if (header !== undefined) yield header;
        continue;
      }
      const wasSkippable = this.#expecting === 'skippable';
      at = this.#expecting === 'block-header' ? this.#takeBlockHeader(chunk, at) : this.#pass(chunk, at);
      if (wasSkippable) from = at;
      const frameEnded = (this.#expecting as Expecting) === 'header';
      if (from < at && (frameEnded || at === chunk.length)) yield chunk.subarray(from, at);
    }
  }

  /** Whether there was a frame that is decompressed. */
  get hasData(): boolean {
    return this.#dataFrames > 0;
  }

  /** @throws LandfallError COMPRESSION_INVALID where the stream ends inside a frame */
  finish(): void {
    if (this.#expecting !== 'header' || this.#filled > 0) throw invalid('ends in the middle of a frame');
  }

  #takeHeader(byte: number): Uint8Array | undefined {
    this.#head[this.#filled] = byte;
    this.#filled += 1;
    const head = this.#head.subarray(0, this.#filled);
    if (this.#filled < MAGIC_BYTES || headerBytes(head) > this.#filled) return undefined;
    this.#filled = 0;
    this.#frames += 1;
    if (this.#frames > ZSTD_FRAMES) throw invalid(`has more than ${ZSTD_FRAMES} frames`);
    if (head.readUInt32LE(0) !== FRAME_MAGIC) {
      this.#expect('skippable', head.readUInt32LE(MAGIC_BYTES));
      return undefined;
    }
    this.#dataFrames += 1;
    this.#hasChecksum = checkFrameHeader(head);
    this.#expect('block-header', BLOCK_HEADER_BYTES);
    return Buffer.from(head);
  }

  /** Three bytes, little endian: last, type, size. @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.2 */
  #takeBlockHeader(chunk: Uint8Array, at: number): number {
    const shift = (BLOCK_HEADER_BYTES - this.#remaining) * 8;
    this.#blockHeader |= (chunk[at] ?? 0) << shift;
    this.#remaining -= 1;
    if (this.#remaining > 0) return at + 1;
    const type = (this.#blockHeader >> 1) & 3;
    if (type === BLOCK_RESERVED) throw invalid('has a block of a reserved type');
    this.#isLastBlock = (this.#blockHeader & 1) === 1;
    this.#expect('block', type === BLOCK_RLE ? 1 : this.#blockHeader >> 3);
    return at + 1;
  }

  #pass(chunk: Uint8Array, at: number): number {
    const next = Math.min(chunk.length, at + this.#remaining);
    this.#remaining -= next - at;
    if (this.#remaining === 0) this.#advance();
    return next;
  }

  /** Goes on to what follows; a block or a skippable frame may be empty. */
  #expect(what: Expecting, bytes: number): void {
    this.#expecting = what;
    this.#remaining = bytes;
    this.#blockHeader = 0;
    if (bytes === 0) this.#advance();
  }

  #advance(): void {
    if (this.#expecting !== 'block') this.#expecting = 'header';
    else if (!this.#isLastBlock) this.#expect('block-header', BLOCK_HEADER_BYTES);
    else if (this.#hasChecksum) this.#expect('checksum', CHECKSUM_BYTES);
    else this.#expecting = 'header';
  }
}

/** {@link ZstdFrames} over a whole stream. */
export async function* zstdFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frames = new ZstdFrames();
  for await (const chunk of source) yield* frames.split(chunk);
  frames.finish();
  // Skippable frames alone hold nothing, for the zstd program too; node:zlib wants a frame to say so.
  if (!frames.hasData) yield EMPTY_FRAME;
}
