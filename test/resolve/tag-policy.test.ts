import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noTagMatches } from '../../shared/resolve/no-tag-matches.ts';
import type { Ref } from '../../shared/resolve/ref.ts';
import { type Ranking, type SelectOptions, tagPolicy } from '../../shared/resolve/tag-policy.ts';

const rankTags = (tags: readonly string[], ref: Ref, options?: SelectOptions): Ranking =>
  tagPolicy(ref, options)(tags);

interface Case {
  readonly it: string;
  readonly ref: Ref;
  readonly tags: readonly string[];
  readonly ranked: readonly string[];
  readonly options?: SelectOptions;
}

const CASES: readonly Case[] = [
  {
    it: 'takes the highest version in range, not the last in the list',
    ref: { semver: '>=1.0.0' },
    tags: ['1.9.0', '1.10.0', '0.1.0', '2.0.0-rc.1', 'latest', '1.2', 'v1'],
    ranked: ['1.10.0', '1.9.0'],
  },
  {
    it: 'leaves _ as it is where the ref is of no chart, as Flux does',
    ref: { semver: '^1', helm: false },
    tags: ['1.2.2', '1.2.3_5'],
    ranked: ['1.2.2'],
  },
  {
    it: 'leaves out what any exclusion matches, before the filter',
    ref: { order: 'alphabetical', filter: '^[a-z]', exclude: ['^.*\\.sig$', '^dev-'] },
    tags: ['a', 'b', 'sha256-aa.sig', 'dev-1', '1'],
    ranked: ['b', 'a'],
  },
  {
    it: 'takes the first where the order is to be reversed',
    ref: { order: 'numerical', reverse: true },
    tags: ['10', '9', 'x'],
    ranked: ['9', '10'],
  },
  {
    it: 'admits prereleases where the range has one',
    ref: { semver: '>= 6.1.x-0' },
    tags: ['6.1.0', '6.2.0-rc.1', '6.0.0'],
    ranked: ['6.2.0-rc.1', '6.1.0'],
  },
  {
    it: 'filters raw tags before the range',
    ref: { semver: '>=1.0.0-0', filter: '-rc' },
    tags: ['1.1.0', '1.0.0-rc.2', '1.0.0-rc.10', '1.0.0-beta.1'],
    ranked: ['1.0.0-rc.10', '1.0.0-rc.2'],
  },
  {
    it: 'orders the versions of a monorepo by what extract takes out',
    ref: { semver: '1.x', filter: '^api-(?P<v>.+)$', extract: '$v' },
    tags: ['api-1.2.0', 'api-1.10.0', 'web-1.99.0', 'api-2.0.0', 'api-next'],
    ranked: ['api-1.10.0', 'api-1.2.0'],
  },
  {
    it: 'breaks ties of versions the same way every time',
    ref: { semver: '*' },
    tags: ['v1.2.3', '1.2.3', '01.2.3', '1.2.3_b', '1.2.3_a', '1.2.3_a.10', '1.2.3_a.9'],
    ranked: ['1.2.3', '01.2.3', 'v1.2.3', '1.2.3_b', '1.2.3_a.10', '1.2.3_a.9', '1.2.3_a'],
  },
  {
    it: 'reads Helm’s _ as + and names the tag as the registry has it',
    ref: { semver: '>=1.0.0' },
    tags: ['1.0.0', '1.1.0_build.5'],
    ranked: ['1.1.0_build.5', '1.0.0'],
  },
  {
    it: 'leaves tags with _ out where Helm’s reading is off',
    ref: { semver: '>=1.0.0' },
    tags: ['1.0.0', '1.1.0_build.5'],
    ranked: ['1.0.0'],
    options: { helm: false },
  },
  {
    it: 'orders by number, exactly and not as text',
    ref: { filter: '^main-[a-f0-9]+-(?P<ts>.*)$', extract: '$ts', order: 'numerical' },
    tags: ['main-a1-9', 'main-b2-10', 'main-c3-10.5', 'main-d4-x', 'main-e5-1e9', 'dev-f6-99'],
    ranked: ['main-c3-10.5', 'main-b2-10', 'main-a1-9'],
  },
  {
    it: 'tells numbers apart that floats cannot',
    ref: { order: 'numerical' },
    tags: [
      '9007199254740993',
      '9007199254740992',
      '90071992547409929',
      '0090',
      '90',
      '-1',
      '-2',
      '0.10',
      '0.1',
      '0.09',
    ],
    ranked: [
      '90071992547409929',
      '9007199254740993',
      '9007199254740992',
      '90',
      '0090',
      '0.10',
      '0.1',
      '0.09',
    ],
  },
  {
    it: 'puts numbers below zero in their order',
    ref: { filter: '^t(?P<n>.*)$', extract: '$n', order: 'numerical' },
    tags: ['t-10', 't-2', 't0', 't-0.5', 't-0', 't1', 't--1'],
    ranked: ['t1', 't0', 't-0', 't-0.5', 't-2', 't-10'],
  },
  {
    it: 'orders timestamps alphabetically, by bytes',
    ref: { filter: '^RELEASE\\.(?P<timestamp>.*)Z$', extract: '$timestamp', order: 'alphabetical' },
    tags: ['RELEASE.2021-02-01T00-00-00Z', 'RELEASE.2021-01-16T02-19-44Z', 'RELEASE.2021-02-01T00-00-00'],
    ranked: ['RELEASE.2021-02-01T00-00-00Z', 'RELEASE.2021-01-16T02-19-44Z'],
  },
  {
    it: 'orders all tags alphabetically: digits, capitals, _, small letters',
    ref: { order: 'alphabetical' },
    tags: ['a', 'B', '_', '9', '10'],
    ranked: ['a', '_', 'B', '9', '10'],
  },
  {
    it: 'leaves out tags whose extract is empty',
    ref: { filter: '^build-?(?P<n>[0-9]*)$', extract: '$n', order: 'alphabetical' },
    tags: ['build', 'build-2', 'build-10'],
    ranked: ['build-2', 'build-10'],
  },
  {
    it: 'orders equal extracts by tag',
    ref: { filter: '-(?P<n>[0-9]+)$', extract: '$n', order: 'numerical' },
    tags: ['a-1', 'c-1', 'b-01'],
    ranked: ['c-1', 'b-01', 'a-1'],
  },
  {
    it: 'takes releases by version where a filter says nothing of order',
    ref: { filter: '^v' },
    tags: ['v1.0.0', 'v1.1.0-rc.1', '2.0.0'],
    ranked: ['v1.0.0'],
  },
  {
    it: 'counts a tag listed twice once, and leaves out what is no tag',
    ref: { order: 'alphabetical' },
    tags: ['a', 'a', '../b', '', 'c d', 'é', 'x'.repeat(129)],
    ranked: ['a'],
  },
];

for (const { it, ref, tags, ranked, options } of CASES) {
  test(it, () => {
    assert.deepEqual(rankTags(tags, ref, options).tags, ranked);
    assert.deepEqual(
      rankTags([...tags].reverse(), ref, options).tags,
      ranked,
      'whatever the order of the list',
    );
  });
}

test('chooses the same tag from the same set, in whatever order it is listed', () => {
  const tag = fc.constantFrom(
    '1.0.0',
    'v1.0.0',
    '01.0.0',
    '1.0.0_a',
    '1.0.0_b',
    '1.0.0-rc.1',
    '2',
    '02',
    '1.00.0',
    'x',
  );
  const ref = fc.constantFrom<Ref>({ semver: '*-0' }, { order: 'numerical' }, { order: 'alphabetical' });
  fc.assert(
    fc.property(fc.uniqueArray(tag), ref, fc.nat(), (tags, each, turn) => {
      const turned = [...tags.slice(turn % 7), ...tags.slice(0, turn % 7)].reverse();
      assert.deepEqual(rankTags(turned, each).tags, rankTags(tags, each).tags);
    }),
  );
});

interface Failure {
  readonly it: string;
  readonly ref: Ref;
  readonly tags: readonly string[];
  readonly message: RegExp;
  readonly hint: RegExp;
  readonly detail: Readonly<Record<string, number>>;
}

const FAILURES: readonly Failure[] = [
  {
    it: 'says that there are no tags',
    ref: { semver: '*' },
    tags: [],
    message: /semver "\*": 0 tags, 0 readable; there are no tags/,
    hint: /Push a tag/,
    detail: { tags: 0, filtered: 0, parsed: 0, prereleases: 0 },
  },
  {
    it: 'says how many tags are prereleases, and what to write',
    ref: { semver: '>=1.0.0 || 0.9' },
    tags: ['1.1.0-rc.1', '1.1.0-rc.2', '2.0.0-0', '0.1.0', 'latest'],
    message: /5 tags, 4 readable; 3 tags in range are prereleases/,
    hint: /semver: ">=1\.0\.0 >=0\.0\.0-0 \|\| 0\.9 >=0\.0\.0-0"/,
    detail: { tags: 5, filtered: 5, parsed: 4, prereleases: 3 },
  },
  {
    it: 'says what the versions are where none is in range',
    ref: { semver: '>=7' },
    tags: ['6.9.0', '6.11.0', '5.0.0'],
    message: /3 tags, 3 readable; the versions run from 5\.0\.0 to 6\.11\.0/,
    hint: /Change the range/,
    detail: { tags: 3, filtered: 3, parsed: 3, prereleases: 0 },
  },
  {
    it: 'says that the filter lets none through',
    ref: { semver: '*', filter: '^release-' },
    tags: ['1.0.0', '1.1.0'],
    message: /semver "\*", filter "\^release-": 2 tags, 0 through the filter, 0 readable; the filter/,
    hint: /RE2/,
    detail: { tags: 2, filtered: 0, parsed: 0, prereleases: 0 },
  },
  {
    it: 'says that no tag is a version, with examples',
    ref: { semver: '*' },
    tags: ['1.2', 'latest', 'main', 'dev'],
    message: /4 tags, 0 readable; none of 1\.2, latest, main, … can be read as a version/,
    hint: /three parts/,
    detail: { tags: 4, filtered: 4, parsed: 0, prereleases: 0 },
  },
  {
    it: 'says that no tag is a number',
    ref: { order: 'numerical' },
    tags: ['main-5'],
    message: /order "numerical": 1 tag, 0 readable; none of main-5 can be read as a number/,
    hint: /filter with extract/,
    detail: { tags: 1, filtered: 1, parsed: 0, prereleases: 0 },
  },
];

for (const { it, ref, tags, message, hint, detail } of FAILURES) {
  test(`where no tag matches, ${it}`, () => {
    const ranking = rankTags(tags, ref);
    assert.deepEqual(ranking.tags, []);
    const error = noTagMatches(ref, ranking);
    assert.equal(error.code, 'NO_TAG_MATCHES');
    assert.match(error.message, message);
    assert.match(error.hint ?? '', hint);
    assert.deepEqual({ ...error.detail }, detail);
  });
}

test('the range that the hint proposes admits the prereleases', () => {
  const tags = ['1.1.0-rc.1', '1.1.0-rc.2'];
  const ref = { semver: '>=1.0.0 >=0.0.0-0 || 0.9 >=0.0.0-0' };
  assert.deepEqual(rankTags(tags, ref).tags, ['1.1.0-rc.2', '1.1.0-rc.1']);
});

const CONTRADICTIONS: readonly (readonly [ref: Ref, code: string])[] = [
  [{ semver: '*', order: 'numerical' }, 'CONFIG_INVALID'],
  [{ semver: '*', extract: '$v' }, 'CONFIG_INVALID'],
  [{ semver: 'banana' }, 'RANGE_INVALID'],
  [{ filter: '(' }, 'REGEX_INVALID'],
];
for (const [ref, code] of CONTRADICTIONS) {
  test(`refuses ${JSON.stringify(ref)} before it looks at a tag`, () => {
    assert.throws(() => rankTags([], ref), { name: 'LandfallError', code });
  });
}
