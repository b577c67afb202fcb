import { createHash, hash } from 'node:crypto';
import { LandfallError } from '../../../errors.ts';
import { MiB } from '../../../limits.ts';
import type { FileWriter } from '../../../model/artifact-store.ts';
import { PART_BYTES } from '../multipart.ts';

const mismatch = (path: string, size: number, written: number): LandfallError =>
  new LandfallError('SIZE_MISMATCH', `staging: ${path} was announced with ${size} bytes and got ${written}`);

const SLAB_BYTES = 1 * MiB;

/** Memory for many small files at once: 5,000 allocations of their own cost more than what is done with them. */
export class Slab {
  #bytes: Buffer = Buffer.alloc(0);
  #used = 0;

  take(size: number): Buffer {
    if (size > SLAB_BYTES / 8) return Buffer.allocUnsafeSlow(size);
    if (this.#used + size > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    this.#used += size;
    return this.#bytes.subarray(this.#used - size, this.#used);
  }
}

/** A file that is one PUT: kept whole, hashed when it is. `whole` gets it, with its SHA-256 in hex. */
export class SmallFile implements FileWriter {
  readonly #path: string;
  readonly #bytes: Buffer;
  readonly #whole: (bytes: Buffer, sha256: string) => void;
  #written = 0;

  /** `room` has the size that the file will have. */
  constructor(path: string, room: Buffer, whole: (bytes: Buffer, sha256: string) => void) {
    this.#path = path;
    this.#bytes = room;
    this.#whole = whole;
  }

  write(chunk: Uint8Array): void {
    const at = this.#written;
    this.#written += chunk.length;
    if (this.#written > this.#bytes.length) throw mismatch(this.#path, this.#bytes.length, this.#written);
    this.#bytes.set(chunk, at);
  }

  close(): void {
    if (this.#written !== this.#bytes.length) throw mismatch(this.#path, this.#bytes.length, this.#written);
    this.#whole(this.#bytes, hash('sha256', this.#bytes));
  }
}

export interface LargeFileSinks {
  /** Takes a part, numbered from 1; resolves when there is room for the next. */
  readonly part: (number: number, bytes: Buffer) => Promise<void>;
  readonly whole: (sha256: string) => void;
}

/** A file that goes in parts; one of them is in memory. */
export class LargeFile implements FileWriter {
  readonly #path: string;
  readonly #size: number;
  readonly #sinks: LargeFileSinks;
  readonly #hash = createHash('sha256');
  #part: Buffer = Buffer.allocUnsafeSlow(PART_BYTES);
  #filled = 0;
  #number = 1;
  #written = 0;

  constructor(path: string, size: number, sinks: LargeFileSinks) {
    this.#path = path;
    this.#size = size;
    this.#sinks = sinks;
  }

  write(chunk: Uint8Array): void | Promise<void> {
    this.#written += chunk.length;
    if (this.#written > this.#size) throw mismatch(this.#path, this.#size, this.#written);
    this.#hash.update(chunk);
    if (this.#filled + chunk.length >= PART_BYTES) return this.#split(chunk);
    this.#part.set(chunk, this.#filled);
    this.#filled += chunk.length;
  }

  async close(): Promise<void> {
    if (this.#written !== this.#size) throw mismatch(this.#path, this.#size, this.#written);
    if (this.#filled > 0) await this.#sinks.part(this.#number, this.#part.subarray(0, this.#filled));
    this.#sinks.whole(this.#hash.digest('hex'));
  }

  async #split(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      const length = Math.min(PART_BYTES - this.#filled, chunk.length - at);
      this.#part.set(chunk.subarray(at, at + length), this.#filled);
      this.#filled += length;
      at += length;
      if (this.#filled < PART_BYTES) continue;
      const full = this.#part;
      this.#part = Buffer.allocUnsafeSlow(PART_BYTES);
      this.#filled = 0;
      await this.#sinks.part(this.#number, full);
      this.#number += 1;
    }
  }
}
