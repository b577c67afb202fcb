import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type HostileCase, refuses } from '../support/hostile-case.ts';
import { readArchive } from '../support/read-archive.ts';
import {
  entry,
  file,
  gnuLong,
  header,
  padded,
  pax,
  paxRecord,
  symlink,
  tar,
  USTAR,
} from '../support/tar-builder.ts';

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
  ['pax-path-empty', tar(pax({ path: '' }), ok), 'ARCHIVE_INVALID', /empty PAX path/],
  ['pax-alone-at-end', tar(ok, pax({ path: 'a' })), 'ARCHIVE_INVALID', /without its entry/],
  ['pax-alone-no-end', joined(ok, pax({ path: 'a' })), 'ARCHIVE_INVALID', /without its entry/],
  ['gnu-long-alone', tar(ok, gnuLong('L', 'a')), 'ARCHIVE_INVALID', /without its entry/],
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

refuses('override', OVERRIDES);
refuses('PAX header', PAX_FORM);

test('a PAX size before a GNU long name counts for the entry, not for the long name', async () => {
  const inner = joined(header({ name: 'inner.txt', size: 0 }), padded('y'));
  const archive = tar(
    pax({ size: String(inner.length) }),
    gnuLong('L', 'longname.txt'),
    entry({ name: 'a', magic: USTAR, size: 0 }),
    inner,
  );
  const entries = await readArchive(archive);
  assert.deepEqual(
    entries.map(({ path, sha256 }) => [path, sha256]),
    [['longname.txt', createHash('sha256').update(inner).digest('hex')]],
  );
});
