import assert from 'node:assert/strict';
import { gunzipSync, gzipSync } from 'node:zlib';
import { file, gzip, pax, tar } from '../../support/artifacts/tar-builder.ts';
import type { FuzzTarget } from '../engine/fuzz-target.ts';
import { inPieces, outcomeOf } from '../engine/tar-input.ts';

const MEDIA = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' };
const ARCHIVE = tar(file('a.txt', 'hello'), pax({ path: 'b' }), file('x', 'y'.repeat(600)));

/** Layers in gzip: what is taken holds what zlib unpacks at once, the same in whatever pieces it comes. */
export const target: FuzzTarget = {
  name: 'gzip',
  seeds: [
    gzip(ARCHIVE),
    gzip(ARCHIVE.subarray(0, 512), ARCHIVE.subarray(512)),
    gzipSync(ARCHIVE, { level: 0 }),
    Buffer.concat([
      Buffer.from('1f8b08180000000000ff6e616d6500636f6d6d656e7400', 'hex'),
      gzip(ARCHIVE).subarray(10),
    ]),
  ],
  words: [
    Buffer.from('1f8b0800', 'hex'),
    gzip(Buffer.alloc(0)),
    Buffer.from('28b52ffd', 'hex'),
    Buffer.alloc(8),
    Buffer.from([0x1f, 0x8b, 8, 0xff]),
  ],
  judge: async (input) => {
    const { entries } = await outcomeOf(input, MEDIA);
    const pieces = await outcomeOf(input, { ...MEDIA, chunks: inPieces(input) });
    // Where the compression and what is in it are both broken, it is the network that says which is seen first.
    assert.deepEqual(pieces.entries, entries, 'in pieces');
    if (entries === undefined || input.length === 0 || input[0] !== 0x1f) return false;
    assert.deepEqual((await outcomeOf(gunzipSync(input))).entries, entries);
    return true;
  },
  hostile: [
    ['512 MiB of zeros', () => gzipSync(Buffer.alloc(512 << 20), { level: 1 })],
    ['20,000 empty members', () => Buffer.concat(Array(20_000).fill(gzip(Buffer.alloc(0))))],
    [
      'a name of 4 MiB',
      () => Buffer.concat([Buffer.from('1f8b08080000000000ff', 'hex'), Buffer.alloc(4 << 20, 'a')]),
    ],
  ],
};
