import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { DEFAULT_LIMITS, type Limits, MiB } from '../../../shared/limits.ts';
import { UnpackBudget } from '../../../shared/unpack/budget.ts';
import { copyLayer, untarLayer } from '../../../shared/unpack/layer/read-layer.ts';
import { describe, listing, readArchive, refusalOf } from '../../support/artifacts/read-archive.ts';
import { directory, file, header, pax, symlink, tar } from '../../support/artifacts/tar-builder.ts';

const GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip';
const ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd';
const three = tar(file('a'), file('b'), directory('c/'));
const gz = gzipSync(three);
const zeros = tar(file('zeros', Buffer.alloc(4 * MiB)));
const bomb = gzipSync(zeros);
const ratioOf = (out: Buffer, blob: Buffer): number => out.length / blob.length;

/** The limit that just admits the layer, and one less, which does not. */
const EDGES: readonly (readonly [string, Buffer, string, Partial<Limits>, Partial<Limits>, string])[] = [
  ['layerBytes', gz, GZIP, { layerBytes: gz.length }, { layerBytes: gz.length - 1 }, 'LAYER_TOO_LARGE'],
  [
    'unpackedBytes, headers included',
    gz,
    GZIP,
    { unpackedBytes: three.length },
    { unpackedBytes: three.length - 1 },
    'UNPACKED_TOO_LARGE',
  ],
  [
    'unpackedBytes of a plain tar',
    three,
    'a/b.tar',
    { unpackedBytes: three.length },
    { unpackedBytes: three.length - 1 },
    'UNPACKED_TOO_LARGE',
  ],
  ['files', gz, GZIP, { files: 2 }, { files: 1 }, 'TOO_MANY_FILES'],
  [
    'ratio',
    bomb,
    GZIP,
    { ratio: ratioOf(zeros, bomb) },
    { ratio: ratioOf(zeros, bomb) - 0.001 },
    'RATIO_EXCEEDED',
  ],
  [
    'ratioGraceBytes',
    bomb,
    GZIP,
    { ratioGraceBytes: zeros.length },
    { ratioGraceBytes: zeros.length - 1 },
    'RATIO_EXCEEDED',
  ],
  [
    'extensionHeaderBytes',
    tar(pax({ path: 'abc' }), file('x')),
    'a/b.tar',
    { extensionHeaderBytes: 12 },
    { extensionHeaderBytes: 11 },
    'ARCHIVE_INVALID',
  ],
  ['pathBytes', tar(file('abc')), 'a/b.tar', { pathBytes: 3 }, { pathBytes: 2 }, 'PATH_REFUSED'],
  ['pathDepth', tar(file('a/b/c')), 'a/b.tar', { pathDepth: 3 }, { pathDepth: 2 }, 'PATH_REFUSED'],
];

for (const [name, bytes, mediaType, enough, tooLittle, code] of EDGES) {
  test(`holds a layer to ${name}, exactly`, async () => {
    assert.ok((await readArchive(bytes, { mediaType, limits: enough })).length > 0);
    const error = await refusalOf(readArchive(bytes, { mediaType, limits: tooLittle }));
    assert.equal(error.code, code, error.message);
    assert.match(
      error.message,
      /(?:layerBytes|unpackedBytes|files|ratio|extensionHeaderBytes|pathBytes|pathDepth) = \d/,
    );
  });
}

test('folders, links and global headers are counted, two for each file allowed', async () => {
  const entries = [symlink('l', 'a'), directory('d/'), pax({ comment: 'c' }, { type: 'g' }), directory('./')];
  assert.equal((await readArchive(tar(...entries), { limits: { files: 2 } })).length, 2);
  const error = await refusalOf(readArchive(tar(...entries, directory('e/')), { limits: { files: 2 } }));
  assert.equal(error.code, 'TOO_MANY_FILES');
});

test('one budget is shared by all layers of an artifact', async () => {
  const budget = new UnpackBudget({ ...DEFAULT_LIMITS, files: 3 });
  const layer = () => ({ blob: Readable.from([gz]), descriptor: describe(gz, GZIP), budget });
  await untarLayer(layer(), listing().visitor);
  const error = await refusalOf(untarLayer(layer(), listing().visitor));
  assert.equal(error.code, 'TOO_MANY_FILES');
});

test('nothing of a layer that is too large is read', async () => {
  let reads = 0;
  const blob = new Readable({ read: () => void reads++, highWaterMark: 0 });
  const error = await refusalOf(readArchive(gz, { mediaType: GZIP, blob, limits: { layerBytes: 1 } }));
  assert.equal(error.code, 'LAYER_TOO_LARGE');
  assert.equal(reads, 0);
  assert.ok(blob.destroyed);
});

test('a copied blob counts as its bytes and one file', async () => {
  const copy = async (limits: Partial<Limits>): Promise<void> =>
    copyLayer(
      {
        blob: Readable.from([gz]),
        descriptor: describe(gz, GZIP),
        budget: new UnpackBudget({ ...DEFAULT_LIMITS, ...limits }),
      },
      { write() {}, close() {} },
    );
  await copy({ unpackedBytes: gz.length, files: 1 });
  assert.equal((await refusalOf(copy({ unpackedBytes: gz.length - 1 }))).code, 'UNPACKED_TOO_LARGE');
  assert.equal((await refusalOf(copy({ files: 0 }))).code, 'TOO_MANY_FILES');
  assert.equal((await refusalOf(copy({ layerBytes: gz.length - 1 }))).code, 'LAYER_TOO_LARGE');
});

for (const [name, mediaType, bytes] of [
  ['gzip', GZIP, gzipSync(Buffer.concat([header({ name: 'z', size: 256 * MiB }), Buffer.alloc(256 * MiB)]))],
  [
    'zstd',
    ZSTD,
    zstdCompressSync(Buffer.concat([header({ name: 'z', size: 256 * MiB }), Buffer.alloc(256 * MiB)])),
  ],
] as const) {
  test(`stops a ${name} bomb of 256 MiB soon after the grace`, async () => {
    let seen = 0;
    const data = (chunk: Uint8Array): void => {
      seen += chunk.length;
    };
    const visitor = { begin() {}, data, end() {} };
    const budget = new UnpackBudget(DEFAULT_LIMITS);
    const error = await refusalOf(
      untarLayer({ blob: Readable.from([bytes]), descriptor: describe(bytes, mediaType), budget }, visitor),
    );
    assert.equal(error.code, 'RATIO_EXCEEDED');
    assert.ok(seen <= Math.max(MiB, bytes.length * DEFAULT_LIMITS.ratio), `${seen} bytes came through`);
  });
}
