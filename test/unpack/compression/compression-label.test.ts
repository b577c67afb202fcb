import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { UnpackBudget } from '../../../shared/unpack/budget.ts';
import { copyLayer, type ReadLayerInput, untarLayer } from '../../../shared/unpack/layer/read-layer.ts';
import { describe, listing } from '../../support/artifacts/read-archive.ts';
import { file, skippable, tar, V7 } from '../../support/artifacts/tar-builder.ts';

const plain = tar(file('a.txt', 'hello'));
const v7 = tar(file('a.txt', 'hello', { magic: V7, type: '\0' }));
const gzip = gzipSync(plain);
const zstd = zstdCompressSync(plain);

const OCI = 'application/vnd.oci.image.layer.v1.tar';
const DOCKER = 'application/vnd.docker.image.rootfs.diff.tar';
const HELM = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const FLUX = 'application/vnd.cncf.flux.content.v1.tar+gzip';
const ORAS = { 'io.deis.oras.content.unpack': 'true', 'org.opencontainers.image.title': 'd' };

interface Labelled extends Partial<ReadLayerInput> {
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The layer as read, and what was noted. */
async function read(bytes: Buffer, mediaType: string, { annotations, ...more }: Labelled = {}) {
  const { visitor, entries } = listing();
  const notes: string[] = [];
  await untarLayer(
    {
      blob: Readable.from([bytes]),
      descriptor: { ...describe(bytes, mediaType), ...(annotations && { annotations }) },
      budget: new UnpackBudget(DEFAULT_LIMITS),
      onNote: (note) => notes.push(note),
      ...more,
    },
    visitor,
  );
  return { paths: entries.map(({ path }) => path), notes };
}

for (const [mediaType, bytes, says] of [
  [OCI, gzip, /is gzip, though its media type says not compressed/],
  [OCI, zstd, /is zstd, though its media type says not compressed/],
  [`${OCI}+gzip`, plain, /is not compressed, though its media type says gzip/],
  [`${OCI}+gzip`, v7, /is not compressed, though its media type says gzip/],
  [`${OCI}+gzip`, zstd, /is zstd, though its media type says gzip/],
  [`${OCI}+zstd`, gzip, /is gzip, though its media type says zstd/],
  [`${OCI}+zstd`, plain, /is not compressed, though its media type says zstd/],
  [`${OCI}+gzip`, Buffer.concat([skippable(Buffer.from('x')), zstd]), /is zstd, though/],
  [`${DOCKER}.gzip`, plain, /is not compressed, though its media type says gzip/],
  [DOCKER, gzip, /is gzip, though its media type says not compressed/],
  [HELM, plain, /is not compressed, though its media type says gzip/],
  [HELM, zstd, /is zstd, though its media type says gzip/],
  [FLUX, plain, /is not compressed, though its media type says gzip/],
  ['application/gzip', zstd, /is zstd, though its media type says gzip/],
] as const) {
  test(`reads a layer labelled ${mediaType} as what it is and notes that it ${says.source}`, async () => {
    const { paths, notes } = await read(bytes, mediaType);
    assert.deepEqual(paths, ['a.txt']);
    assert.equal(notes.length, 1);
    assert.match(notes[0] ?? '', says);
    assert.ok(notes[0]?.includes(digestOf(bytes)), 'names the layer');
  });
}

for (const [name, mediaType, bytes, annotations] of [
  ['plain as it says', OCI, plain],
  ['gzip as it says', `${OCI}+gzip`, gzip],
  ['zstd as it says', `${DOCKER}.zstd`, zstd],
  ['a type that promises nothing', 'application/vnd.acme.config', gzip],
  ['a folder that ORAS gzips whatever its media type', OCI, gzip, ORAS],
  ['a folder of ORAS with a type of its own', 'application/vnd.acme.folder', gzip, ORAS],
  ['a folder of ORAS that is plain, as it says', OCI, plain, ORAS],
] as const) {
  test(`has nothing to note of ${name}`, async () => {
    const { paths, notes } = await read(bytes, mediaType, annotations ? { annotations } : {});
    assert.deepEqual(paths, ['a.txt']);
    assert.deepEqual(notes, []);
  });
}

for (const [name, bytes] of [
  ['no bytes', Buffer.alloc(0)],
  ['gzip of no bytes', gzipSync('')],
  ['gzip of a zero block', gzipSync(Buffer.alloc(512))],
  ['gzip of 10,240 zeros', gzipSync(Buffer.alloc(10_240))],
  ['two gzip members of no bytes', Buffer.concat([gzipSync(''), gzipSync('')])],
  ['zstd of no bytes', zstdCompressSync('')],
  ['a zero block', Buffer.alloc(512)],
] as const) {
  test(`reads ${name} as an archive without entries, whatever the label`, async () => {
    for (const suffix of ['', '+gzip', '+zstd']) {
      const { paths } = await read(bytes, `${OCI}${suffix}`);
      assert.deepEqual(paths, [], suffix);
    }
  });
}

test('notes of a layer that is kept as it is, too, that its label is wrong', async () => {
  for (const [bytes, count] of [
    [gzip, 0],
    [zstd, 1],
    [plain, 1],
  ] as const) {
    const notes: string[] = [];
    const input = {
      blob: Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]),
      descriptor: describe(bytes, `${OCI}+gzip`),
      budget: new UnpackBudget(DEFAULT_LIMITS),
      onNote: (note: string) => notes.push(note),
    };
    await copyLayer(input, { write() {}, close() {} });
    assert.equal(notes.length, count);
  }
});

test('notes nothing of a layer that is refused', async () => {
  const notes: string[] = [];
  await assert.rejects(
    read(gzipSync(tar(file('../evil'))), OCI, { onNote: (note) => notes.push(note) }),
    /PATH_REFUSED|segment/,
  );
  assert.deepEqual(notes, []);
});
