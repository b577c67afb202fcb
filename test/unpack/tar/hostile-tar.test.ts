import { type HostileCase, refuses } from '../../support/artifacts/hostile-case.ts';
import {
  directory,
  entry,
  file,
  GNU,
  gnuLong,
  type HeaderFields,
  hardlink,
  header,
  padded,
  pax,
  paxRecord,
  STAR,
  symlink,
  tar,
  V7,
} from '../../support/artifacts/tar-builder.ts';

const ok = file('ok.txt');
const joined = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);

const base256 = (...bytes: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from([0x80]), Buffer.alloc(11 - bytes.length), Buffer.from(bytes)]);
const NUMBERS: readonly HostileCase[] = [
  [
    'size-base256-negative',
    tar(header({ name: 'a', size: Buffer.alloc(12, 0xff) })),
    'ARCHIVE_INVALID',
    /size/,
  ],
  [
    'size-base256-over-2^53',
    tar(header({ name: 'a', size: base256(0x20, 0, 0, 0, 0, 0, 0) })),
    'ARCHIVE_INVALID',
    /size/,
  ],
  [
    'size-base256-1-tib',
    tar(header({ name: 'a', size: base256(1, 0, 0, 0, 0, 0) })),
    'UNPACKED_TOO_LARGE',
    /declares/,
  ],
  ['size-octal-8-gib', tar(header({ name: 'a', size: '77777777777\0' })), 'UNPACKED_TOO_LARGE', /declares/],
  ['size-pax-1-tib', tar(pax({ size: '1099511627776' }), ok), 'UNPACKED_TOO_LARGE', /declares/],
  ...[
    '-0000000001\0',
    '0x000000010\0',
    '1e3\0',
    '00000000018\0',
    '0000000000a\0',
    '00000\x000001 \0',
    '+1\0',
  ].map(
    (size): HostileCase => [
      `size-field ${JSON.stringify(size)}`,
      tar(header({ name: 'a', size })),
      'ARCHIVE_INVALID',
      /size/,
    ],
  ),
  [
    'size-bad-on-pax-header',
    tar(header({ name: 'p', type: 'x', size: 'zz' }), ok),
    'ARCHIVE_INVALID',
    /size/,
  ],
  ['mode-garbage', tar(file('a', 'x', { mode: '0000rwx\0' })), 'ARCHIVE_INVALID', /mode/],
  ['mode-negative', tar(file('a', 'x', { mode: Buffer.alloc(8, 0xff) })), 'ARCHIVE_INVALID', /mode/],
  ['checksum-wrong', tar(ok, file('a', 'x', { checksum: '000001\0 ' })), 'ARCHIVE_INVALID', /checksum/],
  ['checksum-blank', tar(ok, file('a', 'x', { checksum: '        ' })), 'ARCHIVE_INVALID', /checksum/],
  ['checksum-not-octal', tar(ok, file('a', 'x', { checksum: 'abcdef\0 ' })), 'ARCHIVE_INVALID', /checksum/],
  [
    'extension-over-1-mib',
    tar(gnuLong('L', 'x'.repeat(1024 * 1024)), ok),
    'ARCHIVE_INVALID',
    /extensionHeaderBytes/,
  ],
  [
    'pax-over-1-mib',
    tar(pax({ comment: 'x'.repeat(2 * 1024 * 1024) }), ok),
    'ARCHIVE_INVALID',
    /extensionHeaderBytes/,
  ],
  [
    'global-over-1-mib',
    tar(pax({ comment: 'x'.repeat(2 * 1024 * 1024) }, { type: 'g' }), ok),
    'ARCHIVE_INVALID',
    /extensionHeaderBytes/,
  ],
];

const TYPES: readonly HostileCase[] = [
  ['chardev', tar(entry({ name: 'dev', type: '3' })), 'ENTRY_REFUSED', /character device/],
  ['blockdev', tar(entry({ name: 'dev', type: '4' })), 'ENTRY_REFUSED', /block device/],
  ['fifo', tar(entry({ name: 'pipe', type: '6' })), 'ENTRY_REFUSED', /named pipe/],
  ['sparse', tar(entry({ name: 's', type: 'S', magic: GNU }, 'x')), 'ENTRY_REFUSED', /is a sparse file/],
  ['multi-volume', tar(entry({ name: 'm', type: 'M', magic: GNU }, 'x')), 'ENTRY_REFUSED', /volume/],
  ['dump-dir', tar(entry({ name: 'd', type: 'D', magic: GNU }, 'Yx\0\0')), 'ENTRY_REFUSED', /dump/],
  ['volume-label', tar(entry({ name: 'v', type: 'V', magic: GNU })), 'ENTRY_REFUSED', /label/],
  [
    'old-long-names',
    tar(entry({ name: 'n', type: 'N', magic: GNU }, 'Rename a to /b\n')),
    'ENTRY_REFUSED',
    /names/,
  ],
  [
    'solaris-pax',
    tar(entry({ name: 'X', type: 'X' }, paxRecord('path', '../evil'))),
    'ENTRY_REFUSED',
    /unknown type "X"/,
  ],
  ['unknown-type-A', tar(entry({ name: 'a', type: 'A' })), 'ENTRY_REFUSED', /unknown type "A"/],
  ['unknown-type-8', tar(entry({ name: 'a', type: '8' })), 'ENTRY_REFUSED', /unknown type "8"/],
  ['unknown-type-control', tar(entry({ name: 'a', type: '\u0001' })), 'ENTRY_REFUSED', /unknown type/],
  [
    'symlink-with-body',
    tar(symlink('l', 'a', { size: 512 }), ok),
    'ENTRY_REFUSED',
    /symbolic link with a body/,
  ],
  [
    'hardlink-with-body',
    tar(hardlink('l', 'ok.txt', { size: 512 }), ok),
    'ENTRY_REFUSED',
    /hard link with a body/,
  ],
  [
    'dir-with-pax-body',
    tar(pax({ size: '512' }), directory('d/'), ok),
    'ENTRY_REFUSED',
    /no file with a body/,
  ],
  [
    'dir-with-real-body',
    tar(directory('d/', { size: 512 }), padded('a body')),
    'ARCHIVE_INVALID',
    /checksum/,
  ],
  ['root-slash-file-with-body', tar(file('./', 'body')), 'ENTRY_REFUSED', /a folder to others/],
  ['slash-file-with-body', tar(file('d/', 'body')), 'ENTRY_REFUSED', /a folder to others/],
  ['slash-file-empty', tar(file('d/', '')), 'ENTRY_REFUSED', /a folder to others/],
  ['slash-file-contiguous', tar(file('d/', '', { type: '7' })), 'ENTRY_REFUSED', /a folder to others/],
  ['slash-file-of-pax', tar(pax({ path: 'd/' }), file('d', '')), 'ENTRY_REFUSED', /a folder to others/],
  [
    'v7-slash-file-with-body',
    tar(file('d/', 'body', { type: '\0', magic: V7 })),
    'ENTRY_REFUSED',
    /a folder with a body/,
  ],
  [
    'v7-slash-of-pax-alone',
    tar(pax({ path: 'd/' }), file('d', '', { type: '\0' })),
    'ENTRY_REFUSED',
    /a folder to others/,
  ],
  [
    'v7-slash-of-gnu-alone',
    tar(gnuLong('L', 'd/'), file('d', '', { type: '\0', magic: GNU })),
    'ENTRY_REFUSED',
    /a folder to others/,
  ],
  [
    'v7-slash-not-of-pax',
    tar(pax({ path: 'd' }), file('d/', '', { type: '\0' })),
    'ENTRY_REFUSED',
    /a folder to others/,
  ],
];

const named = (prefix: string | Buffer, fields: HeaderFields): Buffer =>
  tar(ok, file('evil.txt', 'x', { prefix, ...fields }));
/** What stands where a prefix may be, and is a part of the name to some readers only. */
const PREFIXES: readonly HostileCase[] = [
  ['gnu-text', named('safe/dir', { magic: GNU }), 'ARCHIVE_INVALID', /keeps times/],
  ['gnu-dots', named('../../etc', { magic: GNU }), 'ARCHIVE_INVALID', /keeps times/],
  ['gnu-long-text', named('p'.repeat(155), { magic: GNU }), 'ARCHIVE_INVALID', /keeps times/],
  ['gnu-text-in-ctime', named('00000000000\0safe/dir', { magic: GNU }), 'ARCHIVE_INVALID', /keeps times/],
  [
    'gnu-text-behind-a-nul',
    named(`${'\0'.repeat(12)}safe/dir`, { magic: GNU }),
    'ARCHIVE_INVALID',
    /keeps times/,
  ],
  ['gnu-decimal', named('18', { magic: GNU }), 'ARCHIVE_INVALID', /keeps times/],
  ['gnu-no-ascii', named(Buffer.from([0xc3, 0xa9]), { magic: GNU }), 'ARCHIVE_INVALID', /keeps times/],
  ['gnu-on-a-long-name', tar(gnuLong('L', 'n', { prefix: 'a' }), ok), 'ARCHIVE_INVALID', /keeps times/],
  ['v7-text', named('safe/dir', { magic: V7 }), 'ARCHIVE_INVALID', /no prefix/],
  ['ustar-with-a-space', named('safe/dir', { magic: 'ustar 00' }), 'ARCHIVE_INVALID', /no prefix/],
  ['ustar-with-a-letter', named('safe/dir', { magic: 'ustarX00' }), 'ARCHIVE_INVALID', /no prefix/],
  ['gnu-of-another-version', named('safe/dir', { magic: 'ustar  1' }), 'ARCHIVE_INVALID', /no prefix/],
  [
    'star-without-an-end',
    named(`${'p'.repeat(131)}14771025403\x0014771025404`, { tail: STAR }),
    'ARCHIVE_INVALID',
    /runs into/,
  ],
  ['star-times', named(`p${'\0'.repeat(130)}yesterday`, { tail: STAR }), 'ARCHIVE_INVALID', /keeps times/],
  [
    'star-text-in-ctime-behind-nuls',
    named(`p${'\0'.repeat(130)}14771025403${'\0'.repeat(8)}tar`, { tail: STAR }),
    'ARCHIVE_INVALID',
    /keeps times/,
  ],
  [
    'star-text-in-atime-behind-a-nul',
    named(`p${'\0'.repeat(131)}x`, { tail: STAR }),
    'ARCHIVE_INVALID',
    /keeps times/,
  ],
];

const bad = (fields: HeaderFields): Buffer => tar(ok, file('a', 'x', fields));
const overflown = Buffer.from([0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
/** Go ends at these, Python as well but without a word; GNU tar goes on. */
const UNUSED_NUMBERS: readonly HostileCase[] = [
  ['uid', bad({ uid: 'nobody!!' }), 'ARCHIVE_INVALID', /user id/],
  ['uid-decimal', bad({ uid: '0000099\0' }), 'ARCHIVE_INVALID', /user id/],
  ['uid-signed', bad({ uid: '-000001\0' }), 'ARCHIVE_INVALID', /user id/],
  ['uid-underscore', bad({ uid: '00_0001\0' }), 'ARCHIVE_INVALID', /user id/],
  ['uid-in-two', bad({ uid: '001 001\0' }), 'ARCHIVE_INVALID', /user id/],
  [
    'uid-of-another-base',
    bad({ uid: Buffer.from([0xc0, 0, 0, 0, 0, 0, 0, 1]) }),
    'ARCHIVE_INVALID',
    /user id/,
  ],
  ['gid', bad({ gid: 'wheel' }), 'ARCHIVE_INVALID', /group id/],
  ['mtime', bad({ mtime: 'yesterday' }), 'ARCHIVE_INVALID', /modification time/],
  ['mtime-over-64-bits', bad({ mtime: overflown }), 'ARCHIVE_INVALID', /modification time/],
  ['devmajor', bad({ devmajor: 'zz' }), 'ARCHIVE_INVALID', /major/],
  ['devminor', bad({ devminor: 'zz' }), 'ARCHIVE_INVALID', /minor/],
  ['devmajor-v7', bad({ devmajor: 'zz', magic: V7 }), 'ARCHIVE_INVALID', /major/],
  ['uid-of-a-pax-header', tar(pax({ path: 'a' }, { uid: 'zz' }), ok), 'ARCHIVE_INVALID', /user id/],
  ['mode-of-a-long-name', tar(gnuLong('L', 'a', { mode: 'zz' }), ok), 'ARCHIVE_INVALID', /mode/],
  [
    'size-that-pax-replaces',
    tar(pax({ size: '1' }), file('a', 'x', { size: 'zz' })),
    'ARCHIVE_INVALID',
    /size/,
  ],
  ['checksum-base256', bad({ checksum: '\x80\0\0\0\0\0\x10\0' }), 'ARCHIVE_INVALID', /checksum/],
];

const FRAMING: readonly HostileCase[] = [
  ['one-byte', Buffer.from([0]), 'ARCHIVE_INVALID', /no tar archive/],
  ['zeros-under-a-block', Buffer.alloc(511), 'ARCHIVE_INVALID', /no tar archive/],
  ['garbage-under-a-block', Buffer.alloc(511, 7), 'ARCHIVE_INVALID', /begin 07 07/],
  ['truncated-header', joined(ok, header({ name: 'a' }).subarray(0, 300)), 'ARCHIVE_INVALID', /middle/],
  ['truncated-first-header', header({ name: 'a' }).subarray(0, 300), 'ARCHIVE_INVALID', /middle/],
  ['truncated-body', file('a', 'x'.repeat(600)).subarray(0, 1024), 'ARCHIVE_INVALID', /middle/],
  ['truncated-extension', pax({ comment: 'x'.repeat(600) }).subarray(0, 1024), 'ARCHIVE_INVALID', /middle/],
  ['truncated-end', joined(ok, Buffer.alloc(700)), 'ARCHIVE_INVALID', /middle/],
  ['data-after-eof', joined(tar(ok), file('hidden.txt')), 'ARCHIVE_INVALID', /after its end/],
  ['junk-after-eof', joined(tar(ok), Buffer.from('junk')), 'ARCHIVE_INVALID', /after its end/],
  [
    'junk-far-after-eof',
    joined(tar(ok), Buffer.alloc(200_000), Buffer.from([1])),
    'ARCHIVE_INVALID',
    /after its end/,
  ],
  [
    'zero-block-mid',
    joined(ok, Buffer.alloc(512), tar(file('hidden.txt'))),
    'ARCHIVE_INVALID',
    /after its end/,
  ],
  ['zero-block-first', joined(Buffer.alloc(512), tar(ok)), 'ARCHIVE_INVALID', /after its end/],
  ['html', Buffer.from(`<!DOCTYPE html><html>${' '.repeat(600)}</html>`), 'ARCHIVE_INVALID', /an HTML page/],
  ['json', Buffer.from(`{"errors":[${' '.repeat(600)}]}`), 'ARCHIVE_INVALID', /JSON/],
  ['pgp', Buffer.from(`-----BEGIN PGP SIGNED MESSAGE-----\n${'x'.repeat(600)}`), 'ARCHIVE_INVALID', /PGP/],
  ['text', Buffer.from('hello\n'), 'ARCHIVE_INVALID', /plain text/],
  ['binary', Buffer.alloc(1024, 7), 'ARCHIVE_INVALID', /begin 07 07/],
];

refuses('number', NUMBERS);
refuses('type', TYPES);
refuses('prefix', PREFIXES);
refuses('number', UNUSED_NUMBERS);
refuses('framing', FRAMING);
