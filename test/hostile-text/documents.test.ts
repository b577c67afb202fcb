import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLandfallError } from '../../shared/errors.ts';
import { parseDocuments, readFragments } from '../../shared/source/document.ts';
import { readDocuments } from '../../shared/source/file/yaml-document.ts';
import { formatProblem } from '../../shared/source/problem.ts';
import { PAGES, readPage } from '../docs/markdown.ts';
import { REFERENCES, SAMPLES } from '../source/flux-samples.ts';
import { assertOneLine, assertShown, HOSTILE_TEXT } from '../support/hostile-text.ts';

const BLOCKS = PAGES.flatMap((path) =>
  readPage(path)
    .fences.filter(
      ({ info, text }) =>
        info === 'yaml' && /^(?:sources|credentials|receivers|deploys|notify|apiVersion):/m.test(text),
    )
    .map(({ text, line }) => ({ file: `${path}:${line}`, text })),
);

const FLUX = Object.entries(SAMPLES).map(([kind, { spec, beside, values }]) => ({
  file: kind,
  documents: [
    {
      apiVersion: `${kind.startsWith('Image') ? 'image' : 'source'}.toolkit.fluxcd.io/v1`,
      kind,
      metadata: { name: 'a' },
      spec: { ...spec, ...Object.fromEntries(Object.entries(values).filter(([key]) => !key.includes('.'))) },
    },
    ...beside,
    ...REFERENCES,
  ],
}));

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value, with the hostile text once in each place where a text may be: in a value, in place of one, in a key, as a key. */
function* poisoned(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    yield [...value, HOSTILE_TEXT];
    for (const [at, item] of value.entries()) for (const bad of poisoned(item)) yield value.with(at, bad);
  } else if (isMap(value)) {
    yield { ...value, [HOSTILE_TEXT]: 'a' };
    for (const [key, item] of Object.entries(value)) {
      for (const bad of poisoned(item)) yield { ...value, [key]: bad };
      const { [key]: _, ...others } = value;
      yield { ...others, [`${key}${HOSTILE_TEXT}`]: item };
    }
  } else {
    if (typeof value === 'string') yield `${value}${HOSTILE_TEXT}`;
    yield HOSTILE_TEXT;
    yield { [HOSTILE_TEXT]: HOSTILE_TEXT };
    yield [HOSTILE_TEXT];
  }
}

/** Everything that is told of documents. */
function tell(documents: readonly unknown[], where: string): number {
  const text = documents.map((each) => JSON.stringify(each)).join('\n---\n');
  let told = 0;
  for (const { problems, notices } of readFragments([{ file: 'a.yaml', text, found: true }])) {
    for (const problem of problems) assertOneLine(formatProblem(problem), where);
    for (const { place, message } of notices) assertOneLine(`${place}: ${message}`, where);
    told += problems.length + notices.length;
  }
  try {
    parseDocuments([{ file: 'a.yaml', text }]);
  } catch (error) {
    assert.ok(isLandfallError(error), where);
    assertShown(error.message, where);
    assertOneLine(error.hint ?? '', where);
    told += 1;
  }
  return told;
}

for (const { file, documents } of [
  ...BLOCKS.map((block) => ({
    file: block.file,
    documents: readDocuments(block).documents.map(({ value }) => value),
  })),
  ...FLUX,
])
  test(`no text in a document forges or hides what is told of it: ${file}`, () => {
    let told = 0;
    for (const [at, document] of documents.entries())
      for (const bad of poisoned(document)) told += tell(documents.with(at, bad), file);
    assert.ok(told > 0);
  });
