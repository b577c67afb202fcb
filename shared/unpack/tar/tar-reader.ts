import { LandfallError } from '../../errors.ts';
import type { UnpackBudget } from '../budget.ts';
import { describeBytes, isCompressed, looksTar } from '../magic.ts';
import type { Reading } from '../reading.ts';
import type { Complain } from './pax.ts';
import { BLOCK_BYTES, isZero, readBlock, type TarBlock } from './tar-block.ts';
import { type TarEntry, toEntry } from './tar-entry.ts';
import { isExtension, TarExtensions } from './tar-extension.ts';

export type { TarEntry } from './tar-entry.ts';

/**
 * Receives entries in the archive's order: begin, data for each piece of a file's body, end. `end` follows every
 * `begin`. A piece is a view, good until the call (or its promise) is done. Returning a promise asks the reader to
 * wait; returning nothing keeps it synchronous.
 */
export interface TarVisitor {
  begin(entry: TarEntry): void | Promise<void>;
  data(chunk: Uint8Array): void | Promise<void>;
  end(): void | Promise<void>;
}

export interface TarReaderOptions {
  readonly budget: UnpackBudget;
  /** Bytes that stand before every path where it is stored. */
  readonly prefixBytes?: number;
  /** Names the archive in errors. */
  readonly label?: string;
  /** Default `artifact`, the strict one. */
  readonly reading?: Reading;
}

type State = 'header' | 'extension' | 'tail' | 'body' | 'end' | 'padding' | 'zeros';

/**
 * A strict streaming tar reader: v7, ustar, star, GNU long names, PAX. Where readers disagree it refuses, so that what
 * was checked is what everyone else would see; an image is read as Go reads it, where that is what ordinary images
 * need. It copies nothing but headers cut by a chunk's edge.
 *
 * The end: after the first zero block only zeros, in whole blocks. An archive that simply stops after an entry is
 * accepted too, padding or not (Go's reader does, and some tools write no end): its length is proven by the digest.
 * So is one that has no byte at all.
 */
export class TarReader {
  readonly #visitor: TarVisitor;
  readonly #budget: UnpackBudget;
  readonly #prefixBytes: number;
  readonly #reading: Reading;
  readonly #label: string;
  readonly #extensions: TarExtensions;
  readonly #partial = Buffer.allocUnsafe(BLOCK_BYTES);
  #state: State = 'header';
  /** Bytes collected of a header block or extension body that a chunk's edge cut. */
  #filled = 0;
  /** Bytes still to come of the body or padding. */
  #remaining = 0;
  #padding = 0;
  #extensionType = '';
  #extensionBody = this.#partial;
  /** Bytes read in whole chunks before this one, plus the place in it. */
  #position = 0;
  #seenBlock = false;
  #waiting: Promise<void> | undefined;
  readonly #complain: Complain = (why, code = 'ARCHIVE_INVALID', hint?: string) =>
    new LandfallError(
      code,
      `${this.#label}: the entry at byte ${this.#position} ${why}`,
      hint === undefined ? {} : { hint },
    );

  constructor(visitor: TarVisitor, options: TarReaderOptions) {
    const { budget, prefixBytes = 0, label = 'archive', reading = 'artifact' } = options;
    this.#visitor = visitor;
    this.#budget = budget;
    this.#prefixBytes = prefixBytes;
    this.#reading = reading;
    this.#label = label;
    this.#extensions = new TarExtensions(budget.limits.extensionHeaderBytes, reading, this.#complain);
  }

  /** Reads on. Returns a promise only where the visitor did. @throws LandfallError, after which the reader is spent */
  push(chunk: Uint8Array): void | Promise<void> {
    const bytes = Buffer.isBuffer(chunk)
      ? chunk
      : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    while (at < bytes.length || this.#state === 'end') {
      at = this.#step(bytes, at);
      if (this.#waiting !== undefined) return this.#resume(bytes, at);
    }
  }

  /** Must be called after the last chunk. @throws LandfallError ARCHIVE_INVALID where the archive is cut */
  finish(): void {
    const head = this.#partial.subarray(0, this.#filled);
    // No bytes at all are an archive without entries: layers of build steps that changed nothing.
    if (!this.#seenBlock && head.length === 0) return;
    if (!this.#seenBlock && !looksTar(head)) throw this.#notTar(head);
    if (this.#extensions.pending) throw this.#invalid('ends after an extension header, without its entry');
    // `umoci insert` does not close its archive: the last file's padding and the zero blocks are missing, no byte is.
    const isCut = this.#state === 'extension' || this.#state === 'body' || this.#state === 'end';
    if (isCut || this.#filled !== 0) throw this.#invalid(`ends in the middle of an entry`);
  }

  async #resume(bytes: Buffer, from: number): Promise<void> {
    let at = from;
    for (;;) {
      while (this.#waiting !== undefined) {
        const waiting = this.#waiting;
        this.#waiting = undefined;
        await waiting;
      }
      if (at >= bytes.length && this.#state !== 'end') return;
      at = this.#step(bytes, at);
    }
  }

  /** Consumes something at `at`, calls the visitor at most once, returns where to go on. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'header':
        return this.#readHeader(bytes, at);
      case 'body':
        return this.#readBody(bytes, at);
      case 'end':
        this.#afterBody(this.#padding);
        this.#wait(this.#visitor.end());
        return at;
      case 'padding':
      case 'tail':
        return this.#skipPadding(bytes, at);
      case 'extension':
        return this.#readExtension(bytes, at);
      case 'zeros':
        return this.#readZeros(bytes, at);
    }
  }

  #wait(result: void | Promise<void>): void {
    if (result !== undefined) this.#waiting = result;
  }

  /** Fills `into` from `bytes`; once it is full, returns it (or a view of `bytes`), with the place after it. */
  #collect(into: Buffer, size: number, bytes: Buffer, at: number): { whole?: Buffer; next: number } {
    if (this.#filled === 0 && bytes.length - at >= size)
      return { whole: bytes.subarray(at, at + size), next: at + size };
    const next = Math.min(bytes.length, at + size - this.#filled);
    bytes.copy(into, this.#filled, at, next);
    this.#filled += next - at;
    if (this.#filled < size) return { next };
    this.#filled = 0;
    return { whole: into.subarray(0, size), next };
  }

  #readHeader(bytes: Buffer, at: number): number {
    const { whole, next } = this.#collect(this.#partial, BLOCK_BYTES, bytes, at);
    if (whole === undefined) return next;
    if (whole[0] === 0 && isZero(whole)) {
      if (this.#extensions.pending) throw this.#invalid('ends after an extension header, without its entry');
      this.#state = 'zeros';
    } else {
      const block = readBlock(whole);
      if (block === undefined) throw this.#notTar(whole);
      if (block.fault !== undefined) throw this.#complain(block.fault);
      if (isExtension(block)) this.#openExtension(block);
      else this.#open(block);
    }
    this.#seenBlock = true;
    this.#position += BLOCK_BYTES;
    return next;
  }

  #open(block: TarBlock): void {
    this.#budget.takeEntry();
    const entry = toEntry(block, this.#extensions.identify(block), {
      reading: this.#reading,
      limits: this.#budget.limits,
      prefixBytes: this.#prefixBytes,
      complain: this.#complain,
    });
    if (entry === undefined) return;
    if (entry.type === 'file') {
      this.#budget.takeFile();
      this.#budget.checkSize(entry.size);
    }
    this.#expect(entry.size);
    this.#state = entry.size === 0 ? 'end' : 'body';
    this.#wait(this.#visitor.begin(entry));
  }

  #openExtension(block: TarBlock): void {
    if (block.type === 'g') this.#budget.takeEntry();
    const size = this.#extensions.open(block);
    this.#extensionType = block.type;
    this.#expect(size);
    this.#extensionBody = Buffer.allocUnsafe(0);
    if (size > 0) this.#state = 'extension';
    else this.#extensions.close(block.type, this.#extensionBody);
  }

  #expect(size: number): void {
    this.#remaining = size;
    this.#padding = (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
  }

  #readBody(bytes: Buffer, at: number): number {
    const next = Math.min(bytes.length, at + this.#remaining);
    this.#remaining -= next - at;
    this.#position += next - at;
    if (this.#remaining === 0) this.#state = 'end';
    this.#wait(this.#visitor.data(bytes.subarray(at, next)));
    return next;
  }

  #readExtension(bytes: Buffer, at: number): number {
    const size = this.#remaining;
    if (this.#extensionBody.length < size && bytes.length - at < size)
      this.#extensionBody = Buffer.allocUnsafe(size);
    const { whole, next } = this.#collect(this.#extensionBody, size, bytes, at);
    if (whole === undefined) return next;
    this.#extensions.close(this.#extensionType, whole);
    this.#position += size;
    this.#afterBody(this.#padding, 'tail');
    return next;
  }

  #afterBody(padding: number, state: 'padding' | 'tail' = 'padding'): void {
    this.#remaining = padding;
    this.#state = padding === 0 ? 'header' : state;
  }

  #skipPadding(bytes: Buffer, at: number): number {
    const next = Math.min(bytes.length, at + this.#remaining);
    if (this.#state === 'tail') this.#extensions.checkPadding(this.#extensionType, bytes.subarray(at, next));
    this.#remaining -= next - at;
    this.#position += next - at;
    if (this.#remaining === 0) this.#state = 'header';
    return next;
  }

  #readZeros(bytes: Buffer, at: number): number {
    const rest = bytes.subarray(at);
    if (!isZero(rest))
      throw this.#invalid('has data after its end: something other than zeros follows a zero block');
    this.#filled = (this.#filled + rest.length) % BLOCK_BYTES;
    this.#position += rest.length;
    return bytes.length;
  }

  #invalid(why: string): LandfallError {
    return new LandfallError('ARCHIVE_INVALID', `${this.#label} ${why} (at byte ${this.#position})`);
  }

  /** A first block that is none says what the content is instead. */
  #notTar(block: Buffer): LandfallError {
    if (this.#seenBlock || looksTar(block)) return this.#complain('has a header whose checksum is wrong');
    const got = describeBytes(block);
    if (isCompressed(block))
      return new LandfallError(
        'COMPRESSION_INVALID',
        `${this.#label} is compressed twice: inside is ${got}`,
        {
          hint: 'Push the layer compressed once.',
        },
      );
    return new LandfallError('ARCHIVE_INVALID', `${this.#label} is no tar archive: it is ${got}`);
  }
}
