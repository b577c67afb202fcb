// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Go's templates, not JavaScript's
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isLandfallError } from '../../shared/errors.ts';
import { REGEX_CHARACTERS } from '../../shared/limits.ts';
import { tagFilter } from '../../shared/resolve/tag-filter.ts';

const FILTERED: readonly (readonly [pattern: string, tag: string, passes: boolean])[] = [
  ['rc', '6.1.0-rc.1', true],
  ['^rc', '6.1.0-rc.1', false],
  ['.*-rc.*', '6.1.0', false],
  ['^v?[0-9]+\\.[0-9]+\\.[0-9]+$', 'v1.2.3', true],
  ['_', '1.2.3_a', true],
  ['\\+', '1.2.3_a', false],
  ['(?i)RC', 'x-rc', true],
  ['[[:digit:]]{3}', 'a123', true],
  ['', 'anything', true],
];
for (const [pattern, tag, passes] of FILTERED) {
  test(`filter ${pattern} ${passes ? 'lets' : 'does not let'} ${tag} through`, () => {
    assert.equal(tagFilter(pattern)(tag), passes ? tag : undefined);
  });
}

const BRANCH = '^(?P<branch>[a-z]+)-(?<sha>[a-f0-9]+)-(?P<ts>[0-9]+)(?P<suffix>-dirty)?$';
const EXTRACTED: readonly (readonly [template: string, value: string])[] = [
  ['$ts', '1700'],
  ['${ts}', '1700'],
  ['$3', '1700'],
  ['${3}', '1700'],
  ['$0', 'main-abc-1700'],
  ['${ts}x', '1700x'],
  ['$branch/$sha', 'main/abc'],
  ['$$$ts', '$1700'],
  ['$ts$', '1700$'],
  ['$-$ts', '$-1700'],
  ['${ts$ts', '${ts1700'],
  ['${}$ts', '${}1700'],
  ['$suffix$ts', '1700'],
  ['1.0.$ts', '1.0.1700'],
];
for (const [template, value] of EXTRACTED) {
  test(`extract ${template} is ${value}, as Go expands it`, () => {
    assert.equal(tagFilter(BRANCH, template)('main-abc-1700'), value);
    assert.equal(tagFilter(BRANCH, template)('1.2.3'), undefined);
  });
}

const REFUSED: readonly (readonly [
  pattern: string,
  extract: string | undefined,
  message: RegExp,
  hint: RegExp,
])[] = [
  ['(a', undefined, /missing closing/, /RE2/],
  ['a(?=b)', undefined, /\(\?=/, /no lookaheads/],
  ['(?<!a)b', undefined, /filter/, /cannot backtrack/],
  ['(a)\\1', undefined, /invalid escape/, /back-references/],
  ['a{1001}', undefined, /repeat/, /RE2/],
  ['.{1000}.{1000}.{1000}', undefined, /instructions, more than 2000/, /Repeat less/],
  ['a'.repeat(REGEX_CHARACTERS + 1), undefined, /513 characters, more than 512/, /Shorten/],
  ['(a)', '$ts', /names group "ts"/, /named: none/],
  ['(?P<ts>a)', '$tsx', /names group "tsx"/, /named: ts/],
  ['(a)', '$2', /names group 2/, /has 1 groups/],
  ['(a)', '$1x', /names group "1x"/, /has 1 groups/],
  ['(a)', '$01', /names group "01"/, /has 1 groups/],
  ['(?P<ts>a)', 'ts', /names no group/, /\$ts/],
  ['(?P<ts>a)', `$ts${'x'.repeat(REGEX_CHARACTERS)}`, /over 512/, /Shorten/],
];
for (const [pattern, extract, message, hint] of REFUSED) {
  test(`refuses filter ${pattern.slice(0, 30)} with extract ${extract?.slice(0, 10)}`, () => {
    assert.throws(
      () => tagFilter(pattern, extract),
      (error) => {
        assert.ok(isLandfallError(error) && error.code === 'REGEX_INVALID', String(error));
        assert.match(error.message, message);
        assert.match(error.hint ?? '', hint);
        return true;
      },
    );
  });
}

test('takes a pattern of exactly 512 characters', () => {
  assert.ok(tagFilter('a'.repeat(REGEX_CHARACTERS)));
});

test('is not drawn into backtracking', () => {
  assert.equal(tagFilter('^(a+)+$')(`${'a'.repeat(127)}!`), undefined);
  assert.equal(tagFilter('^(([a-z])+.)+[A-Z]([a-z])+$')('a'.repeat(128)), undefined);
});

test('throws REGEX_INVALID and nothing else, for any pattern and template', () => {
  const token = fc.constantFrom(
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '?P<a>',
    '?',
    '*',
    '+',
    '|',
    '\\',
    '^',
    '$',
    'a',
    '1',
    ',',
  );
  const text = fc.oneof(
    fc.string({ maxLength: 40, unit: 'binary' }),
    fc.array(token, { maxLength: 12 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(text, fc.option(text, { nil: undefined }), (pattern, extract) => {
      try {
        tagFilter(pattern, extract)('main-abc-1700');
      } catch (error) {
        assert.ok(isLandfallError(error) && error.code === 'REGEX_INVALID', String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
