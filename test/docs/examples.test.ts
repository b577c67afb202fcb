import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PAGES, ROOT, readPage } from './markdown.ts';

/** Blocks whose info names a file of the examples, as in ```ts examples/own-kind/note-deploy.ts. */
const SHOWN = PAGES.flatMap((path) =>
  readPage(path).fences.flatMap(({ info, line, text }) => {
    const [, file] = /^(?:ts|yaml) (examples\/\S+)$/.exec(info) ?? [];
    return file === undefined ? [] : [{ place: `${path}:${line}`, file, text }];
  }),
);

test('a guide shows a file of the examples', () => assert.ok(SHOWN.length > 0));

for (const { place, file, text } of SHOWN) {
  test(`${place} shows what ${file} has`, () => {
    assert.ok(readFileSync(join(ROOT, file), 'utf8').includes(text.trim()));
  });
}
