import assert from 'node:assert/strict';
import { sep } from 'node:path';
import { test } from 'node:test';
import { checkKey, checkPath, checkPrefix } from '../../shared/store/object-key.ts';

const LONGEST = `${'a/'.repeat(511)}bb`;
const REFUSED: readonly (readonly [what: string, path: string, why: RegExp])[] = [
  ['of nothing', '', /empty, . or ../],
  ['from the root', '/a', /empty, . or ../],
  ['with an empty segment', 'a//b', /empty, . or ../],
  ['that ends in a slash', 'a/', /empty, . or ../],
  ['of this folder', './a', /empty, . or ../],
  ['of the folder above', '../a', /empty, . or ../],
  ['that leaves on its way', 'a/../../b', /empty, . or ../],
  ['that ends above', 'a/..', /empty, . or ../],
  ['with a NUL', 'a\u0000b', /control character/],
  ['with a newline', 'a\nb', /control character/],
  ['with the last control character', 'a\u001fb', /control character/],
  ['with DEL', 'a\u007fb', /control character/],
  ['of one byte too many', `${LONGEST}c`, /over 1024 bytes/],
  ['of few characters and too many bytes', 'ä'.repeat(513), /over 1024 bytes/],
];
for (const [what, path, why] of REFUSED)
  test(`a key ${what} is refused, as a path and as a prefix`, () => {
    assert.throws(() => checkPath(path), { code: 'PATH_REFUSED', message: why });
    assert.throws(() => checkKey(path), { code: 'PATH_REFUSED', message: why });
    if (!path.endsWith('/') && path !== '') assert.throws(() => checkPrefix(path), { code: 'PATH_REFUSED' });
  });

for (const path of ['a', 'a/b.c', '.a/..b', 'a b/c', 'ä', 'ä'.repeat(512), LONGEST, 'artifacts/a/staging'])
  test(`${path.slice(0, 20)} of ${path.length} characters is a key`, () => {
    for (const check of [checkPath, checkKey, checkPrefix]) assert.doesNotThrow(() => check(path));
    assert.doesNotThrow(() => checkPrefix(`${path}/`));
  });

test('a prefix may be all keys, or end in one slash', () => {
  assert.doesNotThrow(() => checkPrefix(''));
  for (const prefix of ['/', 'a//', '../'])
    assert.throws(() => checkPrefix(prefix), { code: 'PATH_REFUSED' });
});

test('a backslash is a character in a path of an artifact, and no part of another key', () => {
  const isFolder = sep === '\\';
  if (!isFolder) assert.doesNotThrow(() => checkPath('a\\b'));
  if (!isFolder) assert.doesNotThrow(() => checkKey('artifacts/a\\b'));
  for (const key of ['sources/a\\b', 'artifacts\\a', 'x/artifacts/a\\b'])
    assert.throws(() => checkKey(key), { code: 'PATH_REFUSED', message: /backslash/ });
});

test('what is a store’s own is no key, at its root alone', () => {
  for (const name of ['staging', 'locks', 'uses'])
    for (const key of [name, `${name}/a`])
      assert.throws(() => checkKey(key), { code: 'PATH_REFUSED', message: /of the store itself/ });
  for (const key of ['stagings', 'a/staging', 'Locks']) assert.doesNotThrow(() => checkKey(key));
});
