import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isLandfallError, LandfallError } from '../../../shared/errors.ts';
import { PLAIN_LEVELS } from '../../../shared/kernel/plain-path.ts';
import { DEFAULT_LIMITS, PATH_SEGMENT_BYTES } from '../../../shared/limits.ts';
import { clashKey } from '../../../shared/unpack/clash-key.ts';
import { judgePath, quoteName, resolveLink } from '../../../shared/unpack/entry-path.ts';

const judge = (raw: string, prefixBytes = 0): string => judgePath(raw, DEFAULT_LIMITS, prefixBytes);
const refused = (read: () => unknown, says: RegExp): void =>
  assert.throws(
    read,
    (error) => isLandfallError(error) && error.code === 'PATH_REFUSED' && says.test(error.message),
  );

for (const [raw, path] of [
  ['a', 'a'],
  ['./a', 'a'],
  ['a/', 'a'],
  ['./a/b/', 'a/b'],
  ['.a', '.a'],
  ['..a/b..', '..a/b..'],
  ['ab:c', 'ab:c'],
  ['__proto__', '__proto__'],
  ['naïve ☃ 漢.yaml', 'naïve ☃ 漢.yaml'],
] as const) {
  test(`judges ${quoteName(raw)} to be ${quoteName(path)}`, () => assert.equal(judge(raw), path));
}

/** The attacks in archives are in hostile-path.test.ts; these names also come from annotations. */
for (const [raw, says] of [
  ['/', /absolute/],
  ['./', /empty/],
  ['.', /"\." segment/],
  ['a:b', /drive/],
  ['\ud800', /Unicode/],
  ['a\u0000', /control/],
  ['a\ufffe', /no XML/],
  ['a\uffff', /no XML/],
] as const) {
  test(`refuses the path ${quoteName(raw)}`, () => refused(() => judge(raw), says));
}

test('counts bytes, prefix included, up to pathBytes', () => {
  assert.equal(judge(pathOf(1024)).length, 1024);
  refused(() => judge(pathOf(1025)), /1025 bytes, more than pathBytes = 1024/);
  assert.equal(judge(pathOf(924), 100).length, 924);
  refused(() => judge(pathOf(925), 100), /pathBytes/);
  refused(() => judgePath('öö', { ...DEFAULT_LIMITS, pathBytes: 3 }, 0), /4 bytes/);
});

/** A path of so many bytes, in segments that are allowed. */
function pathOf(bytes: number): string {
  const folders = 'x'.repeat(200);
  let path = folders;
  while (path.length + 201 <= bytes) path += `/${folders}`;
  return path.length < bytes ? `${path}/`.padEnd(bytes, 'y') : path;
}

test('counts levels up to pathDepth', () => {
  assert.ok(judge(`${'d/'.repeat(63)}x`));
  refused(() => judge(`${'d/'.repeat(64)}x`), /65 levels/);
});

test('counts the bytes of a segment', () => {
  assert.ok(judge('x'.repeat(PATH_SEGMENT_BYTES)));
  refused(() => judge('x'.repeat(PATH_SEGMENT_BYTES + 1)), /segment/);
  refused(() => judge('ö'.repeat(PATH_SEGMENT_BYTES / 2 + 1)), /segment/);
});

test('whatever is accepted stays below its root and is judged the same again', () => {
  const piece = fc.constantFrom('.', '..', '/', '\\', 'a', 'C:', '\0', 'é', ' ', '\u009b', '\ud800', '//');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece).map((pieces) => pieces.join('')),
        fc.string({ unit: 'binary' }),
      ),
      (raw) => {
        let path: string;
        try {
          path = judge(raw);
        } catch (error) {
          assert.ok(error instanceof LandfallError);
          assert.doesNotMatch(error.message, /\p{C}/u);
          return;
        }
        assert.equal(judge(path), path);
        assert.equal(
          new URL(`file:///root/${path.replace(/[?#%]/g, '_')}`).pathname.startsWith('/root/'),
          true,
        );
        assert.ok(path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..'));
      },
    ),
    { numRuns: 2000 },
  );
});

for (const [from, target, kind, to] of [
  ['a/b/l', 'x', 'symlink', 'a/b/x'],
  ['a/b/l', '../x', 'symlink', 'a/x'],
  ['a/b/l', '../../x', 'symlink', 'x'],
  ['a/b/l', '../..', 'symlink', ''],
  ['a/b/l', '../../../x', 'symlink', undefined],
  ['l', '..', 'symlink', undefined],
  ['l', '.', 'symlink', ''],
  ['l', './x//y/', 'symlink', 'x/y'],
  ['a/l', '../b/../../x', 'symlink', undefined],
  ['a/l', 'b/../x', 'symlink', undefined],
  ['a/l', './../x', 'symlink', 'x'],
  ['a/l', '/etc/passwd', 'symlink', undefined],
  ['a/l', '//x', 'symlink', undefined],
  ['a/l', 'C:\\x', 'symlink', undefined],
  ['a/l', 'C:x', 'symlink', undefined],
  ['a/l', '..\\x', 'symlink', undefined],
  ['a/l', 'x\u0000y', 'symlink', undefined],
  ['a/l', '', 'symlink', undefined],
  ['a/b/l', 'x', 'hardlink', 'x'],
  ['a/b/l', './x/y', 'hardlink', 'x/y'],
  ['a/b/l', '../x', 'hardlink', undefined],
  ['a/b/l', 'x/../y', 'hardlink', undefined],
  ['a/b/l', '/x', 'hardlink', undefined],
] as const) {
  test(`a ${kind} ${from} to ${quoteName(target)} ${to === undefined ? 'leaves' : `points at "${to}"`}`, () =>
    assert.equal(resolveLink(from, target, kind), to));
}

for (const [one, other, clash] of [
  ['README', 'readme', true],
  ['straße', 'STRASSE', false],
  ['é', 'e\u0301', true],
  ['\u212a', 'k', true],
  ['ﬁle', 'file', false],
  ['ΑΣ', 'ας', true],
  ['a/b', 'a/c', false],
  ['a', 'ä', false],
] as const) {
  test(`${one} and ${other} ${clash ? 'clash' : 'do not clash'} where case and form are folded`, () =>
    assert.equal(clashKey(one) === clashKey(other), clash));
}

test('shows a hostile name without letting it act', () => {
  assert.equal(quoteName('a\u001b[2Jb'), '"a\\u001b[2Jb"');
  assert.equal(quoteName('a\u202eb'), '"a\\u202eb"');
  assert.ok(quoteName('x'.repeat(5000)).length < 200);
});

test('a plain path is judged by one look as it is by all rules', () => {
  const verdict = (raw: string, pathDepth: number): string => {
    try {
      return judgePath(raw, { ...DEFAULT_LIMITS, pathDepth }, 0);
    } catch (error) {
      return String(error);
    }
  };
  // Where fewer levels are allowed than a plain path may have, every rule is asked.
  const segment = fc.string({
    unit: fc.constantFrom('a', 'Z', '0', '_', '.', '-', '\n', ' ', ':', 'é'),
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 8 }), (segments) => {
      const raw = segments.join('/');
      assert.equal(verdict(raw, DEFAULT_LIMITS.pathDepth), verdict(raw, PLAIN_LEVELS - 1));
    }),
    { numRuns: 2_000 },
  );
  for (const length of [128, 129, PATH_SEGMENT_BYTES, PATH_SEGMENT_BYTES + 1])
    assert.equal(verdict('a'.repeat(length), 64), verdict('a'.repeat(length), 15));
  refused(() => judge('a/'.repeat(DEFAULT_LIMITS.pathDepth).concat('a')), /levels deep/);
  refused(() => judge('a', DEFAULT_LIMITS.pathBytes), /more than pathBytes/);
});
