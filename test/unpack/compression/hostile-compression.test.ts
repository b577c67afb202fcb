import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { ZSTD_WINDOW_LOG_MAX } from '../../../shared/limits.ts';
import { type HostileCase, refuses } from '../../support/artifacts/hostile-case.ts';
import { file, gzip, header, tar, zstd } from '../../support/artifacts/tar-builder.ts';

const GZIP = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' };
const ZSTD = { mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' };
const PLAIN = { mediaType: 'application/vnd.oci.image.layer.v1.tar' };

const archive = tar(file('a.txt', 'hello'));
const gz = gzipSync(archive);
const zst = zstdCompressSync(archive);
const html = Buffer.from('<!doctype html><html><head><title>Sign in</title></head></html>');
const joined = (...parts: readonly (Uint8Array | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => Uint8Array.from(part)));
const flipped = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy.writeUInt8(copy.readUInt8(index) ^ 0x55, index);
  return copy;
};

/** A tar header, checksum right, that begins as `magic` does. */
const polyglot = (magic: Uint8Array): Buffer =>
  joined(header({ name: Buffer.from(magic), size: 0 }), Buffer.alloc(1024));

const CONTENTS: readonly HostileCase[] = [
  ['html as gzip', html, 'COMPRESSION_INVALID', /says gzip, but the content is an HTML page/, GZIP],
  ['html as zstd', html, 'COMPRESSION_INVALID', /says zstd, but the content is an HTML page/, ZSTD],
  ['html as tar', html, 'ARCHIVE_INVALID', /no tar archive: it is an HTML page/, PLAIN],
  ['json as gzip', Buffer.from('{"errors":[]}'), 'COMPRESSION_INVALID', /JSON/, GZIP],
  ['json as tar', Buffer.from('{"errors":[]}'), 'ARCHIVE_INVALID', /JSON/, PLAIN],
  ['pgp as gzip', Buffer.from('-----BEGIN PGP MESSAGE-----\n'), 'COMPRESSION_INVALID', /PGP/, GZIP],
  ['zeros under a block as gzip', Buffer.alloc(511), 'COMPRESSION_INVALID', /begin 00 00/, GZIP],
  ['one byte as gzip', Buffer.from([0x1f]), 'COMPRESSION_INVALID', /begin 1f/, GZIP],
  ['gzip in gzip', gzipSync(gz), 'COMPRESSION_INVALID', /compressed twice: inside is gzip/, GZIP],
  ['gzip in gzip as tar', gzipSync(gz), 'COMPRESSION_INVALID', /compressed twice: inside is gzip/, PLAIN],
  ['nothing in gzip in gzip', gzipSync(gzipSync('')), 'COMPRESSION_INVALID', /compressed twice/, GZIP],
  ['zstd in gzip', gzipSync(zst), 'COMPRESSION_INVALID', /compressed twice: inside is zstd/, GZIP],
  ['gzip in zstd', zstdCompressSync(gz), 'COMPRESSION_INVALID', /compressed twice: inside is gzip/, ZSTD],
  ['html in gzip', gzipSync(html), 'ARCHIVE_INVALID', /no tar archive: it is an HTML page/, GZIP],
  [
    'a tar header in a gzip header',
    polyglot(gz.subarray(0, 10)),
    'COMPRESSION_INVALID',
    /like gzip and like a tar/,
    PLAIN,
  ],
  [
    'a tar header in a zstd frame',
    polyglot(zst.subarray(0, 10)),
    'COMPRESSION_INVALID',
    /like zstd and like a tar/,
    ZSTD,
  ],
];

/** What is known and not read, by the first bytes that its own program writes. */
const UNREAD: readonly (readonly [name: string, head: string])[] = [
  ['bzip2', 'BZh91AY&SY'],
  ['xz', '\xfd7zXZ\0'],
  ['lzip', 'LZIP\x01\x0c'],
  ['lzma', ']\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff'],
  ['compress (.Z)', '\x1f\x9d\x90'],
  ['lz4', '\x04"M\x18'],
  ['snappy', '\xff\x06\0\0sNaPpY'],
  ['a zip archive', 'PK\x03\x04'],
  ['a 7-Zip archive', "7z\xbc\xaf'\x1c"],
  ['a RAR archive', 'Rar!\x1a\x07'],
];
const UNREADS: readonly HostileCase[] = UNREAD.flatMap(([name, head]) => {
  const bytes = joined(Buffer.from(head, 'latin1'), Buffer.alloc(600, 0x55));
  const says = (found: string) => new RegExp(`${found}`.replace(/[().]/g, '\\$&'));
  return [
    [
      `${name} as tar`,
      bytes,
      'COMPRESSION_INVALID',
      says(`the content is ${name}, which is not read`),
      PLAIN,
    ],
    [
      `${name} as gzip`,
      bytes,
      'COMPRESSION_INVALID',
      says(`the content is ${name}, which is not read`),
      GZIP,
    ],
    [
      `${name} in gzip`,
      gzipSync(bytes),
      'COMPRESSION_INVALID',
      says(`compressed twice: inside is ${name}`),
      GZIP,
    ],
  ] satisfies HostileCase[];
});

const GZIPS: readonly HostileCase[] = [
  ['truncated stream', gz.subarray(0, -20), 'COMPRESSION_INVALID', /unexpected end/, GZIP],
  ['truncated by one byte', gz.subarray(0, -1), 'COMPRESSION_INVALID', /unexpected end/, GZIP],
  ['truncated to its header', gz.subarray(0, 10), 'COMPRESSION_INVALID', /unexpected end/, GZIP],
  ['truncated to its magic', gz.subarray(0, 2), 'COMPRESSION_INVALID', /unexpected end/, GZIP],
  ['truncated, of nothing', gzipSync('').subarray(0, -1), 'COMPRESSION_INVALID', /unexpected end/, GZIP],
  [
    'truncated second member',
    joined(gz, gzipSync(Buffer.alloc(512)).subarray(0, 15)),
    'COMPRESSION_INVALID',
    /unexpected end/,
    GZIP,
  ],
  ['wrong crc', flipped(gz, -8), 'COMPRESSION_INVALID', /incorrect data check/, GZIP],
  ['wrong length', flipped(gz, -1), 'COMPRESSION_INVALID', /incorrect length check/, GZIP],
  ['wrong method', flipped(gz, 2), 'COMPRESSION_INVALID', /unknown compression method/, GZIP],
  ['reserved flags', joined(gz.subarray(0, 3), [0xe0], gz.subarray(4)), 'COMPRESSION_INVALID', /flags/, GZIP],
  ['damaged middle', flipped(gz, 20), 'COMPRESSION_INVALID', /broken/, GZIP],
  [
    'junk after the last member',
    joined(gz, Buffer.from('junk')),
    'COMPRESSION_INVALID',
    /something follows its last member/,
    GZIP,
  ],
  [
    'zeros after the last member',
    joined(gz, Buffer.alloc(512)),
    'COMPRESSION_INVALID',
    /something follows its last member/,
    GZIP,
  ],
  ['one zero after the last member', joined(gz, [0]), 'COMPRESSION_INVALID', /something follows/, GZIP],
  [
    'a member hidden behind zeros',
    joined(gz, Buffer.alloc(8), gz),
    'COMPRESSION_INVALID',
    /something follows its last member/,
    GZIP,
  ],
  ['half a magic after the last member', joined(gz, [0x1f]), 'COMPRESSION_INVALID', /unexpected end/, GZIP],
  [
    'an entry in a second member behind the end',
    gzip(archive, tar(file('hidden.txt'))),
    'ARCHIVE_INVALID',
    /after its end/,
    GZIP,
  ],
  ['a zstd frame after the member', joined(gz, zst), 'COMPRESSION_INVALID', /something follows/, GZIP],
];

/** Magic, descriptor and what follows, by hand. */
const frame = (...bytes: readonly number[]): Buffer => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, ...bytes]);
const skippable = (claimed: number, body: Uint8Array = new Uint8Array(0)): Buffer => {
  const head = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(claimed, 4);
  return joined(head, body);
};
const LAST_RAW_BLOCK = [0x01, 0x00, 0x00];

const ZSTDS: readonly HostileCase[] = [
  ['truncated stream', zst.subarray(0, -6), 'COMPRESSION_INVALID', /middle of a frame/, ZSTD],
  ['truncated by one byte', zst.subarray(0, -1), 'COMPRESSION_INVALID', /middle of a frame/, ZSTD],
  ['truncated to its magic', zst.subarray(0, 4), 'COMPRESSION_INVALID', /middle of a frame/, ZSTD],
  [
    'truncated second frame',
    joined(zst, zst.subarray(0, 9)),
    'COMPRESSION_INVALID',
    /middle of a frame/,
    ZSTD,
  ],
  [
    'junk after the last frame',
    joined(zst, Buffer.from('junkjunk')),
    'COMPRESSION_INVALID',
    /other than a frame/,
    ZSTD,
  ],
  [
    'zeros after the last frame',
    joined(zst, Buffer.alloc(8)),
    'COMPRESSION_INVALID',
    /other than a frame/,
    ZSTD,
  ],
  [
    'three bytes after the last frame',
    joined(zst, zst.subarray(0, 3)),
    'COMPRESSION_INVALID',
    /middle/,
    ZSTD,
  ],
  ['a gzip member after the frame', joined(zst, gz), 'COMPRESSION_INVALID', /other than a frame/, ZSTD],
  [
    'damaged content',
    flipped(zstdCompressSync(archive, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }), -1),
    'COMPRESSION_INVALID',
    /zstd/,
    ZSTD,
  ],
  [
    'an entry in a second frame behind the end',
    zstd(archive, tar(file('b'))),
    'ARCHIVE_INVALID',
    /after its end/,
    ZSTD,
  ],
  [
    'a skippable frame that is cut',
    skippable(4, Buffer.alloc(3)),
    'COMPRESSION_INVALID',
    /middle of a frame/,
    ZSTD,
  ],
  ['a skippable frame of 4 GiB', skippable(0xffffffff), 'COMPRESSION_INVALID', /middle of a frame/, ZSTD],
  ['a dictionary', frame(0x01, 0x58, 0x07, ...LAST_RAW_BLOCK), 'COMPRESSION_INVALID', /dictionary/, ZSTD],
  ['a reserved bit', frame(0x08, 0x58, ...LAST_RAW_BLOCK), 'COMPRESSION_INVALID', /reserved bit/, ZSTD],
  [
    'a reserved block type',
    frame(0x00, 0x58, 0x07, 0x00, 0x00),
    'COMPRESSION_INVALID',
    /reserved type/,
    ZSTD,
  ],
  [
    'a window of the limit and an eighth',
    frame(0x00, ((ZSTD_WINDOW_LOG_MAX - 10) << 3) | 1, ...LAST_RAW_BLOCK),
    'COMPRESSION_INVALID',
    /window/,
    ZSTD,
  ],
  [
    'a window of 2 GiB',
    frame(0x00, 21 << 3, ...LAST_RAW_BLOCK),
    'COMPRESSION_INVALID',
    /window of 2147483648/,
    ZSTD,
  ],
  [
    'a single segment of 2^26 + 1',
    frame(0xa0, 0x01, 0x00, 0x00, 0x04, ...LAST_RAW_BLOCK),
    'COMPRESSION_INVALID',
    /window of 67108865/,
    ZSTD,
  ],
  [
    'a single segment of 2^60',
    frame(0xe0, 0, 0, 0, 0, 0, 0, 0, 0x10, ...LAST_RAW_BLOCK),
    'COMPRESSION_INVALID',
    /window/,
    ZSTD,
  ],
  ['a lying content size', frame(0x20, 0x05, 0x09, 0x00, 0x00, 0x78), 'COMPRESSION_INVALID', /zstd/, ZSTD],
  ['a block over the block limit', frame(0x00, 0x00, 0x05, 0x00, 0x40), 'COMPRESSION_INVALID', /zstd/, ZSTD],
];

refuses('content', CONTENTS);
refuses('compression', UNREADS);
refuses('gzip stream', GZIPS);
refuses('zstd stream', ZSTDS);
