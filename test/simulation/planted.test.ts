import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { plantOne } from './planted/plant-all.ts';
import { editsOf, PLANTED } from './planted/planted.ts';

const ROOT = new URL('../../', import.meta.url);
const DOCS = readFileSync(new URL('docs/simulator.md', ROOT), 'utf8');

/** The seed at which the docs say that a bug is caught, and by which invariant. */
function rowOf(name: string): { readonly invariant: string; readonly seed: number } {
  const [, invariant = '', seed = ''] =
    DOCS.split('\n')
      .find((line) => line.startsWith(`| ${name} |`))
      ?.match(/\| (I\d+) \| (\d+) \|$/) ?? [];
  return { invariant, seed: Number(seed) };
}

describe('planted bugs', () => {
  test('stand in the product as it is: each once, and each under a name of its own', () => {
    assert.equal(new Set(PLANTED.map(({ name }) => name)).size, PLANTED.length);
    const edits = PLANTED.flatMap((bug) => editsOf(bug).map((edit) => ({ name: bug.name, ...edit })));
    for (const { name, file, from, to } of edits) {
      const source = readFileSync(fileURLToPath(new URL(file, ROOT)), 'utf8');
      assert.equal(source.split(from).length, 2, `${name}: ${file} has once: ${from}`);
      assert.notEqual(from, to, name);
    }
  });

  test('are what the table of the docs is of', () => {
    const rows = DOCS.split('\n').flatMap(
      (line) => /^\| ([^|]+) \| `(?:shared|functions|local)\//.exec(line)?.[1] ?? [],
    );
    const names = PLANTED.map(({ name }) => name);
    assert.ok(rows.length > 0);
    assert.deepEqual(
      rows.filter((row) => !names.includes(row)),
      [],
    );
  });

  for (const name of ['an outbox is cleared and not sent', 'a visit does not end with its time'])
    test(`are caught as the docs say, here of all that npm run simulate -- --planted plants: ${name}`, async () => {
      const bug = PLANTED.find((each) => each.name === name);
      assert.ok(bug);
      const { invariant, seed } = rowOf(bug.name);
      const found = await plantOne(bug, seed + 1);
      assert.equal(found?.seed, seed);
      assert.ok(found.violation.startsWith(invariant), found.violation);
    });
});
