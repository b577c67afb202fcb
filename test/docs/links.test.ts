import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { anchorOf, anchorsOf, localLinks, PAGES, ROOT, readPage } from './markdown.ts';

for (const path of PAGES) {
  test(`every link of ${path} leads somewhere`, () => {
    const dead = localLinks(readPage(path)).filter(({ path: target, anchor }) => {
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(readPage(target)).includes(anchor);
    });
    assert.deepEqual(
      dead.map(({ written }) => written),
      [],
    );
  });
}

for (const path of PAGES) {
  test(`no table of ${path} goes on behind an empty line, where it is none any more`, () => {
    const { prose } = readPage(path);
    const cut = prose.filter(
      (line, at) =>
        line.startsWith('| ') &&
        prose[at - 1] === '' &&
        prose[at - 2]?.startsWith('|') === true &&
        !/^\|[\s:|-]+$/.test(prose[at + 1] ?? ''),
    );
    assert.deepEqual(cut, []);
  });
}

test('every page of docs can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const path of reached) {
    if (!path.endsWith('.md')) continue;
    for (const link of localLinks(readPage(path)))
      if (existsSync(join(ROOT, link.path))) reached.add(link.path);
  }
  assert.deepEqual(
    PAGES.filter((path) => !reached.has(path)),
    [],
  );
});

test('an anchor is made as GitHub makes it', () => {
  assert.equal(anchorOf('get events'), 'get-events');
  assert.equal(anchorOf('`status.json`'), 'statusjson');
  assert.equal(anchorOf('Look, go back, go on'), 'look-go-back-go-on');
});
