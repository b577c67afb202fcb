import { createHash } from 'node:crypto';

/**
 * Reads at most `limit` bytes. `whole` is false where more came, and `bytes` are then the first of them; the rest is
 * left, which destroys a stream. Throws what reading throws.
 */
export async function readAtMost(
  chunks: AsyncIterable<Buffer>,
  limit: number,
): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    parts.push(chunk);
    if (size > limit) return { bytes: Buffer.concat(parts).subarray(0, limit), whole: false };
  }
  const [only] = parts;
  return { bytes: parts.length === 1 && only ? only : Buffer.concat(parts, size), whole: true };
}

/** Counts and hashes what comes, to its end. Throws what reading throws. */
export async function sumOf(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly size: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest('hex') };
}
