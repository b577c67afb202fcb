import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJsonPath, valuesAt } from '../../../shared/verify/attestation/json-path.ts';

const at = (value: unknown, path: string): readonly unknown[] => valuesAt(value, parseJsonPath(path));

const VALUES: readonly (readonly [path: string, value: unknown, found: readonly unknown[]])[] = [
  ['$.a', { a: 1 }, [1]],
  ['$.a', { b: 1 }, []],
  ['$.a', [1], []],
  ['$.a', 'text', []],
  ["$['a b'].c", { 'a b': { c: null } }, [null]],
  ['$[0]', ['x'], ['x']],
  ['$[1]', ['x'], []],
  ['$[0]', { 0: 'x' }, []],
  ['$[0]', 'text', []],
  ['$[*]', [1, 2], [1, 2]],
  ['$[*]', { a: 1, b: 2 }, [1, 2]],
  ['$[*]', 'text', []],
  ['$.a[*].b', { a: [{ b: 1 }, { c: 2 }, { b: 3 }] }, [1, 3]],
  ["$['*']", { '*': 1, a: 2 }, [1]],
];
for (const [path, value, found] of VALUES)
  test(`at ${path} of ${JSON.stringify(value)} stands ${JSON.stringify(found)}`, () => {
    assert.deepEqual(at(value, path), found);
  });

for (const text of [
  '',
  '$',
  'a',
  'x.result',
  '.a',
  '$.',
  '$a',
  '$.a b',
  '$.1',
  '$[-1]',
  '$[1234567]',
  '$.a[',
  "$['a\\']",
])
  test(`${JSON.stringify(text)} is no path`, () => {
    assert.throws(() => parseJsonPath(text), { code: 'CONFIG_INVALID', message: /is no path/ });
  });
