import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClaimedPaths } from '../../shared/store/claimed-paths.ts';

const claiming = (...paths: readonly string[]): ClaimedPaths => {
  const claimed = new ClaimedPaths();
  for (const path of paths) claimed.claim(path, 1);
  return claimed;
};

const CLASHES: readonly (readonly [what: string, first: string, second: string])[] = [
  ['a file twice', 'a/b', 'a/b'],
  ['a file where a folder is', 'a/b', 'a'],
  ['a file where a folder is, deep', 'a/b/c/d', 'a/b'],
  ['a folder where a file is', 'a', 'a/b'],
  ['a folder where a file is, deep', 'a/b', 'a/b/c/d'],
];
for (const [what, first, second] of CLASHES)
  test(`${what} is refused`, () => {
    assert.throws(() => claiming(first, second), { code: 'ENTRY_REFUSED', message: /clashes with another/ });
  });

test('files beside each other, and whose names begin alike, are taken', () => {
  const { sizes } = claiming('a/b', 'a/c', 'a/bc', 'ab', 'b');
  assert.deepEqual([...sizes.keys()], ['a/b', 'a/c', 'a/bc', 'ab', 'b']);
});

test('no path that is none is taken', () => {
  for (const path of ['', '../a', 'a/../b', '/a'])
    assert.throws(() => claiming(path), { code: 'PATH_REFUSED' });
});

test('what is given back is free again, its folder too where nothing else is in it', () => {
  const claimed = claiming('a/b', 'c/d', 'c/e');
  claimed.release(['a/b', 'c/d']);
  claimed.claim('a', 2);
  claimed.claim('c/d', 3);
  assert.throws(() => claimed.claim('c', 1), { code: 'ENTRY_REFUSED' });
  assert.deepEqual(
    [...claimed.sizes],
    [
      ['c/e', 1],
      ['a', 2],
      ['c/d', 3],
    ],
  );
});
