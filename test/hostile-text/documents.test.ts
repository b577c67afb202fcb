import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLandfallError } from '../../shared/errors.ts';
import { parseDocuments, readFragments } from '../../shared/source/document.ts';
import { readDocuments } from '../../shared/source/file/yaml-document.ts';
import { parsePolicies } from '../../shared/source/policy-document.ts';
import { formatProblem } from '../../shared/source/problem.ts';
import { PAGES, readPage } from '../docs/markdown.ts';
import { REFERENCES, SAMPLES } from '../source/flux/flux-samples.ts';
import { assertOneLine, assertShown, poisoned } from '../support/hostile-text.ts';

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

test('no text in policies of an installation forges or hides what is told of them', () => {
  const policies = {
    policies: [
      {
        name: 'production',
        repositories: ['ghcr.io/acme/**'],
        sources: ['web/*'],
        verify: {
          provider: 'cosign',
          keys: [{ file: 'acme.pub' }],
          identities: [{ issuer: 'https://i', subject: 's' }],
          transparencyLog: false,
        },
      },
    ],
  };
  let told = 0;
  for (const bad of poisoned(policies))
    try {
      parsePolicies([{ file: 'a.yaml', text: JSON.stringify(bad) }]);
    } catch (error) {
      assert.ok(isLandfallError(error));
      assertShown(error.message, JSON.stringify(bad));
      told += 1;
    }
  assert.ok(told > 0);
});
