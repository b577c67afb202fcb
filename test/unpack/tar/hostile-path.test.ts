import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../../shared/errors.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { UnpackBudget } from '../../../shared/unpack/budget.ts';
import { TarReader } from '../../../shared/unpack/tar/tar-reader.ts';
import { type HostileCase, refuses } from '../../support/artifacts/hostile-case.ts';
import {
  directory,
  file,
  gnuLong,
  hardlink,
  pax,
  STAR,
  symlink,
  tar,
} from '../../support/artifacts/tar-builder.ts';

const ok = file('ok.txt');

const NAMES: readonly (readonly [string, string | Buffer, RegExp])[] = [
  ['abs-path', '/etc/passwd', /absolute/],
  ['abs-path-double', '//etc/passwd', /absolute/],
  ['abs-path-strip-once', '///..//evil', /absolute/],
  ['abs-after-dot-slash', './/etc/passwd', /absolute/],
  ['dotdot', '../evil', /"\.\." segment/],
  ['dotdot-only', '..', /"\.\." segment/],
  ['dotdot-slash', '../', /"\.\." segment/],
  ['dotdot-middle', 'a/../../evil', /"\.\." segment/],
  ['dotdot-harmless', 'a/../b', /"\.\." segment/],
  ['dotdot-end', 'a/..', /"\.\." segment/],
  ['dotdot-after-dot-slash', './../evil', /"\.\." segment/],
  ['dotdot-space', 'a/.. /b', /dots and spaces/],
  ['dot-inner', 'a/./b', /"\." segment/],
  ['dot-twice', '././a', /"\." segment/],
  ['dot-end', 'a/.', /"\." segment/],
  ['dot-as-file', '.', /"\." segment/],
  ['double-slash', 'a//b', /empty segment/],
  ['double-slash-end', 'a//', /empty segment/],
  ['backslash-dotdot', '..\\evil', /backslash/],
  ['backslash-inner', 'a\\b', /backslash/],
  ['unc', '\\\\server\\share\\f', /backslash/],
  ['drive-absolute', 'C:/evil', /drive/],
  ['drive-relative', 'C:evil', /drive/],
  ['drive-dotdot', 'c:../evil', /drive/],
  ['drive-after-dot-slash', './C:/evil', /drive/],
  ['empty-name', '', /is empty/],
  ['control-newline', 'a\nb', /control/],
  ['control-bell', 'a\u0007b', /control/],
  ['control-delete', 'a\u007fb', /control/],
  ['control-c1', 'a\u009bb', /control/],
  ['esc-chars', '\u001b[31mred', /control/],
  ['non-utf8', Buffer.from([0x61, 0xff, 0x62]), /not UTF-8/],
  ['overlong-slash', Buffer.from([0x61, 0xc0, 0xaf, 0x62]), /not UTF-8/],
  ['overlong-dot', Buffer.from([0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x61]), /not UTF-8/],
  ['surrogate', Buffer.from([0xed, 0xa0, 0x80]), /not UTF-8/],
  ['cut-utf8', Buffer.from([0x61, 0xc3]), /not UTF-8/],
  ['utf16', Buffer.from([0xff, 0xfe, 0x61]), /not UTF-8/],
];

/** A file, or a folder where the name ends in a slash. */
const named = (raw: string | Buffer): Buffer =>
  typeof raw === 'string' && raw.endsWith('/') ? directory(raw) : file(raw, '');

const PATHS: readonly HostileCase[] = [
  ...NAMES.map(([name, raw, says]): HostileCase => [name, tar(named(raw)), 'PATH_REFUSED', says]),
  ['ustar-prefix-abs', tar(file('passwd', 'x', { prefix: '/etc' })), 'PATH_REFUSED', /absolute/],
  ['ustar-prefix-dotdot', tar(file('evil', 'x', { prefix: 'a/..' })), 'PATH_REFUSED', /"\.\."/],
  ['ustar-prefix-name-abs', tar(file('/evil', 'x', { prefix: 'a' })), 'PATH_REFUSED', /empty segment/],
  ['star-prefix-dotdot', tar(file('evil', 'x', { prefix: '..', tail: STAR })), 'PATH_REFUSED', /"\.\."/],
  ['pax-path-dotdot', tar(pax({ path: '../evil' }), ok), 'PATH_REFUSED', /"\.\."/],
  ['pax-path-abs', tar(pax({ path: '/evil' }), ok), 'PATH_REFUSED', /absolute/],
  ['pax-path-nul', tar(pax({ path: 'ok.txt\0../evil' }), ok), 'PATH_REFUSED', /NUL/],
  ['pax-path-non-utf8', tar(pax({ path: Buffer.from([0x61, 0xff]) }), ok), 'PATH_REFUSED', /not UTF-8/],
  ['pax-path-control', tar(pax({ path: 'a\u0001' }), ok), 'PATH_REFUSED', /control/],
  ['pax-linkpath-nul', tar(pax({ linkpath: 'a\0b' }), symlink('l', 'a')), 'PATH_REFUSED', /NUL/],
  [
    'pax-linkpath-non-utf8',
    tar(pax({ linkpath: Buffer.from([0xff]) }), symlink('l', 'a')),
    'PATH_REFUSED',
    /not UTF-8/,
  ],
  ['link-name-non-utf8', tar(symlink('l', Buffer.from([0xff]))), 'PATH_REFUSED', /not UTF-8/],
  ['gnu-long-dotdot', tar(gnuLong('L', '../evil'), ok), 'PATH_REFUSED', /"\.\."/],
  ['gnu-long-abs', tar(gnuLong('L', '/evil'), ok), 'PATH_REFUSED', /absolute/],
  ['gnu-long-nul-cut', tar(gnuLong('L', '../evil\0ok.txt'), ok), 'PATH_REFUSED', /"\.\."/],
  ['gnu-long-empty', tar(gnuLong('L', ''), ok), 'PATH_REFUSED', /is empty/],
  ['gnu-long-link-empty', tar(gnuLong('K', ''), symlink('l', 'a')), 'PATH_REFUSED', /is empty/],
  ['gnu-long-non-utf8', tar(gnuLong('L', Buffer.from([0xfe])), ok), 'PATH_REFUSED', /not UTF-8/],
  [
    'gnu-long-link-non-utf8',
    tar(gnuLong('K', Buffer.from([0xfe])), symlink('l', 'a')),
    'PATH_REFUSED',
    /not UTF-8/,
  ],
  [
    'name-1025',
    tar(pax({ path: `${'d/'.repeat(1023 / 2)}${'x'.repeat(3)}` }), ok),
    'PATH_REFUSED',
    /1025 bytes/,
  ],
  ['segment-256', tar(pax({ path: 'x'.repeat(256) }), ok), 'PATH_REFUSED', /255/],
  ['deep-1200', tar(pax({ path: `${'d/'.repeat(400)}x` }), ok), 'PATH_REFUSED', /levels deep/],
  ['name-1-mib', tar(gnuLong('L', 'x'.repeat(1024 * 1024 - 1)), ok), 'PATH_REFUSED', /bytes/],
  ['symlink-dotdot-name', tar(symlink('../l', 'a')), 'PATH_REFUSED', /"\.\."/],
  ['hardlink-abs-name', tar(hardlink('/l', 'a')), 'PATH_REFUSED', /absolute/],
  ['dir-dotdot', tar(directory('a/../../b/')), 'PATH_REFUSED', /"\.\."/],
];

refuses('path', PATHS);

test('never begins an entry it refuses', () => {
  for (const [name, archive] of PATHS) {
    const seen: string[] = [];
    const reader = new TarReader(
      { begin: ({ path }) => void seen.push(path), data() {}, end() {} },
      { budget: new UnpackBudget(DEFAULT_LIMITS) },
    );
    assert.throws(() => reader.push(archive), LandfallError);
    assert.deepEqual(seen, [], name);
  }
});
