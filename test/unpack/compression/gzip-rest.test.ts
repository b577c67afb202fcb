import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { readArchive, refusalOf } from '../../support/artifacts/read-archive.ts';
import { file, tar } from '../../support/artifacts/tar-builder.ts';

const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
const archive = tar(file('a.txt', 'hello'));
const member = gzipSync(archive);
const FOLLOWED = /the gzip stream is broken: something follows its last member$/;
/** What is cut in its header or body may be a member, as far as it goes. */
const CUT = /the gzip stream is broken: unexpected end of file$/;

const RESTS: readonly (readonly [name: string, rest: Buffer, says: RegExp])[] = [
  ['one zero', Buffer.alloc(1), FOLLOWED],
  ['many zeros', Buffer.alloc(60), FOLLOWED],
  ['zeros, then a member', Buffer.concat([Buffer.alloc(8), member]), FOLLOWED],
  ['a zero, then garbage', Buffer.from('\0garbage'), FOLLOWED],
  ['garbage', Buffer.from('garbage'), FOLLOWED],
  ['garbage, then zeros', Buffer.concat([Buffer.from('ga'), Buffer.alloc(20)]), FOLLOWED],
  ['a plain archive', archive.subarray(0, 40), FOLLOWED],
  ['a zstd frame', zstdCompressSync(archive).subarray(0, 30), FOLLOWED],
  ['half a magic, then something else', Buffer.from([0x1f, 0x1f, 0, 0]), FOLLOWED],
  ['half a magic', member.subarray(0, 1), CUT],
  ['a magic', member.subarray(0, 2), CUT],
  ['half a header', member.subarray(0, 5), CUT],
];

async function* slowly(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    await setImmediate();
    yield chunk;
  }
}

const cutAt = (bytes: Buffer, ...places: readonly number[]): Buffer[] => {
  const edges = [0, ...places, bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
};

for (const [name, rest, says] of RESTS) {
  test(`refuses ${name} behind the last member with one message, however the bytes come`, async () => {
    const bytes = Buffer.concat([member, rest]);
    const places = Array.from({ length: bytes.length - 1 }, (_, at) => at + 1);
    const ways: (readonly Buffer[])[] = [
      [bytes],
      ...places.map((at) => cutAt(bytes, at)),
      ...places.filter((at) => at > member.length).map((at) => cutAt(bytes, member.length, at)),
      Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
    ];
    for (const chunks of ways) {
      for (const blob of [Readable.from(chunks), Readable.from(slowly(chunks))]) {
        const error = await refusalOf(readArchive(bytes, { mediaType, blob }));
        assert.equal(error.code, 'COMPRESSION_INVALID');
        assert.match(error.message, says, chunks.map(({ length }) => length).join());
      }
    }
  });
}

test('refuses what follows a large layer with the same message', async () => {
  const large = gzipSync(tar(file('noise', randomBytes(400_000))), { level: 0 });
  for (const size of [1, 512, 300_000]) {
    const bytes = Buffer.concat([large, Buffer.alloc(size)]);
    for (const step of [1000, 16_384, 65_536, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, at) =>
        bytes.subarray(at * step, (at + 1) * step),
      );
      const error = await refusalOf(readArchive(bytes, { mediaType, blob: Readable.from(slowly(chunks)) }));
      assert.match(error.message, FOLLOWED, `${size} zeros in steps of ${step}`);
    }
  }
});
