import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../../shared/source/document.ts';
import { readPage } from './markdown.ts';

const MIGRATIONS = ['flux', 'kluctl', 'argo-cd', 'diun-watchtower-keel', 'codepipeline'].map(
  (name) => `docs/from-${name}.md`,
);
const VERDICTS = ['same', 'better', 'different', 'absent'];

/** The cells of the last table of a page, without its head. */
function lastTable(text: string): readonly (readonly string[])[] {
  const [last = ''] = text.trimEnd().split('\n\n').slice(-1);
  return last
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

for (const path of MIGRATIONS) {
  const { text, fences } = readPage(path);

  test(`${path} begins with a document that is read, and deploys something`, () => {
    const [first] = fences;
    assert.ok(first?.info === 'yaml' && first.line < 5, `line ${first?.line}`);
    const { sources, deploys } = parseDocuments([{ file: path, text: first.text }]);
    assert.ok(sources.length > 0 && deploys.length > 0);
    assert.ok(fences[1] !== undefined && fences[1].line < 50, 'what to run follows');
  });

  test(`${path} says of which version it tells`, () => {
    assert.match(text, /[Ff]acts (?:about|are)/);
  });

  test(`${path} ends with what is the same, better, different and absent`, () => {
    const rows = lastTable(text);
    assert.ok(rows.length > 8);
    for (const row of rows) {
      assert.equal(row.length, 4, row.join(' | '));
      assert.ok(VERDICTS.includes(row[3] ?? ''), row.join(' | '));
    }
    assert.deepEqual([...new Set(rows.map((row) => row[3]))].toSorted(), VERDICTS.toSorted());
  });
}
