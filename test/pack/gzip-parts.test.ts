import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { MiB } from '../../shared/limits.ts';
import { gzipParts } from '../../shared/pack/gzip-parts.ts';
import { skipWithout } from '../support/programs/tool.ts';

/** Text that compresses, and refers back over the edges of parts. */
const TEXT = Buffer.from(
  Array.from({ length: 150_000 }, (_, n) => `replicas-${n % 7}: ${(n * 7919) % 10_007}\n`).join(''),
);

/** Bytes that do not compress, the same each time. */
const noise = (size: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)).update(Buffer.alloc(size));

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const packed = async (bytes: Buffer, chunk = 256 * 1024, atOnce?: number): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(gzipParts(inChunks(bytes, chunk), atOnce)));

const sizes: readonly (readonly [what: string, size: number])[] = [
  ['nothing', 0],
  ['a byte', 1],
  ['a part less a byte', MiB - 1],
  ['a part', MiB],
  ['a part and a byte', MiB + 1],
  ['two parts', 2 * MiB],
];

describe('parts that are compressed at the same time', () => {
  for (const [what, size] of sizes) {
    test(`are one gzip member: ${what}`, async () => {
      const bytes = TEXT.subarray(0, size);
      assert.equal(bytes.length, size);
      const out = await packed(bytes);
      assert.deepEqual(gunzipSync(out), bytes);
      assert.equal(out.readUInt32LE(out.length - 4), size);
    });
  }

  test('up to one part they are what zlib makes of it, so that small layers keep their digest', async () => {
    for (const size of [0, 1, 5_000, MiB]) {
      const ours = await packed(TEXT.subarray(0, size), 1_000);
      const theirs = gzipSync(TEXT.subarray(0, size), { level: 6 });
      theirs[9] = 255;
      assert.deepEqual(ours, theirs, `${size} bytes`);
    }
  });

  test('are the same bytes whatever pieces came, and however many are under way', async () => {
    const bytes = Buffer.concat([TEXT, noise(3 * MiB), TEXT]);
    const wanted = createHash('sha256')
      .update(await packed(bytes))
      .digest('hex');
    for (const [chunk, atOnce] of [
      [1_000_003, 1],
      [65_536, 2],
      [bytes.length, 8],
    ] as const) {
      const got = createHash('sha256')
        .update(await packed(bytes, chunk, atOnce))
        .digest('hex');
      assert.equal(got, wanted, `${chunk} a piece, ${atOnce} at once`);
    }
  });

  test('refer back over the edge: they are hardly larger than one stream', async () => {
    // Nothing in it compresses but by what stood 20,000 bytes before.
    const bytes = Buffer.concat(Array.from({ length: 200 }, () => noise(20_000)));
    const [ours, theirs] = [(await packed(bytes)).length, gzipSync(bytes, { level: 6 }).length];
    assert.ok(ours < theirs * 1.01, `${ours} of ${theirs}`);
  });

  const noGzip = skipWithout(['gzip'], 'that gzip itself reads what we write');
  test('are read by gzip itself', { skip: noGzip }, async () => {
    const bytes = Buffer.concat([TEXT, noise(2 * MiB)]);
    const { status, stdout } = spawnSync('gzip', ['-dc'], {
      input: await packed(bytes),
      maxBuffer: 16 * MiB,
    });
    assert.equal(status, 0);
    assert.ok(stdout.equals(bytes));
  });

  test('end with what they are made of: its error is theirs, and nobody else is left to catch one', async () => {
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield TEXT;
      throw new Error('the disk is gone');
    };
    await assert.rejects(Array.fromAsync(gzipParts(broken(), 8)), { message: 'the disk is gone' });
  });
});
