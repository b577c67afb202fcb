import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isLandfallError } from '../../../shared/errors.ts';
import { type ReadOptions, readArchive } from '../../support/artifacts/read-archive.ts';
import {
  directory,
  file,
  gnuLong,
  gzip,
  pax,
  symlink,
  tar,
  zstd,
} from '../../support/artifacts/tar-builder.ts';

const archive = tar(
  pax({ comment: 'c' }, { type: 'g' }),
  directory('./'),
  file('a', 'x'.repeat(511)),
  file('b', 'x'.repeat(512)),
  file('c', 'x'.repeat(1513)),
  file('empty', ''),
  pax({ path: `long/${'ö'.repeat(100)}`, mtime: '1' }),
  file('d', 'y'.repeat(3)),
  gnuLong('K', 'k'.repeat(700)),
  gnuLong('L', 'l/'.repeat(30)),
  symlink('s', 't'),
);
const broken = Buffer.concat([archive.subarray(0, -1024), file('../evil')]);

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...[...places].sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

const verdict = (bytes: Buffer, options: ReadOptions): Promise<unknown> =>
  readArchive(bytes, options).catch((error: unknown) =>
    isLandfallError(error) ? [error.code, error.message] : Promise.reject(error),
  );

const STREAMS: readonly (readonly [string, Buffer, string])[] = [
  ['a tar', archive, 'application/x-tar'],
  ['a tar that is refused', broken, 'application/x-tar'],
  ['a gzip of two members', gzip(archive.subarray(0, 1000), archive.subarray(1000)), 'x/y.tar+gzip'],
  ['a gzip with a rest', Buffer.concat([gzip(archive), Buffer.alloc(5)]), 'x/y.tar+gzip'],
  [
    'a zstd of three frames',
    zstd(archive.subarray(0, 7), archive.subarray(7, 900), archive.subarray(900)),
    'x/y.tar+zstd',
  ],
  ['a zstd that is cut', zstd(archive).subarray(0, -3), 'x/y.tar+zstd'],
];

for (const [name, bytes, mediaType] of STREAMS) {
  test(`reads ${name} the same however it is cut`, async () => {
    const whole = await verdict(bytes, { mediaType });
    const places = fc.array(fc.nat(bytes.length), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(places, async (at) => {
        assert.deepEqual(await verdict(bytes, { mediaType, chunks: cut(bytes, at) }), whole);
      }),
      { numRuns: 60 },
    );
    const single = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
    assert.deepEqual(await verdict(bytes, { mediaType, chunks: single }), whole);
  });
}
