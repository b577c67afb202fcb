import type { Readable } from 'node:stream';
import { isLandfallError, LandfallError, messageOf } from '../../errors.ts';
import { cancelled } from '../../kernel/cancelled.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { describeBytes } from '../magic.ts';
import { ContentVerifier } from './verify-content.ts';

export interface LayerBlobOptions {
  readonly signal?: AbortSignal;
  /** Compressed bytes read so far. */
  readonly onProgress?: (compressedBytes: number) => void;
}

/** These say that the bytes make no sense, which is only the sender's fault if they are the bytes that were promised. */
const SENSELESS = new Set(['COMPRESSION_INVALID', 'ARCHIVE_INVALID']);
const HEAD_BYTES = 512;

/**
 * A blob's bytes on their way in: counted and hashed, proven at the true end. Iterate it once; a reader that gives up
 * leaves the rest readable for `judge`.
 */
export class LayerBlob implements AsyncIterable<Uint8Array> {
  readonly #blob: Readable;
  readonly #descriptor: Descriptor;
  readonly #options: LayerBlobOptions;
  readonly #verifier: ContentVerifier;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #abort: () => void;
  #head: Buffer = Buffer.alloc(0);
  #state: 'reading' | 'proven' | 'failed' = 'reading';

  constructor(blob: Readable, descriptor: Descriptor, options: LayerBlobOptions = {}) {
    this.#blob = blob;
    this.#descriptor = descriptor;
    this.#options = options;
    this.#verifier = new ContentVerifier(descriptor);
    // A stream that fails after we turned away must not bring the program down.
    blob.on('error', () => {});
    this.#chunks = blob[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    this.#abort = () => blob.destroy();
    options.signal?.addEventListener('abort', this.#abort, { once: true });
    if (options.signal?.aborted) this.#abort();
  }

  /** The first bytes that came: 512, or all there are. */
  get head(): Buffer {
    return this.#head;
  }

  /** Ends the call behind the blob. */
  close(): void {
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#blob.destroy();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) yield chunk;
  }

  /**
   * The error to report for `error`, which stopped the reader. Where the bytes made no sense, the rest is read to see
   * whether they were the promised ones at all: a cut or changed transfer is another failure than a bad layer.
   */
  async judge(error: unknown): Promise<unknown> {
    if (this.#state !== 'reading' || !isLandfallError(error) || !SENSELESS.has(error.code)) return error;
    try {
      while ((await this.#next()) !== undefined);
      return error;
    } catch (reason) {
      return reason;
    }
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await this.#chunks.next();
      if (done !== true) return this.#take(value);
      this.#verifier.finish();
      this.#state = 'proven';
      return undefined;
    } catch (error) {
      this.#state = 'failed';
      throw this.#explain(error);
    }
  }

  #take(chunk: Uint8Array): Uint8Array {
    if (this.#head.length < HEAD_BYTES)
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, HEAD_BYTES)]).subarray(0, HEAD_BYTES);
    this.#verifier.update(chunk);
    this.#options.onProgress?.(this.#verifier.bytes);
    return chunk;
  }

  /** An HTML page where a layer should be is a proxy or a login speaking, so a wrong content says what it looks like. */
  #explain(error: unknown): LandfallError {
    const { signal } = this.#options;
    if (signal?.aborted) return cancelled(`reading blob ${this.#descriptor.digest}`, signal);
    if (!isLandfallError(error)) return this.#cut(error);
    if (error.code !== 'DIGEST_MISMATCH' && error.code !== 'BLOB_TRUNCATED') return error;
    return error.with({ message: `${error.message}; what came is ${describeBytes(this.#head)}` });
  }

  #cut(error: unknown): LandfallError {
    const { digest, size } = this.#descriptor;
    const why = messageOf(error);
    return new LandfallError(
      'BLOB_TRUNCATED',
      `blob ${digest} stopped after ${this.#verifier.bytes} of ${size} bytes: ${why}`,
      { cause: error, hint: 'The connection or the registry cut it; it is tried again.' },
    );
  }
}
