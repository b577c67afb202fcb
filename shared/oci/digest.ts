import { createHash } from 'node:crypto';
import { LandfallError } from '../errors.ts';

declare const brand: unique symbol;

/** A content digest, e.g. `sha256:44136f…`. Only this module makes one. */
export type Digest = string & { readonly [brand]: 'Digest' };

/**
 * The two registered algorithms that every tool has (blake3 is the third), lower-case hex only: a digest becomes part
 * of keys and URLs.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#registered-algorithms
 */
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** `algorithm:encoded` of an algorithm that is not ours. @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests */
const FOREIGN = /^(?!sha(?:256|512):)[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+$/;

/** Whether a descriptor may say so, whatever the algorithm; {@link isDigest} says whether it can be fetched. */
export const isDigestLike = (text: string): boolean => DIGEST.test(text) || FOREIGN.test(text);

export const isDigest = (text: string): text is Digest => DIGEST.test(text);

/** @throws LandfallError DIGEST_INVALID */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) {
    throw new LandfallError(
      'DIGEST_INVALID',
      `digest ${JSON.stringify(text.slice(0, 160))} is not sha256:<64 lower-case hex> or sha512:<128>`,
    );
  }
  return text;
}

export type DigestAlgorithm = 'sha256' | 'sha512';

export const algorithmOf = (digest: Digest): DigestAlgorithm =>
  digest.startsWith('sha512:') ? 'sha512' : 'sha256';

export const hexOf = (digest: Digest): string => digest.slice(digest.indexOf(':') + 1);

/** `hex` must come from a hash function. */
export const digestFromHex = (algorithm: DigestAlgorithm, hex: string): Digest =>
  parseDigest(`${algorithm}:${hex}`);

export const digestOf = (content: Uint8Array | string, algorithm: DigestAlgorithm = 'sha256'): Digest =>
  digestFromHex(algorithm, createHash(algorithm).update(content).digest('hex'));
