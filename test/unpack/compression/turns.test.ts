import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { decompress } from '../../../shared/unpack/compression/decompress.ts';

const PIECES = 20;
/** Nothing that gets smaller: its pieces stay pieces. */
const CONTENT = randomBytes(PIECES * 1_000);

/** All of it at hand, as of a registry next door. */
async function* piecesOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  const size = Math.ceil(bytes.length / PIECES);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

for (const [name, compressed] of [
  ['gzip', gzipSync(CONTENT)],
  ['zstd', zstdCompressSync(CONTENT)],
] as const)
  test(`others have a turn after each piece of a ${name} layer that is at hand whole`, async () => {
    let turns = 0;
    let isDone = false;
    const others = (): void => {
      turns += 1;
      if (!isDone) setImmediate(others);
    };
    setImmediate(others);
    const seen: Buffer[] = [];
    await decompress(piecesOf(compressed), name, { sink: (chunk) => void seen.push(Buffer.from(chunk)) });
    isDone = true;
    assert.deepEqual(Buffer.concat(seen), CONTENT);
    assert.ok(turns >= PIECES - 1, `${turns} turns`);
  });
