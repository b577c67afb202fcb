import assert from 'node:assert/strict';
import { parseRange } from '../../../shared/resolve/range.ts';
import { compareVersions, parseHelmVersion, parseVersion } from '../../../shared/resolve/version.ts';
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const VERSIONS = ['0.0.0', '1.2.3', '1.2.3-rc.1', 'v2.0.0', '18446744073709551615.0.0', '1.2.4+build.5']
  .map(parseVersion)
  .filter((version) => version !== undefined);

/** Ranges and versions: what is taken decides of any version, and versions have one order. */
export const target: FuzzTarget = {
  name: 'range',
  seeds: [
    '>=6.0.0 <7.0.0',
    '~1.2 || ^2.x',
    '1.2.3 - 2.3',
    '>=1.0.0-0, !=1.5.0',
    '*',
    'v1.2.3-rc.1+build',
    '1.2.3_helm.4',
  ],
  words: [
    '||',
    ' - ',
    '>=',
    '=>',
    '~>',
    '^',
    '!=',
    ',',
    ' ',
    'x',
    '*',
    '-rc.1',
    '+b',
    '18446744073709551616',
    '.',
    'v',
    '0',
  ],
  judge: (input) => {
    const text = input.toString();
    for (const version of [parseVersion(text), parseHelmVersion(text)]) {
      if (version === undefined) continue;
      assert.equal(compareVersions(version, version), 0);
      for (const other of VERSIONS) {
        const order = Math.sign(compareVersions(version, other));
        assert.equal(order, -Math.sign(compareVersions(other, version)) + 0, `${text} and ${other.text}`);
      }
    }
    const range = taken(() => parseRange(text), 'RANGE_INVALID');
    if (range === undefined) return false;
    for (const version of VERSIONS) {
      const admits = range.admits(version);
      assert.equal(admits, parseRange(text).admits(version));
      // Who asks for prereleases has no fewer versions.
      if (admits) assert.ok(range.admits(version, { prereleases: true }), text);
    }
    return true;
  },
  hostile: [
    ['a megabyte of groups', () => Buffer.from('1||'.repeat(333_000))],
    ['256 characters of comparators', () => Buffer.from('>0 '.repeat(85))],
    ['256 characters of a prerelease', () => Buffer.from(`1.0.0-${'0.'.repeat(124)}a`)],
    ['a megabyte of digits', () => Buffer.from(`1.${'9'.repeat(1_000_000)}.0`)],
  ],
};
