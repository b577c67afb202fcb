import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareSpecificity, matchesGlob, parseGlob } from '../../shared/glob/glob.ts';

const cases: readonly (readonly [glob: string, candidate: string, matches: boolean])[] = [
  ['org/app', 'org/app', true],
  ['org/app', 'org/apps', false],
  ['org/app', 'org/ap', false],
  ['org/*', 'org/app', true],
  ['org/*', 'org/', true],
  ['org/*', 'org/team/app', false],
  ['*', 'app', true],
  ['*', 'org/app', false],
  ['**', 'org/app', true],
  ['**', '', true],
  ['org/**', 'org/team/app', true],
  ['org/**', 'org', false],
  ['*/repo2', 'org1/repo2', true],
  ['*/repo2', 'org1/sub/repo2', false],
  ['**/repo2', 'org1/sub/repo2', true],
  ['org?/app', 'org1/app', true],
  ['org?app', 'org/app', false],
  ['org[12]/app', 'org2/app', true],
  ['org[12]/app', 'org3/app', false],
  ['org[!12]/app', 'org3/app', true],
  ['org[!12]app', 'org/app', false],
  ['org[a-c]', 'orgb', true],
  ['org[a-c]', 'orgd', false],
  ['{a,ab}{bc,f}', 'abc', true],
  ['{a,ab}{bc,f}', 'af', true],
  ['{a,ab}{bc,f}', 'ab', false],
  ['org/{web,{api,db}-*}', 'org/db-main', true],
  ['org/{web,{api,db}-*}', 'org/db', false],
  ['org{,/**}', 'org', true],
  ['org{,/**}', 'org/a/b', true],
  ['org{,/**}', 'organ', false],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'axb', false],
  ['ORG/app', 'org/app', false],
  ['a.b', 'axb', false],
  ['team-😀/*', 'team-😀/app', true],
  ['\\😀', '😀', true],
  ['?', '😀', true],
  ['[😀-😂]', '😁', true],
  ['[!😀]', '😁', true],
  ['[\uffff-😀]', '\ud83d', false],
];

for (const [glob, candidate, matches] of cases) {
  test(`${glob} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(candidate)}`, () => {
    assert.equal(matchesGlob(glob, candidate), matches);
  });
}

for (const glob of ['', 'a[', 'a[]', 'a{b', 'a{b,c', 'a\\', '[z-a]', 'x'.repeat(257)]) {
  test(`refuses the glob ${JSON.stringify(glob.slice(0, 20))}`, () => {
    assert.throws(() => parseGlob(glob), { code: 'CONFIG_INVALID' });
  });
}

test('accepts a glob of exactly 256 characters', () => {
  assert.equal(matchesGlob('x'.repeat(256), 'x'.repeat(256)), true);
});

test('does work in proportion to glob and text where a backtracking matcher would not end', () => {
  const glob = '*a'.repeat(120);
  assert.equal(matchesGlob(glob, `${'a'.repeat(255)}b`), false);
  assert.equal(matchesGlob('{a,a}'.repeat(50), 'a'.repeat(49)), false);
});

test('orders globs from the most to the least specific', () => {
  const inOrder = ['org/app', 'org/a*', 'org/*', 'org/**', '*/app', '*/*', '**/app', '**'];
  const shuffled = inOrder.toReversed().map(parseGlob);
  const sorted = shuffled.toSorted((a, b) => compareSpecificity(a.specificity, b.specificity));
  assert.deepEqual(
    sorted.map(({ text }) => text),
    inOrder,
  );
  assert.ok(compareSpecificity(parseGlob('**').specificity, undefined) < 0);
  assert.equal(compareSpecificity(undefined, undefined), 0);
});
