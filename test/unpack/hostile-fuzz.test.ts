import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isLandfallError } from '../../shared/errors.ts';
import { readArchive } from '../support/artifacts/read-archive.ts';
import {
  BLOCK,
  directory,
  file,
  gnuLong,
  gzip,
  hardlink,
  header,
  pax,
  symlink,
  tar,
  zstd,
} from '../support/artifacts/tar-builder.ts';

const archive = tar(
  directory('d/'),
  pax({ path: 'd/ö', size: '3' }),
  file('x', 'abc'),
  gnuLong('L', 'd/long'),
  file('y', 'z'.repeat(600)),
  symlink('s', 'd/long'),
  hardlink('h', 'd/long'),
);

/** Writes `bytes` at `at`, and makes the checksum of every header right again where `repaired`. */
function damage(
  original: Buffer,
  edits: readonly (readonly [number, Uint8Array])[],
  repaired: boolean,
): Buffer {
  const copy = Buffer.from(original);
  for (const [at, bytes] of edits) copy.set(bytes.subarray(0, copy.length - at), at);
  for (let at = 0; repaired && at + BLOCK <= copy.length; at += BLOCK) {
    if (original.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    copy.fill(' ', at + 148, at + 156);
    const sum = copy.subarray(at, at + BLOCK).reduce((total, byte) => total + byte, 0);
    copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
  }
  return copy;
}

const piece = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 12 }),
  fc
    .constantFrom('../', '/', '\0', '77777777777', 'x', 'g', 'L', '5', '9 path=/\n')
    .map((text) => Buffer.from(text)),
);

/** Either it is refused with a code, or everything that was read is safe and whole. */
async function settles(bytes: Buffer, mediaType: string): Promise<void> {
  const entries = await readArchive(bytes, { mediaType }).catch((error: unknown) => {
    assert.ok(isLandfallError(error), String(error));
    assert.notEqual(error.code, 'INTERNAL');
    return [];
  });
  for (const { path } of entries) assert.doesNotMatch(path, /^\/|^$|(?:^|\/)\.{1,2}(?:\/|$)|\p{Cc}/u);
}

for (const [name, original, mediaType, repaired] of [
  ['a tar, checksums repaired', archive, 'a/b.tar', true],
  ['a tar', archive, 'a/b.tar', false],
  ['a gzip', gzip(archive), 'a/b.tar+gzip', false],
  ['a zstd', zstd(header({ name: 'a' }), archive.subarray(BLOCK)), 'a/b.tar+zstd', false],
] as const) {
  test(`whatever is damaged in ${name}, it is refused with a code or read safely`, async () => {
    const edit = fc.tuple(fc.nat(original.length - 1), piece);
    const edits = fc.array(edit, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(edits, (at) => settles(damage(original, at, repaired), mediaType)),
      { numRuns: 400 },
    );
  });
}
