import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { DEFAULT_LIMITS, GiB, MiB } from '../../../shared/limits.ts';
import { UnpackBudget } from '../../../shared/unpack/budget.ts';
import { promisedCompression } from '../../../shared/unpack/compression/compressions.ts';
import { untarLayer } from '../../../shared/unpack/layer/read-layer.ts';
import { describe, readArchive } from '../../support/artifacts/read-archive.ts';
import { file, gzip, header, tar } from '../../support/artifacts/tar-builder.ts';

const GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip';

for (const [mediaType, compression] of [
  ['application/vnd.oci.image.layer.v1.tar', 'none'],
  ['application/vnd.oci.image.layer.v1.tar+gzip', 'gzip'],
  ['application/vnd.oci.image.layer.v1.tar+zstd', 'zstd'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', 'gzip'],
  ['application/vnd.docker.image.rootfs.diff.tar', 'none'],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'gzip'],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', 'zstd'],
  ['application/vnd.cncf.flux.content.v1.tar+gzip', 'gzip'],
  ['application/vnd.cncf.helm.chart.content.v1.tar+gzip', 'gzip'],
  ['application/tar+gzip', 'gzip'],
  ['application/vnd.timoni.content.v1.tar+gzip', 'gzip'],
  ['application/gzip', 'gzip'],
  ['application/x-gzip', 'gzip'],
  ['application/x-tgz', 'gzip'],
  ['application/vnd.acme.tgz', 'gzip'],
  ['application/zstd', 'zstd'],
  ['application/x-tar', 'none'],
  ['APPLICATION/VND.ACME.TAR+GZIP; v=1', 'gzip'],
  ['application/vnd.gzip.v1.tar', 'none'],
  ['application/vnd.acme.notgzip', undefined],
  ['application/vnd.acme.config', undefined],
  ['', undefined],
] as const) {
  test(`takes ${compression ?? 'nothing'} for what ${mediaType || 'no media type'} promises`, () =>
    assert.equal(promisedCompression(mediaType), compression));
}

test('reads all members of a gzip, an empty one and one that cuts a header included', async () => {
  const archive = tar(file('a', 'x'.repeat(3000)), file('b'));
  const layer = gzip(
    archive.subarray(0, 100),
    Buffer.alloc(0),
    archive.subarray(100, 4000),
    archive.subarray(4000),
  );
  const entries = await readArchive(layer, { mediaType: GZIP });
  assert.deepEqual(entries, await readArchive(archive));
});

test('reads a gzip header with a name, a comment and extra fields', async () => {
  const plain = gzipSync(tar(file('a')));
  const extra = [4, 0, 1, 2, 3, 4];
  const named = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 4 | 8 | 16, 0, 0, 0, 0, 0, 255, ...extra]),
    Buffer.from('name\0comment\0'),
    plain.subarray(10),
  ]);
  assert.equal((await readArchive(named, { mediaType: GZIP })).length, 1);
});

/** 1 GiB of a file's zeros, made of 64 times the same member or frame. */
const huge = (compress: (bytes: Buffer) => Buffer): Buffer[] => {
  const piece = compress(Buffer.alloc(16 * MiB));
  return [compress(header({ name: 'z', size: GiB })), ...Array<Buffer>(64).fill(piece)];
};

for (const [name, compress] of [
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const) {
  test(`memory stays flat over 1 GiB of ${name}`, async () => {
    const chunks = huge((bytes) => compress(bytes));
    const bytes = Buffer.concat(chunks);
    const budget = new UnpackBudget({ ...DEFAULT_LIMITS, ratio: Number.MAX_SAFE_INTEGER });
    const before = process.memoryUsage.rss();
    let most = before;
    let seen = 0;
    const data = (chunk: Uint8Array): void => {
      seen += chunk.length;
      most = Math.max(most, process.memoryUsage.rss());
    };
    await untarLayer(
      { blob: Readable.from(chunks), descriptor: describe(bytes, `a/b.tar+${name}`), budget },
      { begin() {}, data, end() {} },
    );
    assert.equal(seen, GiB);
    assert.ok(most - before < 96 * MiB, `grew by ${(most - before) / MiB} MiB`);
  });
}
