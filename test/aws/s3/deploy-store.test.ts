import assert from 'node:assert/strict';
import { test } from 'node:test';
import { s3ObjectStore } from '../../../shared/aws/s3/object-store.ts';
import { claimArtifact } from '../../../shared/aws/s3/store/claim.ts';
import { deployStore } from '../../../shared/aws/s3/store/deploy-store.ts';
import { openS3Store } from '../../../shared/aws/s3/store/store.ts';
import { ledgerKey, statusKey } from '../../../shared/store/layout.ts';
import { ID, land } from '../../conformance/planted-artifacts.ts';
import { s3For } from '../support/s3.ts';

const SOURCE = { namespace: 'web', name: 'app' };

test('a deploy with books of its own reads statuses where the store is, and its ledger where the books are', async (t) => {
  const [{ root: store }, { root: books }] = [await s3For(t), await s3For(t)];
  const [status, ledger] = [statusKey(SOURCE), ledgerKey('live', SOURCE)];
  for (const [root, says] of [
    [store, 'store'],
    [books, 'books'],
  ] as const)
    for (const key of [status, ledger]) await s3ObjectStore(root).putIfAbsent(key, Buffer.from(says));
  const { objects } = deployStore({ store, books });
  const read = async (key: string) => Buffer.from((await objects.get(key))?.bytes ?? []).toString();
  assert.deepEqual([await read(status), await read(ledger)], ['store', 'books']);
});

test('who begins an artifact beside somebody else takes nothing there for clear, not even nothing', async (t) => {
  const { root } = await s3For(t);
  const first = await claimArtifact(root, ID);
  const second = await claimArtifact(root, ID);
  assert.deepEqual([first.finding, second.finding], ['clear', 'contested']);
  for (const { lease } of [first, second]) await lease.release();
});

test('an artifact that was used in a second counts as used to its end: S3 tells no more', async (t) => {
  const second = Math.floor(Date.now() / 1000) * 1000;
  const { root } = await s3For(t, { now: () => second + 900 });
  const store = await openS3Store(root);
  await land(store, ID, { a: 'a' });
  assert.equal(await store.artifacts.remove(ID, { unusedSince: second + 500 }), 'kept');
  assert.equal(await store.artifacts.remove(ID, { unusedSince: second + 1_000 }), 'removed');
});
