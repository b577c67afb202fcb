import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';

const FILES = globSync('{cli,console,embedded-registry,functions,infra,local,shared,test}/**/*.{ts,cjs}');

test('files that ARCHITECTURE.md names are there', () => {
  const named = readFileSync('ARCHITECTURE.md', 'utf8').matchAll(
    /`([a-z/-]+\/)(?:\{([a-z0-9,-]+)\}|([a-z0-9-]+))\.ts`/g,
  );
  const paths = [...named].flatMap(([, folder, list, one = '']) =>
    (list ?? one).split(',').map((name) => `${folder}${name}.ts`),
  );
  assert.ok(paths.length > 20, `${paths.length} paths`);
  const isThere = (path: string): boolean => FILES.some((file) => file === path || file === `shared/${path}`);
  assert.deepEqual(
    paths.filter((path) => !isThere(path)),
    [],
  );
});

/** One file each of like things: commands, targets of the fuzzer. */
const LISTS = /^(?:cli\/commands|test\/fuzz\/targets)$/;

test('no folder has over 20 files of different concerns, 25 of tests', () => {
  const counts = new Map<string, number>();
  for (const folder of FILES.map((file) => dirname(file))) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  const most = (folder: string): number => (folder.startsWith('test/') ? 25 : 20);
  const long = [...counts].filter(([folder, count]) => count > most(folder) && !LISTS.test(folder));
  assert.deepEqual(long, []);
});
