import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import semver from 'semver';
import {
  comparePrecedence,
  compareVersions,
  parseHelmVersion,
  parseVersion,
  type Version,
} from '../../shared/resolve/version.ts';
import vectors from './fixtures/versions.json' with { type: 'json' };

function version(text: string): Version {
  const parsed = parseHelmVersion(text);
  assert.ok(parsed, text);
  return parsed;
}

for (const text of vectors.valid) {
  test(`reads ${JSON.stringify(text)} as a version`, () => assert.ok(parseVersion(text)));
}
for (const text of vectors.invalid) {
  test(`does not read ${JSON.stringify(text)} as a version`, () =>
    assert.equal(parseVersion(text), undefined));
}

test('reads leading zeros and v as spelling only', () => {
  assert.equal(comparePrecedence(version('v2025.07.03'), version('2025.7.3')), 0);
});

test('reads Helm’s _ as + only where the text is no version otherwise', () => {
  assert.deepEqual(parseHelmVersion('1.2.3_build.5')?.build, ['build', '5']);
  assert.deepEqual(parseHelmVersion('1.2.3-rc.1_a')?.prerelease, ['rc', '1']);
  assert.deepEqual(parseHelmVersion('1.2.3')?.build, []);
  assert.equal(parseHelmVersion('1.2.3_a_b'), undefined, 'two + are no version');
});

test('orders numbers exactly where floats cannot', () => {
  const rising = [
    '1.0.0-20240101120000998',
    '1.0.0-20240101120000999',
    '1.0.0-100000000000000000000000000000000000001',
    '1.0.0-a',
    '1.0.0',
    '1.0.9007199254740992',
    '1.0.9007199254740993',
  ];
  const shuffled = [...rising].reverse().map(version);
  assert.deepEqual(
    shuffled.sort(compareVersions).map(({ text }) => text),
    rising,
  );
});

test('follows the precedence example of semver.org, item 11', () => {
  const rising = ['alpha', 'alpha.1', 'alpha.beta', 'beta', 'beta.2', 'beta.11', 'rc.1'].map(
    (id) => `1.0.0-${id}`,
  );
  const sorted = [...rising, '1.0.0'].reverse().map(version).sort(compareVersions);
  assert.deepEqual(
    sorted.map(({ text }) => text),
    [...rising, '1.0.0'],
  );
});

test('breaks ties: plain build-less text highest, then build metadata, then no v, then bytes', () => {
  const rising = ['01.2.3_b.2', 'v1.2.3_b.10', '1.2.3_b.10', 'v1.2.3', '01.2.3', '1.02.3', '1.2.3'];
  for (const given of [rising, [...rising].reverse()]) {
    const sorted = given.map((text) => version(text.replace('_', '+'))).sort(compareVersions);
    assert.deepEqual(
      sorted.map(({ text }) => text.replace('+', '_')),
      rising,
    );
  }
});

const identifier = fc.constantFrom('0', '1', '2', '10', 'a', 'b', 'A', '-', '0a', 'rc');
const suffix = (mark: string) =>
  fc.oneof(
    fc.constant(''),
    fc.array(identifier, { minLength: 1, maxLength: 3 }).map((all) => mark + all.join('.')),
  );
const number = fc.constantFrom('0', '1', '2', '10', '9007199254740991');
const versionText = fc
  .tuple(number, number, number, suffix('-'), suffix('+'))
  .map(([major, minor, patch, pre, build]) => `${major}.${minor}.${patch}${pre}${build}`);

test('agrees with npm semver on precedence, where it is exact', () => {
  fc.assert(
    fc.property(versionText, versionText, (a, b) => {
      assert.equal(Math.sign(comparePrecedence(version(a), version(b))), semver.compare(a, b));
    }),
    { numRuns: 1000 },
  );
});

test('is a total order: antisymmetric, transitive, zero for the same text only', () => {
  fc.assert(
    fc.property(versionText, versionText, versionText, (a, b, c) => {
      const [x, y, z] = [a, b, c].map(version).sort(compareVersions) as [Version, Version, Version];
      assert.ok(compareVersions(x, y) <= 0 && compareVersions(y, z) <= 0 && compareVersions(x, z) <= 0);
      assert.equal(Math.sign(compareVersions(x, z)), -Math.sign(compareVersions(z, x)) + 0);
      assert.equal(compareVersions(x, y) === 0, x.text === y.text);
    }),
    { numRuns: 1000 },
  );
});

test('never throws, whatever the text', () => {
  fc.assert(fc.property(fc.string({ maxLength: 600 }), (text) => void parseHelmVersion(text)));
  assert.equal(parseVersion(`1.2.3-${'a.'.repeat(100_000)}`), undefined);
});
