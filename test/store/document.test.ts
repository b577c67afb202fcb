import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newLedger, readLedger } from '../../shared/deploy/ledger/ledger.ts';
import { readManifest } from '../../shared/deploy/site/site-manifest.ts';
import { formatDocument } from '../../shared/store/document.ts';
import { ledgerKey, siteKey, statusKey } from '../../shared/store/layout.ts';
import { memoryObjectStore } from '../../shared/store/memory/memory-object-store.ts';
import { readStatus } from '../../shared/store/status-store.ts';

const ID = { namespace: 'web', name: 'app' };
const BORN = '2026-11-30T00:00:00.000Z';

/** Every document that the store keeps, and how it is read. */
const DOCUMENTS = [
  ['a status', statusKey(ID), (objects: ReturnType<typeof memoryObjectStore>) => readStatus(objects, ID)],
  ["a deploy's ledger", ledgerKey('live', ID), (objects) => readLedger(objects, 'live', ID)],
  ["a site's list", siteKey('live', ID), (objects) => readManifest(objects, 'live', ID)],
] as const satisfies readonly (readonly [
  string,
  string,
  (objects: ReturnType<typeof memoryObjectStore>) => Promise<unknown>,
])[];

for (const [what, key, read] of DOCUMENTS) {
  test(`${what} of a later Landfall asks for an upgrade, and not for its deletion`, async () => {
    const objects = memoryObjectStore();
    await objects.putIfAbsent(key, Buffer.from('{"formatVersion":2,"other":"shape"}'));
    await assert.rejects(read(objects), { code: 'STORE_VERSION', hint: /Upgrade Landfall/ });
  });

  for (const [state, content] of [
    ['is no JSON', '{'],
    ['is JSON of another shape', '{"formatVersion":1}'],
    ['is null', 'null'],
    ['has a version that is no number', '{"formatVersion":"2"}'],
  ] as const)
    test(`${what} that ${state} is corrupt, and its key is named`, async () => {
      const objects = memoryObjectStore();
      await objects.putIfAbsent(key, Buffer.from(content));
      await assert.rejects(read(objects), { code: 'STORE_CORRUPT', message: new RegExp(key.slice(0, 10)) });
    });
}

test('a document whose bytes are as they were is not parsed again, and one that was changed is', async () => {
  const objects = memoryObjectStore();
  const key = ledgerKey('live', ID);
  const ledger = newLedger({ ...ID, deploy: 'live' });
  const version = await objects.replace(key, formatDocument(ledger), undefined);
  const first = await readLedger(objects, 'live', ID);
  assert.equal((await readLedger(objects, 'live', ID)).ledger, first.ledger);

  await objects.replace(key, formatDocument({ ...ledger, born: BORN }), version);
  assert.equal((await readLedger(objects, 'live', ID)).ledger.born, BORN);
  const elsewhere = memoryObjectStore();
  await elsewhere.putIfAbsent(key, Buffer.from('{}'));
  await assert.rejects(readLedger(elsewhere, 'live', ID), { code: 'STORE_CORRUPT' });
});
