import { createHash } from 'node:crypto';
import { LandfallError } from '../../errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, digestFromHex } from '../../oci/digest.ts';

/** Counts and hashes a blob's bytes as they came, to hold them to their descriptor. */
export class ContentVerifier {
  readonly #descriptor: Descriptor;
  readonly #hash;
  #bytes = 0;

  constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
    this.#hash = createHash(algorithmOf(descriptor.digest));
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @throws LandfallError SIZE_MISMATCH at the first byte too many */
  update(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#descriptor.size) throw this.#wrongSize('it goes on after that');
    this.#hash.update(chunk);
  }

  /**
   * Call once, at the blob's true end. Too short with the right digest means that the manifest lies about the size;
   * too short without it, that the transfer was cut, and trying again may help.
   * @throws LandfallError BLOB_TRUNCATED, SIZE_MISMATCH, DIGEST_MISMATCH
   */
  finish(): void {
    const { digest, size } = this.#descriptor;
    const got = digestFromHex(algorithmOf(digest), this.#hash.digest('hex'));
    if (got === digest && this.#bytes === size) return;
    if (got === digest) throw this.#wrongSize(`it is ${this.#bytes} bytes`);
    if (this.#bytes < size)
      throw new LandfallError(
        'BLOB_TRUNCATED',
        `blob ${digest} ended after ${this.#bytes} of ${size} bytes`,
        {
          hint: 'The connection or the registry cut it; it is tried again.',
        },
      );
    throw new LandfallError('DIGEST_MISMATCH', `blob ${digest} has other content: its digest is ${got}`);
  }

  #wrongSize(got: string): LandfallError {
    const { digest, size } = this.#descriptor;
    return new LandfallError('SIZE_MISMATCH', `blob ${digest} should be ${size} bytes, but ${got}`, {
      hint: 'The manifest and the blob disagree; push the artifact again.',
    });
  }
}
