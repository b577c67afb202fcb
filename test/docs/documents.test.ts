import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../../shared/source/document.ts';
import { documentJsonSchema, type JsonSchema, keysAt } from '../../shared/source/schema/json-schema.ts';
import { ownLines, PAGES, readPage, rowsOf } from './markdown.ts';

const isSourceDocument = (text: string): boolean =>
  /^(?:sources|credentials|receivers|deploys):/m.test(text) ||
  /^apiVersion: (?:source|helm)\.toolkit/m.test(text);

const BLOCKS = PAGES.flatMap((path) =>
  readPage(path)
    .fences.filter(({ info, text }) => info === 'yaml' && isSourceDocument(text))
    .map(({ text, line }) => ({ file: `${path}:${line}`, text })),
);

test('there are source documents to look at', () => {
  assert.ok(BLOCKS.length >= 8, `${BLOCKS.length}`);
});

for (const block of BLOCKS) {
  test(`the source document at ${block.file} is valid`, () => {
    const { sources } = parseDocuments([block]);
    assert.ok(sources.length > 0);
  });
}

const schema: JsonSchema = documentJsonSchema();
const PAGE = readPage('docs/sources.md');

/** A row may name several keys. */
const keysUnder = (heading: string): readonly string[] =>
  ownLines(PAGE, heading)
    .filter((line) => rowsOf([line]).length > 0)
    .flatMap((line) => [...(line.split('|', 2)[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, key = '']) => key));

const SECTIONS: readonly (readonly [string, readonly PropertyKey[]])[] = [
  ['sources', ['sources', 0]],
  ['ref', ['sources', 0, 'ref']],
  ['credentials', ['credentials', 0]],
  ['receivers', ['receivers', 0]],
  ['deploys', ['deploys', 0]],
];

for (const [heading, path] of SECTIONS) {
  test(`every key of ${heading} is told, and no other`, () => {
    assert.deepEqual([...keysUnder(heading)].sort(), [...keysAt(schema, path)].sort());
  });
}
