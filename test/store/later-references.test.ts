import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../shared/oci/digest.ts';
import { formatDocument } from '../../shared/store/document.ts';
import { artifactPrefix, ledgerKey, statusKey } from '../../shared/store/layout.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import { LaterReferences, readReferences } from '../../shared/store/retention/references.ts';
import { revisionOf, SOURCE, statusOf } from './support/sample.ts';

const LEDGER = ledgerKey('site', SOURCE);

async function later() {
  const { objects } = openMemoryStore();
  const status = statusOf({ current: revisionOf('first', 1), generation: 1 });
  await objects.putIfAbsent(statusKey(SOURCE), formatDocument(status));
  await objects.putIfAbsent(LEDGER, formatDocument({ digest: digestOf('applied') }));
  const references = await readReferences(objects);
  return { objects, looks: new LaterReferences(objects, references) };
}

test('a later look tells nothing of documents that are as they were', async () => {
  const { looks } = await later();
  const now = await looks.reread();
  assert.deepEqual([now?.sources, now?.artifacts.size, now?.digests.size], [1, 0, 0]);
});

test('a later look tells what changed and new documents name, each time', async () => {
  const { objects, looks } = await later();
  const stored = await objects.get(statusKey(SOURCE));
  const next = statusOf({ current: revisionOf('second', 1), generation: 1 });
  await objects.replace(statusKey(SOURCE), formatDocument(next), stored?.version);
  const other = ledgerKey('other', SOURCE);
  await objects.putIfAbsent(other, formatDocument({ digest: digestOf('new') }));
  for (const _ of ['once', 'again']) {
    const now = await looks.reread();
    assert.ok(now?.artifacts.has(artifactPrefix(revisionOf('second', 1))));
    assert.deepEqual([...(now?.digests ?? [])], [digestOf('new')]);
  }
});

test('a later look knows nothing once a document is damaged that was not', async () => {
  const { objects, looks } = await later();
  const ledger = await objects.get(LEDGER);
  await objects.replace(LEDGER, Buffer.from('{'), ledger?.version);
  assert.equal(await looks.reread(), undefined);
});
