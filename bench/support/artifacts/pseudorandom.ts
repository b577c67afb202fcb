import { type Cipheriv, createCipheriv } from 'node:crypto';
import { MiB } from '../../../shared/limits.ts';

/** Numbers and bytes that look random and are the same in every run: AES in counter mode over zeros. */
export class Pseudorandom {
  readonly #stream: Cipheriv;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;

  /** `name` chooses the sequence. */
  constructor(name: string) {
    const key = Buffer.alloc(16);
    key.write(name);
    this.#stream = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  }

  bytes(size: number): Buffer {
    return this.#stream.update(Buffer.alloc(size));
  }

  /** A whole number from 0 up to but not including `below`. */
  under(below: number): number {
    if (this.#at + 4 > this.#buffer.length) {
      this.#buffer = this.bytes(1 * MiB);
      this.#at = 0;
    }
    this.#at += 4;
    return Math.floor((this.#buffer.readUInt32LE(this.#at - 4) / 2 ** 32) * below);
  }

  /** A whole number in [from, to], small ones as likely as their order of magnitude: how file sizes are spread. */
  magnitude(from: number, to: number): number {
    const share = this.under(2 ** 20) / 2 ** 20;
    return Math.round(from * (to / from) ** share);
  }
}
