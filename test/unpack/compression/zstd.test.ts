import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { constants, zstdCompressSync } from 'node:zlib';
import { MiB, ZSTD_FRAMES, ZSTD_WINDOW_LOG_MAX } from '../../../shared/limits.ts';
import { ZstdFrames } from '../../../shared/unpack/compression/zstd-frames.ts';
import { readArchive, refusalOf } from '../../support/artifacts/read-archive.ts';
import { file, skippable, tar } from '../../support/artifacts/tar-builder.ts';

const ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd';
const noise = randomBytes(MiB);
const archive = tar(
  file('noise', noise),
  file('zeros', Buffer.alloc(MiB)),
  file('text', 'abc '.repeat(100_000)),
);
const compress = (bytes: Uint8Array, params: Record<number, number> = {}): Buffer =>
  zstdCompressSync(bytes, { params });

/** Says a larger window than it needs, which is allowed. RFC 8878, section 3.1.1.1.2: the byte after the descriptor. */
const withWindow = (log: number): Buffer => {
  const layer = compress(archive, { [constants.ZSTD_c_contentSizeFlag]: 0 });
  layer.writeUInt8((log - 10) << 3, 5);
  return layer;
};

/** Frames of so many bytes each: zstd:chunked and pzstd write many. */
const inFrames = (bytes: Buffer, size: number): Buffer => {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) frames.push(compress(bytes.subarray(at, at + size)));
  return Buffer.concat(frames);
};

const LAYERS: readonly (readonly [string, Buffer])[] = [
  ['one frame', compress(archive)],
  ['a frame with a checksum', compress(archive, { [constants.ZSTD_c_checksumFlag]: 1 })],
  ['a frame without a content size', compress(archive, { [constants.ZSTD_c_contentSizeFlag]: 0 })],
  ['a window of just the limit', withWindow(ZSTD_WINDOW_LOG_MAX)],
  ['the highest level', compress(archive, { [constants.ZSTD_c_compressionLevel]: 12 })],
  ['frames of 64 KiB', inFrames(archive, 65_536)],
  ['frames of 10,007 bytes', inFrames(archive, 10_007)],
  ['an empty frame first', Buffer.concat([compress(Buffer.alloc(0)), compress(archive)])],
  ['an empty frame last', Buffer.concat([compress(archive), compress(Buffer.alloc(0))])],
  ['a skippable frame first', Buffer.concat([skippable(Buffer.from('seek')), compress(archive)])],
  [
    'skippable frames of all kinds',
    Buffer.concat([skippable(Buffer.alloc(0), 0), compress(archive), skippable(noise, 15)]),
  ],
];

for (const [name, layer] of LAYERS) {
  test(`reads all of a zstd stream: ${name}`, async () => {
    const wanted = await readArchive(archive);
    assert.deepEqual(await readArchive(layer, { mediaType: ZSTD }), wanted);
    const chunks = Array.from({ length: Math.ceil(layer.length / 999) }, (_, index) =>
      layer.subarray(index * 999, index * 999 + 999),
    );
    assert.deepEqual(await readArchive(layer, { mediaType: ZSTD, chunks }), wanted);
  });
}

for (const [name, layer] of [
  ['frames of nothing', Buffer.concat([compress(Buffer.alloc(0)), compress(Buffer.alloc(0))])],
  ['skippable frames alone, as zstd reads them', skippable(Buffer.from('seek'))],
] as const) {
  test(`a zstd stream that holds nothing is an archive without entries: ${name}`, async () => {
    assert.deepEqual(await readArchive(layer, { mediaType: ZSTD }), []);
  });
}

test('passes on all bytes but those of skippable frames, cut at the ends of frames', () => {
  const one = compress(Buffer.from('one'));
  const two = compress(archive);
  const frames = new ZstdFrames();
  const pieces = [...frames.split(Buffer.concat([one, skippable(Buffer.from('skip')), two]))];
  frames.finish();
  assert.deepEqual(Buffer.concat(pieces), Buffer.concat([one, two]));
  let at = 0;
  const ends = pieces.map((piece) => {
    at += piece.length;
    return at;
  });
  assert.ok(ends.includes(one.length));
});

test('bounds the number of frames, skippable ones included', async () => {
  const frame = skippable(Buffer.alloc(0));
  const many = (count: number): Buffer =>
    Buffer.concat([...Array<Buffer>(count - 1).fill(frame), compress(archive)]);
  assert.equal((await readArchive(many(ZSTD_FRAMES), { mediaType: ZSTD })).length, 3);
  const error = await refusalOf(readArchive(many(ZSTD_FRAMES + 1), { mediaType: ZSTD }));
  assert.equal(error.code, 'COMPRESSION_INVALID');
  assert.match(error.message, /more than 100000 frames/);
});
