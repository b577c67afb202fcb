import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newLedger } from '../../shared/deploy/ledger/ledger.ts';
import type { ArtifactRecord } from '../../shared/model/artifact-record.ts';
import type { Revision } from '../../shared/model/status.ts';
import { newStatus } from '../../shared/reconcile/status-changes.ts';
import { ownLines, type Page, readPage, rowsOf } from './markdown.ts';

/** Type-checked to hold every field. */
const RECORD: Readonly<Record<keyof ArtifactRecord, true>> = {
  formatVersion: true,
  digest: true,
  variant: true,
  manifest: true,
  mediaType: true,
  artifactType: true,
  annotations: true,
  contentDigest: true,
  size: true,
  layers: true,
  links: true,
  files: true,
  folders: true,
  leftOut: true,
  packs: true,
};
const REVISION: Readonly<Record<keyof Revision, true>> = {
  revision: true,
  tag: true,
  digest: true,
  variant: true,
  contentDigest: true,
  mediaType: true,
  artifactType: true,
  annotations: true,
  files: true,
  links: true,
  folders: true,
  leftOut: true,
  size: true,
  generation: true,
  committedAt: true,
  trigger: true,
  who: true,
  reason: true,
  verification: true,
};

const STORE = readPage('docs/store.md');
const CASES: readonly (readonly [page: Page, heading: string, fields: object])[] = [
  [STORE, 'artifact.json', RECORD],
  [STORE, 'A revision', REVISION],
  [STORE, 'status.json', newStatus({ namespace: 'web', name: 'site', url: 'oci://a.example/b', labels: {} })],
  [
    readPage('docs/deploys.md'),
    'Once per generation',
    newLedger({ deploy: 'live', namespace: 'web', name: 'site' }),
  ],
];

/** A row may tell of several fields: all of its first cell count. */
function fieldsUnder(page: Page, heading: string): readonly string[] {
  return ownLines(page, heading)
    .filter((line) => rowsOf([line]).length > 0)
    .flatMap((line) =>
      [...(line.split('|', 2)[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, field = '']) => field),
    );
}

for (const [page, heading, fields] of CASES) {
  test(`${page.path} tells every field of “${heading}”, and no other`, () => {
    assert.deepEqual([...fieldsUnder(page, heading)].sort(), Object.keys(fields).sort());
  });
}
