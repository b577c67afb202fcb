import assert from 'node:assert/strict';
import { constants, zstdCompressSync } from 'node:zlib';
import { file, pax, skippable, tar, zstd } from '../../support/artifacts/tar-builder.ts';
import type { FuzzTarget } from '../engine/fuzz-target.ts';
import { inPieces, outcomeOf } from '../engine/tar-input.ts';

const MEDIA = { mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' };
const ARCHIVE = tar(file('a.txt', 'hello'), pax({ path: 'b' }), file('x', 'y'.repeat(600)));
const withChecksum = (bytes: Buffer): Buffer =>
  zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

const FRAME = hex('28b52ffd');

/** Layers in zstd: what is taken is the same in whatever pieces it comes, and with a frame behind it that readers pass over. */
export const target: FuzzTarget = {
  name: 'zstd',
  seeds: [
    zstd(ARCHIVE),
    zstd(ARCHIVE.subarray(0, 512), ARCHIVE.subarray(512)),
    withChecksum(ARCHIVE),
    Buffer.concat([skippable(Buffer.from('toc'), 3), zstd(ARCHIVE)]),
  ],
  words: [
    hex('28b52ffd'),
    hex('28b52ffd00'),
    hex('28b52ffde4'),
    skippable(Buffer.alloc(0)),
    hex('504d2a18ffffffff'),
    hex('010000'),
    hex('1f8b'),
    zstd(Buffer.alloc(0)),
  ],
  judge: async (input) => {
    const { entries } = await outcomeOf(input, MEDIA);
    const pieces = await outcomeOf(input, { ...MEDIA, chunks: inPieces(input) });
    // Where the compression and what is in it are both broken, it is the network that says which is seen first.
    assert.deepEqual(pieces.entries, entries, 'in pieces');
    if (entries === undefined || !input.subarray(0, 4).equals(FRAME)) return false;
    const longer = Buffer.concat([input, skippable(Buffer.from('more'))]);
    assert.deepEqual((await outcomeOf(longer, MEDIA)).entries, entries);
    return true;
  },
  hostile: [
    ['512 MiB of zeros', () => zstdCompressSync(Buffer.alloc(512 << 20))],
    ['a window of 2 GiB', () => Buffer.concat([hex('28b52ffd00a8'), zstd(ARCHIVE)])],
    ['a million frames of nothing', () => Buffer.concat(Array(100_000).fill(skippable(Buffer.alloc(0))))],
    ['a frame that is passed over, of 4 GiB', () => hex('502a4d18ffffffff')],
    ['a content of 2^60 bytes', () => hex('28b52ffde0000000000000001000000000')],
    ['20,000 frames', () => Buffer.concat(Array(20_000).fill(zstd(Buffer.alloc(0))))],
  ],
};
