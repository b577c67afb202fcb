import { createHash } from 'node:crypto';
import { LandfallError } from '../../errors.ts';
import { algorithmOf, type Digest, digestFromHex } from '../../oci/digest.ts';

/** Hashes the tar of a layer as it comes out, to hold it to the diff_ids that the image's config has for that layer. */
export class DiffIdVerifier {
  readonly #layer: Digest;
  readonly #hashes;

  /** `claims`: one, or more where a manifest has the layer several times. */
  constructor(layer: Digest, claims: readonly Digest[]) {
    this.#layer = layer;
    this.#hashes = [...new Set(claims)].map((claim) => ({ claim, hash: createHash(algorithmOf(claim)) }));
  }

  update(chunk: Uint8Array): void {
    for (const { hash } of this.#hashes) hash.update(chunk);
  }

  /** Call once, at the true end. @throws LandfallError DIFF_ID_MISMATCH */
  finish(): void {
    for (const { claim, hash } of this.#hashes) {
      const got = digestFromHex(algorithmOf(claim), hash.digest('hex'));
      if (got !== claim)
        throw new LandfallError(
          'DIFF_ID_MISMATCH',
          `layer ${this.#layer} unpacks to ${got}, but the config of the image says ${claim}`,
        );
    }
  }
}
