import { createHash } from 'node:crypto';
import { LandfallError } from '../../errors.ts';
import type { LayerDigests } from '../../model/artifact-store.ts';
import { algorithmOf, type Digest, type DigestAlgorithm, digestFromHex } from '../../oci/digest.ts';

/** What a tar has to be hashed by, to be held to its claims. */
export const algorithmsOf = (claims: readonly Digest[]): readonly DigestAlgorithm[] => [
  ...new Set(claims.map(algorithmOf)),
];

/** Hashes the tar of a layer as it comes out, to hold it to the diff_ids that the image's config has for that layer. */
export class DiffIdVerifier {
  readonly #layer: Digest;
  readonly #claims: ReadonlySet<Digest>;
  readonly #hashes;

  /** `claims`: one, or more where a manifest has the layer several times. */
  constructor(layer: Digest, claims: readonly Digest[]) {
    this.#layer = layer;
    this.#claims = new Set(claims);
    const hashes = algorithmsOf(claims).map((algorithm) => [algorithm, createHash(algorithm)] as const);
    this.#hashes = new Map(hashes);
  }

  update(chunk: Uint8Array): void {
    for (const hash of this.#hashes.values()) hash.update(chunk);
  }

  /** Call once, at the true end; `sums` where somebody else hashed the tar. @throws LandfallError DIFF_ID_MISMATCH */
  finish(sums: LayerDigests = this.#sums()): void {
    for (const claim of this.#claims) {
      const algorithm = algorithmOf(claim);
      const got = digestFromHex(algorithm, sums.get(algorithm) ?? '');
      if (got !== claim)
        throw new LandfallError(
          'DIFF_ID_MISMATCH',
          `layer ${this.#layer} unpacks to ${got}, but the config of the image says ${claim}`,
        );
    }
  }

  #sums(): LayerDigests {
    return new Map(Array.from(this.#hashes, ([algorithm, hash]) => [algorithm, hash.digest('hex')]));
  }
}
