import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Server } from '../../../aws-stand-ins/s3/s3-server.ts';
import { clearUnlisted } from '../../../shared/aws/s3/clear.ts';
import { LOCKS_PREFIX, leasesPrefix } from '../../../shared/aws/s3/layout.ts';
import { openS3Store } from '../../../shared/aws/s3/store.ts';
import { fileKey, recordKey } from '../../../shared/store/layout.ts';
import { ID, land, recordOf, writeTree } from '../../conformance/planted-artifacts.ts';
import { assertSound, keysOf, POLICY, plant, TREE } from '../support/planted.ts';
import { hurriedClock, rootAt, s3For } from '../support/s3.ts';

const textOf = (server: S3Server, path: string): string | undefined =>
  server.bucket().objects.get(fileKey(ID, path))?.bytes.toString();

test('leftovers of a dead run are cleared away before anything is put', async (t) => {
  const { server, root } = await s3For(t, { policy: POLICY });
  const store = await openS3Store(root);
  plant(server, fileKey(ID, 'a.yaml'), 'a: 2\n');
  plant(server, fileKey(ID, 'never.yaml'), 'x');
  assert.equal(await land(store, ID, TREE), 'committed');
  assert.equal(textOf(server, 'a.yaml'), 'a: 1\n');
  await assertSound(store);
});

test('beside a live run the same file is taken as it is, and another one is a conflict', async (t) => {
  const { server, root } = await s3For(t, { policy: POLICY, clock: hurriedClock });
  const store = await openS3Store(root);
  plant(server, `${leasesPrefix(ID)}stage-other`);
  plant(server, fileKey(ID, 'a.yaml'), 'a: 1\n');
  assert.equal(await land(store, ID, TREE), 'committed');
  await assertSound(store);
  await store.artifacts.remove(ID);
  plant(server, fileKey(ID, 'a.yaml'), 'a: 2\n');
  await assert.rejects(land(store, ID, TREE), { code: 'STORE_CONFLICT' });
  assert.equal(textOf(server, 'a.yaml'), 'a: 2\n', 'the other run may count on it');
});

test('a run that has not renewed its lease for two minutes counts as dead', async (t) => {
  let now = Date.now();
  const { server, root } = await s3For(t, { policy: POLICY, now: () => now });
  const store = await openS3Store(root);
  plant(server, `${leasesPrefix(ID)}stage-dead`);
  plant(server, `${leasesPrefix(ID)}delete-dead`);
  plant(server, fileKey(ID, 'a.yaml'), 'a: 2\n');
  now += 2 * 60_000 + 1_000;
  assert.equal(await land(store, ID, TREE), 'committed');
  await assertSound(store);
});

test('discard leaves what another run may count on, and that one commits', async (t) => {
  const { server, root } = await s3For(t, { policy: POLICY, clock: hurriedClock });
  const [one, two] = [
    await openS3Store({ ...root, holdBytes: 1 }),
    await openS3Store({ ...rootAt(server, { clock: hurriedClock }), holdBytes: 1 }),
  ];
  const [failing, landing] = [await one.artifacts.stage(ID), await two.artifacts.stage(ID)];
  await writeTree(failing, TREE);
  await writeTree(landing, TREE);
  await failing.discard();
  assert.equal(await landing.commit(recordOf(ID, TREE)), 'committed');
  await landing.discard();
  await assertSound(one);
  await one.artifacts.remove(ID);
  assert.deepEqual(keysOf(server, LOCKS_PREFIX), []);
});

test('staging waits for a run that is deleting, and begins when it is through', async (t) => {
  const { server, root } = await s3For(t, { policy: POLICY, clock: hurriedClock });
  const store = await openS3Store(root);
  const key = `${leasesPrefix(ID)}delete-other`;
  plant(server, key);
  const landing = land(store, ID, TREE);
  while (server.count('ListObjectsV2') < 5) await hurriedClock.sleep(1);
  assert.equal(server.served.filter((request) => request.key.startsWith('artifacts/')).length, 0);
  server.bucket().delete(key);
  assert.equal(await landing, 'committed');
  plant(server, key);
  await assert.rejects(land(store, { ...ID, variant: 'default' }, TREE), { code: 'STORE_CONFLICT' });
});

test('a run that could not renew its lease does not commit', async (t) => {
  let now = Date.now();
  const clock = { now: () => now, sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 5)) };
  const { server, root } = await s3For(t, { policy: POLICY, clock });
  const store = await openS3Store({ ...root, holdBytes: 1 });
  const staging = await store.artifacts.stage(ID);
  await writeTree(staging, TREE);
  server.faults.add({
    operation: 'PutObject',
    key: /^locks\//,
    when: 'before',
    trouble: { status: 403, code: 'AccessDenied' },
    times: 1e6,
  });
  now += 100_000;
  await assert.rejects(staging.commit(recordOf(ID, TREE)), { code: 'STORE_CONFLICT' });
  assert.equal(await store.artifacts.record(ID), undefined);
  server.faults.clear();
  await staging.discard();
  assert.deepEqual(keysOf(server), ['landfall.json']);
});

test('what is cleared away beside a committed record is only what it does not list', async (t) => {
  const { server, root } = await s3For(t, { policy: POLICY });
  const store = await openS3Store(root);
  await land(store, ID, TREE);
  plant(server, fileKey(ID, 'extra'), 'x');
  assert.equal(await clearUnlisted(root, ID), 'cleared');
  await assertSound(store);
  plant(server, recordKey(ID), 'nonsense');
  await assert.rejects(clearUnlisted(root, ID), { code: 'STORE_CORRUPT' });
  assert.equal(textOf(server, 'a.yaml'), 'a: 1\n', 'who cannot read a record does not know what it lists');
});

test('what a failed run could not clear away is cleared away by the one it failed beside', async (t) => {
  const { server, root } = await s3For(t, { policy: POLICY, clock: hurriedClock });
  const [one, two] = [
    await openS3Store({ ...root, holdBytes: 1 }),
    await openS3Store({ ...rootAt(server, { clock: hurriedClock }), holdBytes: 1 }),
  ];
  const [landing, failing] = [await one.artifacts.stage(ID), await two.artifacts.stage(ID)];
  await writeTree(landing, TREE);
  await writeTree(failing, { ...TREE, 'not-in-it': 'x', last: 'y' });
  await failing.discard();
  assert.notEqual(textOf(server, 'not-in-it'), undefined);
  assert.equal(await landing.commit(recordOf(ID, TREE)), 'committed');
  await assertSound(one);
});
