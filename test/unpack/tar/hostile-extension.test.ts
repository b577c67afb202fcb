import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HostileCase, refuses } from '../../support/artifacts/hostile-case.ts';
import { readArchive, refusalOf } from '../../support/artifacts/read-archive.ts';
import {
  entry,
  file,
  GNU,
  gnuLong,
  type HeaderFields,
  header,
  padded,
  pax,
  paxRecord,
  symlink,
  tar,
} from '../../support/artifacts/tar-builder.ts';

const ok = file('ok.txt');
const joined = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);

const OVERRIDES: readonly HostileCase[] = [
  ['pax-and-gnu-path', tar(pax({ path: 'a' }), gnuLong('L', '../evil'), ok), 'PATH_REFUSED', /both/],
  ['gnu-and-pax-path', tar(gnuLong('L', '../evil'), pax({ path: 'a' }), ok), 'PATH_REFUSED', /both/],
  [
    'pax-and-gnu-link',
    tar(pax({ linkpath: 'a' }), gnuLong('K', 'b'), symlink('l', 'c')),
    'PATH_REFUSED',
    /both/,
  ],
  ['global-path', tar(pax({ path: 'evil' }, { type: 'g' }), ok), 'ARCHIVE_INVALID', /global/],
  ['global-linkpath', tar(pax({ linkpath: 'evil' }, { type: 'g' }), ok), 'ARCHIVE_INVALID', /global/],
  ['global-size', tar(pax({ size: '0' }, { type: 'g' }), ok), 'ARCHIVE_INVALID', /global/],
  [
    'global-between',
    tar(pax({ mtime: '1' }), pax({ comment: 'c' }, { type: 'g' }), ok),
    'ARCHIVE_INVALID',
    /between/,
  ],
  ['pax-twice', tar(pax({ path: 'a' }), pax({ path: 'b' }), ok), 'ARCHIVE_INVALID', /two PAX/],
  ['pax-twice-harmless', tar(pax({ mtime: '1' }), pax({ mtime: '2' }), ok), 'ARCHIVE_INVALID', /two PAX/],
  ['pax-empty-then-pax', tar(pax({}), pax({ path: 'b' }), ok), 'ARCHIVE_INVALID', /two PAX/],
  ['gnu-long-twice', tar(gnuLong('L', 'a'), gnuLong('L', 'b'), ok), 'ARCHIVE_INVALID', /two GNU long names/],
  [
    'gnu-long-link-twice',
    tar(gnuLong('K', 'a'), gnuLong('K', 'b'), symlink('l', 'c')),
    'ARCHIVE_INVALID',
    /two GNU long links/,
  ],
  [
    'pax-key-twice',
    tar(pax(joined(paxRecord('path', 'a'), paxRecord('path', 'b'))), ok),
    'ARCHIVE_INVALID',
    /twice/,
  ],
  [
    'pax-and-gnu-name',
    tar(pax({ mtime: '1' }), gnuLong('L', 'a'), ok),
    'PATH_REFUSED',
    /both a PAX header and a GNU long name/,
  ],
  ['gnu-and-pax-size', tar(gnuLong('L', 'a'), pax({ size: '1' }), ok), 'PATH_REFUSED', /both/],
  [
    'pax-nothing-and-gnu',
    tar(pax({}), gnuLong('K', 'a'), symlink('l', 'c')),
    'PATH_REFUSED',
    /both a PAX header and a GNU long link/,
  ],
  ['pax-path-empty', tar(pax({ path: '' }), ok), 'ARCHIVE_INVALID', /empty PAX path/],
  ['pax-alone-at-end', tar(ok, pax({ path: 'a' })), 'ARCHIVE_INVALID', /without its entry/],
  ['pax-alone-no-end', joined(ok, pax({ path: 'a' })), 'ARCHIVE_INVALID', /without its entry/],
  ['gnu-long-alone', tar(ok, gnuLong('L', 'a')), 'ARCHIVE_INVALID', /without its entry/],
];

/** An extension header of `body.length` bytes, and what stands in its last block behind them. */
const goingOn = (fields: HeaderFields, body: string | Buffer, rest: string): Buffer => {
  const bytes = Buffer.from(body);
  return tar(
    header({ name: 'h', size: bytes.length, ...fields }),
    padded(joined(bytes, Buffer.from(rest))),
    symlink('ok', 'a'),
  );
};
const times = paxRecord('mtime', '1');
const CONTINUED: readonly HostileCase[] = [
  ['long-name', goingOn({ type: 'L', magic: GNU }, 'short', '-and-more.txt'), 'ARCHIVE_INVALID', /goes on/],
  [
    'long-name-behind-its-nul',
    goingOn({ type: 'L', magic: GNU }, 'short\0', 'x'),
    'ARCHIVE_INVALID',
    /goes on/,
  ],
  ['long-link', goingOn({ type: 'K', magic: GNU }, 'f', '/../../etc/passwd'), 'ARCHIVE_INVALID', /goes on/],
  ['pax', goingOn({ type: 'x' }, times, String(paxRecord('path', 'evil'))), 'ARCHIVE_INVALID', /goes on/],
  ['pax-zero-bytes', goingOn({ type: 'x' }, times, `${'\0'.repeat(9)}x`), 'ARCHIVE_INVALID', /goes on/],
  ['global', goingOn({ type: 'g' }, times, String(paxRecord('path', 'evil'))), 'ARCHIVE_INVALID', /goes on/],
  [
    'last-byte',
    goingOn({ type: 'L', magic: GNU }, 'n', `${'\0'.repeat(510)}x`),
    'ARCHIVE_INVALID',
    /goes on/,
  ],
];

const paxRaw = (text: string | Buffer): Buffer => tar(pax(Buffer.from(text)), ok);
const PAX_FORM: readonly HostileCase[] = [
  ['pax-length-zero', paxRaw('0 path=a\n'), 'ARCHIVE_INVALID', /length/],
  ['pax-length-short', paxRaw('5 path=abc\n'), 'ARCHIVE_INVALID', /length/],
  ['pax-length-long', paxRaw('99 path=abc\n'), 'ARCHIVE_INVALID', /length/],
  ['pax-length-huge', paxRaw('99999999999999999999 path=abc\n'), 'ARCHIVE_INVALID', /length/],
  ['pax-length-negative', paxRaw('-12 path=abc\n'), 'ARCHIVE_INVALID', /length/],
  ['pax-length-signed', paxRaw('+12 path=abc\n'), 'ARCHIVE_INVALID', /length/],
  ['pax-length-padded', paxRaw('012 path=abc\n'), 'ARCHIVE_INVALID', /length/],
  ['pax-length-hex', paxRaw('0xc path=abc\n'), 'ARCHIVE_INVALID', /length/],
  ['pax-length-missing', paxRaw('path=abc\n'), 'ARCHIVE_INVALID', /length/],
  ['pax-length-in-header-only', paxRaw('3 \n'), 'ARCHIVE_INVALID', /without "="/],
  ['pax-no-newline', paxRaw('11 path=abc'), 'ARCHIVE_INVALID', /length/],
  ['pax-no-equals', paxRaw('10 pathabc\n'.replace('10', '11')), 'ARCHIVE_INVALID', /without "="/],
  ['pax-key-empty', paxRaw('7 =abc\n'), 'ARCHIVE_INVALID', /key/],
  ['pax-key-nul', paxRaw('13 pa\0th=abc\n'), 'ARCHIVE_INVALID', /key/],
  [
    'pax-rest-zeros',
    tar(pax(joined(paxRecord('mtime', '1'), Buffer.alloc(4))), ok),
    'ARCHIVE_INVALID',
    /length/,
  ],
  ['pax-sparse-major', tar(pax({ 'GNU.sparse.major': '1' }), ok), 'ENTRY_REFUSED', /sparse/],
  ['pax-sparse-name', tar(pax({ 'GNU.sparse.name': '../evil' }), ok), 'ENTRY_REFUSED', /sparse/],
  ['pax-sparse-global', tar(pax({ 'GNU.sparse.name': 'a' }, { type: 'g' }), ok), 'ENTRY_REFUSED', /sparse/],
  ['pax-sparse-star', tar(pax({ 'SCHILY.realsize': '9' }), ok), 'ENTRY_REFUSED', /sparse/],
  ...['-1', '1e3', '0x10', '1.5', ' 1', '1 ', '+1', 'NaN', '99999999999999999', '9999999999999999', '１'].map(
    (size): HostileCase => [`pax-size ${size}`, tar(pax({ size }), ok), 'ARCHIVE_INVALID', /PAX size/],
  ),
];

const PAX_NUMBERS: readonly HostileCase[] = [
  ['uid', 'root'],
  ['uid', '1.5'],
  ['gid', '9223372036854775808'],
  ['gid', `1${'0'.repeat(5000)}`],
  ['mtime', 'yesterday'],
  ['mtime', '.5'],
  ['atime', '1.5x'],
  ['ctime', '0x10'],
  ['uname', 'ro\0ot'],
  ['gname', 'ro\0ot'],
].map(([key = '', value = '']) => [
  `${key} ${JSON.stringify(value.slice(0, 20))}`,
  tar(pax({ [key]: value }), ok),
  'ARCHIVE_INVALID',
  /readers disagree/,
]);

refuses('override', OVERRIDES);
refuses('continued extension', CONTINUED);
refuses('PAX number', PAX_NUMBERS);
refuses('PAX header', PAX_FORM);

test('says how bsdtar packs without holes', async () => {
  for (const archive of [
    tar(pax({ 'GNU.sparse.major': '1' }), ok),
    tar(entry({ name: 's', type: 'S', magic: GNU })),
  ]) {
    const { code, hint } = await refusalOf(readArchive(archive));
    assert.equal(code, 'ENTRY_REFUSED');
    assert.match(hint ?? '', /--no-read-sparse/);
  }
});
