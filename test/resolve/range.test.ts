import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import semver from 'semver';
import { isLandfallError } from '../../shared/errors.ts';
import { RANGE_CHARACTERS } from '../../shared/limits.ts';
import { parseRange } from '../../shared/resolve/range.ts';
import { parseVersion, type Version } from '../../shared/resolve/version.ts';
import grid from './fixtures/range-grid.json' with { type: 'json' };
import syntax from './fixtures/range-syntax.json' with { type: 'json' };
import vectors from './fixtures/ranges.json' with { type: 'json' };

function version(text: string): Version {
  const parsed = parseVersion(text);
  assert.ok(parsed, text);
  return parsed;
}

interface Row {
  readonly range: string;
  readonly admits?: readonly string[];
  readonly refuses?: readonly string[];
}

function checkRow({ range, admits = [], refuses = [] }: Row, prereleases: boolean): void {
  const parsed = parseRange(range);
  for (const text of admits)
    assert.ok(parsed.admits(version(text), { prereleases }), `${range} admits ${text}`);
  for (const text of refuses)
    assert.ok(!parsed.admits(version(text), { prereleases }), `${range} refuses ${text}`);
}

for (const row of vectors.releases as Row[]) {
  test(`means by ${JSON.stringify(row.range)} what Flux does`, () => checkRow(row, false));
}
for (const row of vectors.prereleases as Row[]) {
  test(`means by ${JSON.stringify(row.range)} with prereleases what Flux does`, () => checkRow(row, true));
}

test('answers a grid of ranges and versions as Flux does', () => {
  for (const [text, answers] of Object.entries(grid.ranges)) {
    const range = parseRange(text);
    const got = grid.versions.map((each) => (range.admits(version(each)) ? '1' : '0')).join('');
    assert.equal(got, answers, text);
  }
});

for (const text of syntax.valid) {
  test(`parses range ${JSON.stringify(text)}`, () => assert.equal(parseRange(text).text, text));
}
for (const text of syntax.invalid) {
  test(`refuses range ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseRange(text), { name: 'LandfallError', code: 'RANGE_INVALID' });
  });
}

const FLUX: readonly Row[] = [
  {
    range: '>= 6.1.x-0',
    admits: ['6.1.0-rc.1', '6.1.0', '6.2.0-rc.1', '7.0.0'],
    refuses: ['6.0.9', '6.0.9-rc.1'],
  },
  { range: '>=1.0.0 <2.0.0', admits: ['1.0.0', 'v1.9.9'], refuses: ['2.0.0', '1.1.0-rc.1', '2.0.0-rc.1'] },
  { range: '1.x', admits: ['1.0.0', '1.99.0'], refuses: ['2.0.0', '1.0.0-rc.1'] },
  { range: '>11', admits: ['12.0.0'], refuses: ['11.0.1', '11.9.9'] },
  { range: '~0.0.0', admits: ['0.0.0', '7.8.9'] },
  { range: '>=v2025.07', admits: ['v2025.07.03', '2025.7.3', '2026.1.1'], refuses: ['v2025.06.30'] },
  { range: '>=1.0.0 <1.3.0 || >=2.0.0-0', admits: ['1.2.0', '2.0.0-rc.1'], refuses: ['1.2.0-rc.1', '1.3.0'] },
  { range: '1.2.3', admits: ['1.2.3', '1.2.3+any'], refuses: ['1.2.4'] },
  { range: '>=0.5 1 - 2', admits: ['1.0.0', '2.9.9'], refuses: ['0.6.0'] },
  {
    range: '<1.0.0-20240101120000999',
    admits: ['1.0.0-20240101120000998'],
    refuses: ['1.0.0-20240101120000999'],
  },
];
for (const row of FLUX)
  test(`means by ${JSON.stringify(row.range)} what the docs say`, () => checkRow(row, false));

const NAMED: readonly (readonly [range: string, part: RegExp])[] = [
  ['>=1.0.0 <banana', /"<banana" is not a comparator/],
  ['1.2.3.4 || 2', /"1\.2\.3\.4" is not one comparator/],
  ['>=1.0.0,', /"[^"]*" lacks a comparator/],
  ['^1.2.3-01', /"\^1\.2\.3-01" has a number/],
  ['1 - two', /"two" does not end a hyphen range/],
  ['latest', /"latest" is not a comparator/],
];
for (const [text, part] of NAMED) {
  test(`names what is wrong in ${JSON.stringify(text)}, and how to write it`, () => {
    assert.throws(
      () => parseRange(text),
      (error) => {
        assert.ok(isLandfallError(error) && error.code === 'RANGE_INVALID');
        assert.match(error.message, part);
        assert.ok(error.message.includes(JSON.stringify(text)));
        assert.match(error.hint ?? '', />=6\.0\.0 <7\.0\.0/);
        return true;
      },
    );
  });
}

test('ends at 512 characters', () => {
  const longest = `1.2.3-${'a'.repeat(RANGE_CHARACTERS - 6)}`;
  assert.ok(parseRange(longest));
  assert.throws(() => parseRange(`${longest}a`), { code: 'RANGE_INVALID', message: /513 characters/ });
});

const fragment = fc.constantFrom(
  ...['>=', '<=', '!=', '~>', '^', '=', '-', ' - ', '||', '|', ',', ' ', '\t', 'v', 'x', '*', '.', '+'],
  ...['0', '1', '01', '1.2', '1.2.3', '1.2.3-0', '-rc.1', '+b', '18446744073709551616', 'é', '\u2028', '\0'],
);

test('throws RANGE_INVALID and nothing else, for anything', () => {
  const anything = fc.oneof(
    fc.string({ maxLength: 520, unit: 'binary' }),
    fc.array(fragment, { maxLength: 40 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(anything, (text) => {
      try {
        parseRange(text).admits(version('1.2.3-rc.1'));
      } catch (error) {
        assert.ok(isLandfallError(error) && error.code === 'RANGE_INVALID', String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

const NPM_FORMS = ['', '=', '>', '<', '>=', '<=', '~', '^'];
const part = fc.constantFrom('0', '1', '2', '3');
const full = fc.tuple(part, part, part).map((parts) => parts.join('.'));
/** npm reads `~0.0.0` as 0.0.x, where Masterminds has everything. */
const comparator = fc
  .tuple(fc.constantFrom(...NPM_FORMS), full)
  .filter(([operator, text]) => operator !== '~' || text !== '0.0.0')
  .map((parts) => parts.join(''));
const npmRange = fc
  .array(
    fc.array(comparator, { minLength: 1, maxLength: 3 }).map((all) => all.join(' ')),
    { minLength: 1, maxLength: 2 },
  )
  .map((groups) => groups.join(' || '));

test('agrees with npm semver on releases, over ranges both read alike', () => {
  fc.assert(
    fc.property(npmRange, full, (text, each) => {
      assert.equal(
        parseRange(text).admits(version(each)),
        semver.satisfies(each, text),
        `${text} on ${each}`,
      );
    }),
    { numRuns: 2000 },
  );
});
