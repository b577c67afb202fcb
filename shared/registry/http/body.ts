import type { Readable } from 'node:stream';
import { readAtMost } from '../../kernel/read-bytes.ts';
import { printable } from '../../printable.ts';
import { networkError } from './network-error.ts';

/**
 * Reads at most `limit` bytes; `whole` is false where there are more, and the rest is thrown away with the connection.
 * @param source.what names the read in errors
 * @throws LandfallError REGISTRY_UNREACHABLE, REGISTRY_TIMEOUT, CANCELLED
 */
export async function readUpTo(
  body: Readable,
  limit: number,
  source: { readonly what: string; readonly signal: AbortSignal | undefined },
): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
  try {
    return await readAtMost(body, limit);
  } catch (error) {
    throw networkError(error, source.what, source.signal);
  }
}

/** Bytes of an unwanted body worth reading to keep its connection. */
const DRAIN_BYTES = 32 * 1024;

/** Throws a body away: a short one is read so that its connection can be used again, a longer one is cut. */
export function discard(body: Readable): void {
  let size = 0;
  body
    .on('error', () => undefined)
    .on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > DRAIN_BYTES) body.destroy();
    });
}

/** What came, safe to print: escaped, at most `characters` long. */
export function excerpt(bytes: Uint8Array | string, characters = 512): string {
  const text =
    typeof bytes === 'string' ? bytes : Buffer.from(bytes.subarray(0, characters * 4)).toString('utf8');
  const escaped = printable(JSON.stringify(text.slice(0, characters)));
  return escaped.length <= characters ? escaped : `${escaped.slice(0, characters - 2)}…"`;
}
