import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Server } from '../../../aws-stand-ins/s3/s3-server.ts';
import { leasesPrefix, USES_PREFIX, useKey } from '../../../shared/aws/s3/layout.ts';
import { PART_BYTES } from '../../../shared/aws/s3/multipart.ts';
import { openS3Store } from '../../../shared/aws/s3/store/store.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { fsck } from '../../../shared/store/fsck/fsck.ts';
import { artifactPrefix, fileKey, recordKey } from '../../../shared/store/layout.ts';
import { collect } from '../../../shared/store/retention/collect.ts';
import { collected } from '../../conformance/object-store.ts';
import { ID, land, recordOf, sweepAll, type Tree, writeTree } from '../../conformance/planted-artifacts.ts';
import { until } from '../../support/until.ts';
import { s3For } from '../support/s3.ts';

const TREE: Tree = { 'a.yaml': 'a: 1\n', 'deep/b.yaml': 'b: 2\n' };
const HOUR_MS = 60 * 60 * 1000;

const plant = (server: S3Server, key: string): void =>
  void server
    .bucket()
    .put(key, { bytes: Buffer.from('x'), etag: '"x"', sha256: undefined, contentType: 'x' });

test('asking for a record counts as use, and leaves no trace among the keys', async (t) => {
  let now = Date.now();
  const { server, root } = await s3For(t, { now: () => now });
  const store = await openS3Store(root);
  await land(store, ID, TREE);
  now += 2 * HOUR_MS;
  assert.equal(await store.artifacts.remove(ID, { unusedSince: now - HOUR_MS, dryRun: true }), 'removed');
  await store.artifacts.record(ID);
  assert.equal(await store.artifacts.remove(ID, { unusedSince: now - HOUR_MS }), 'kept');
  assert.ok(!(await collected(store.objects.list(''))).includes(useKey(ID)));
  now += 2 * HOUR_MS;
  assert.equal(await store.artifacts.remove(ID, { unusedSince: now - HOUR_MS }), 'removed');
  assert.deepEqual(server.bucket().keys(USES_PREFIX), []);
});

test('a record that is read while it is being removed comes back', async (t) => {
  let now = Date.now();
  const { server, root } = await s3For(t, { now: () => now });
  const store = await openS3Store(root);
  await land(store, ID, TREE);
  now += 2 * HOUR_MS;
  const lease = /^locks\/.*delete-/;
  const meanwhile = async (): Promise<void> => void (await store.artifacts.record(ID));
  server.faults.add({ operation: 'PutObject', key: lease, when: 'before', trouble: 'cut', meanwhile });
  assert.equal(await store.artifacts.remove(ID, { unusedSince: now - HOUR_MS }), 'kept');
  assert.deepEqual((await fsck(store)).problems, []);
  assert.deepEqual(await store.artifacts.record(ID), recordOf(ID, TREE));
});

test('a reader who may not write reads all the same', async (t) => {
  const policy = { deniedKeys: /^$/ };
  const { root } = await s3For(t, { policy });
  const store = await openS3Store(root);
  await land(store, ID, TREE);
  policy.deniedKeys = /./;
  assert.deepEqual(await store.artifacts.record(ID), recordOf(ID, TREE));
});

test('collect leaves an artifact that somebody is staging', async (t) => {
  let now = Date.now();
  const { server, root } = await s3For(t, { now: () => now });
  const store = await openS3Store({ ...root, holdBytes: 1 });
  now -= 2 * HOUR_MS;
  const staging = await store.artifacts.stage(ID);
  await writeTree(staging, TREE);
  now += 2 * HOUR_MS;
  plant(server, `${leasesPrefix(ID)}stage-live`);
  const swept = await sweepAll(store, { before: now - HOUR_MS, dryRun: false });
  assert.equal(swept.orphans, 0);
  assert.equal(await staging.commit(recordOf(ID, TREE)), 'committed');
  assert.deepEqual((await fsck(store)).problems, []);
});

test('sweep takes away what dead runs left, and nothing else', async (t) => {
  let now = Date.now() - 2 * HOUR_MS;
  const { server, root } = await s3For(t, { now: () => now });
  const store = await openS3Store(root);
  await land(store, ID, TREE);
  const orphan = { digest: digestOf('orphan'), variant: 'default' };
  const young = { digest: digestOf('young'), variant: 'default' };
  server.forget();
  const staging = await store.artifacts.stage(orphan);
  await writeTree(staging, { big: Buffer.alloc(PART_BYTES + 1) });
  await until('the parts', () => server.count('UploadPart') === 2 || undefined);
  // A claim looks twice: for others, and for what they left.
  await until('its claim', () => server.count('ListObjectsV2') === 2 || undefined);
  plant(server, fileKey(orphan, 'a'));
  plant(server, `${leasesPrefix(orphan)}stage-dead`);
  now += 2 * HOUR_MS;
  plant(server, fileKey(young, 'a'));
  const before = now - HOUR_MS;
  const found = await sweepAll(store, { before, dryRun: true });
  assert.deepEqual(found, { orphans: 1, staging: 3 });
  assert.equal(server.bucket().keys(artifactPrefix(orphan)).length, 1, 'a dry run takes nothing');
  assert.deepEqual(await sweepAll(store, { before, dryRun: false }), found);
  assert.deepEqual(server.bucket().keys(artifactPrefix(orphan)), []);
  assert.equal(server.bucket().uploads.size, 0);
  assert.equal(server.bucket().keys(artifactPrefix(young)).length, 1);
  assert.deepEqual((await fsck(store)).problems, []);
  assert.deepEqual(await sweepAll(store, { before, dryRun: false }), { orphans: 0, staging: 0 });
  await staging.discard();
});

test('sweep takes no lease that may be alive, whatever it is told', async (t) => {
  const { server, root } = await s3For(t);
  const store = await openS3Store(root);
  plant(server, `${leasesPrefix(ID)}stage-live`);
  assert.equal((await sweepAll(store, { before: Date.now() + HOUR_MS, dryRun: false })).staging, 0);
  assert.equal(server.bucket().keys(leasesPrefix(ID)).length, 1);
});

test('listing artifacts costs one request each, whatever their files', async (t) => {
  const { server, root } = await s3For(t);
  const store = await openS3Store(root);
  const ids = ['1', '2', '3'].map((text) => ({ digest: digestOf(text), variant: 'default' }));
  for (const id of ids) {
    for (let at = 0; at < 1500; at += 1) plant(server, fileKey(id, `f${at}`));
    plant(server, recordKey(id));
  }
  server.forget();
  const listed = await collected(store.artifacts.list());
  assert.deepEqual(
    listed,
    ids.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)),
  );
  assert.equal(server.served.length, 4);
  server.forget();
  const report = await collect(store, { dryRun: true }, { clock: root.clock });
  assert.equal(report.kept, 3);
  // Statuses, ledgers and leases; one walk over all artifacts; when each was used last.
  assert.equal(server.count('ListObjectsV2'), 3 + 4 + 3);
});
