import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { LOCKS_PREFIX, leasesPrefix } from '../../../shared/aws/s3/layout.ts';
import { PART_BYTES } from '../../../shared/aws/s3/multipart.ts';
import { openS3Store } from '../../../shared/aws/s3/store/store.ts';
import { PACK_BYTES, PACKED_FILE_BYTES } from '../../../shared/limits.ts';
import { packedVariant } from '../../../shared/model/packed.ts';
import { artifactPrefix, fileKey, recordKey } from '../../../shared/store/layout.ts';
import { ID, land, recordOf, type Tree, writeFile, writeTree } from '../../conformance/planted-artifacts.ts';
import { until } from '../../support/until.ts';
import { assertSound, keysOf, POLICY, plant, TREE } from '../support/planted.ts';
import { hurriedClock, s3For } from '../support/s3.ts';

const PACKED = { ...ID, variant: packedVariant(ID.variant) };
const MORE_THAN_A_PACK: Tree = Object.fromEntries(
  Array.from({ length: PACK_BYTES / PACKED_FILE_BYTES + 1 }, (_, at) => [
    `${at}`,
    Buffer.alloc(PACKED_FILE_BYTES, at),
  ]),
);
const LARGE = Buffer.alloc(PART_BYTES * 2 + 5, 'large');

test('an artifact costs one PUT a file, and six requests besides', async (t) => {
  const { server, root } = await s3For(t, { policy: POLICY });
  const store = await openS3Store(root);
  server.forget();
  await land(store, ID, TREE);
  const files = server.served.filter(({ key }) => key.includes('/files/'));
  assert.deepEqual(
    files.map(({ operation, status }) => `${operation} ${status}`),
    Array(3).fill('PutObject 200'),
  );
  const besides = server.served
    .filter(({ key }) => !key.includes('/files/'))
    .map(({ operation }) => operation);
  assert.deepEqual(besides.sort(), [
    'DeleteObjects',
    'ListObjectsV2',
    'ListObjectsV2',
    'ListObjectsV2',
    'PutObject',
    'PutObject',
  ]);
  assert.deepEqual(keysOf(server, LOCKS_PREFIX), []);
});

test('an artifact that is there already costs no PUT of a file', async (t) => {
  const { server, root } = await s3For(t);
  const store = await openS3Store(root);
  await land(store, ID, TREE);
  server.forget();
  assert.equal(await land(store, ID, TREE), 'exists');
  assert.equal(server.served.filter(({ key }) => key.includes('/files/')).length, 0);
});

test('every file is sent with its SHA-256, which S3 proves and keeps', async (t) => {
  const { server, root } = await s3For(t);
  await land(await openS3Store(root), ID, TREE);
  for (const { path, sha256 } of recordOf(ID, TREE).files) {
    const stored = server.bucket().objects.get(fileKey(ID, path));
    assert.equal(Buffer.from(stored?.sha256 ?? '', 'base64').toString('hex'), sha256);
  }
});

test('paths that need encoding arrive as they are', async (t) => {
  const { server, root } = await s3For(t, { prefix: "o'dd (1)/" });
  const store = await openS3Store(root);
  const tree = { "a b/é+~(x)*'!.txt": '1', 'ü/%41?#&=;,@$.txt': '2', '😀': '3', '\ufb01': '4' };
  assert.equal(await land(store, ID, tree), 'committed');
  for (const [path, content] of Object.entries(tree))
    assert.equal((await buffer(await store.artifacts.open(ID, path))).toString(), content);
  assert.equal(keysOf(server, `o'dd (1)/${fileKey(ID, '')}`).length, 4);
});

test('an artifact is claimed before its first file: what that asks goes on while it is fetched', async (t) => {
  const { server, root } = await s3For(t, { policy: POLICY });
  const store = await openS3Store(root);
  const staging = await store.artifacts.stage(ID);
  await until('the claim', () => server.count('ListObjectsV2') === 2 || undefined);
  server.forget();
  await writeTree(staging, TREE);
  assert.equal(await staging.commit(recordOf(ID, TREE)), 'committed');
  assert.equal(server.count('ListObjectsV2'), 1, 'whether anybody else came');
  assert.equal(server.count('PutObject'), Object.keys(TREE).length + 1, 'each file, and the record');
});

test('packs are put while the artifact is still read: nobody finds a file in one without the record', async (t) => {
  const { server, root } = await s3For(t, { policy: POLICY });
  const store = await openS3Store(root);
  const staging = await store.artifacts.stage(PACKED);
  await writeTree(staging, MORE_THAN_A_PACK);
  const seen = await until('the first pack', () => keysOf(server, artifactPrefix(PACKED))[0]);
  assert.equal(seen, fileKey(PACKED, '0.pack'));
  assert.equal(await store.artifacts.record(PACKED), undefined);
  await staging.discard();
  assert.deepEqual(keysOf(server), ['landfall.json']);
});

test('a large file goes in parts, and nothing is to be seen of it before the commit', async (t) => {
  const { server, root } = await s3For(t, { policy: POLICY });
  const store = await openS3Store(root);
  const tree: Tree = { ...TREE, 'big.bin': LARGE, 'exactly.bin': Buffer.alloc(PART_BYTES * 2, 'x') };
  const staging = await store.artifacts.stage(ID);
  await writeTree(staging, tree);
  const seen = keysOf(server).filter((key) => !key.startsWith(leasesPrefix(ID)));
  assert.deepEqual(seen, ['landfall.json']);
  assert.equal(await staging.commit(recordOf(ID, tree)), 'committed');
  assert.equal(server.count('UploadPart'), 5);
  assert.equal(server.bucket().uploads.size, 0);
  assert.deepEqual(await buffer(await store.artifacts.open(ID, 'big.bin')), LARGE);
  await assertSound(store);
});

test('discard ends unfinished uploads', async (t) => {
  const { server, root } = await s3For(t);
  const store = await openS3Store(root);
  const staging = await store.artifacts.stage(ID);
  await writeTree(staging, { 'big.bin': LARGE });
  const half = await staging.create('half.bin', LARGE.length, 0o644);
  await half.write(LARGE.subarray(0, PART_BYTES + 1));
  await staging.discard();
  assert.equal(server.bucket().uploads.size, 0);
  assert.deepEqual(keysOf(server), ['landfall.json']);
});

test('a large file may be taken back while its parts are on their way', async (t) => {
  const { server, root } = await s3For(t, { policy: POLICY, latency: () => 5 });
  const store = await openS3Store(root);
  const staging = await store.artifacts.stage(ID);
  t.after(() => staging.discard());
  await writeTree(staging, { ...TREE, 'big.bin': LARGE });
  await staging.remove(['big.bin']);
  assert.equal(await staging.commit(recordOf(ID, TREE)), 'committed');
  assert.equal(server.bucket().uploads.size, 0);
  await assertSound(store);
});

test('what is over the memory for it is sent early, and gone after discard', async (t) => {
  const { server, root } = await s3For(t, { policy: POLICY });
  const store = await openS3Store({ ...root, holdBytes: 12 });
  const staging = await store.artifacts.stage(ID);
  await writeTree(staging, { a: '0123456789', b: '0123456789', c: '0123456789' });
  assert.notEqual(keysOf(server, artifactPrefix(ID)).length, 0);
  assert.equal(keysOf(server, leasesPrefix(ID)).length, 1);
  assert.equal(await store.artifacts.record(ID), undefined);
  await staging.discard();
  assert.deepEqual(keysOf(server), ['landfall.json']);
});

for (const conditionalCopies of [true, false])
  test(`what was sent early and then taken back or copied is as the record says, where S3 ${conditionalCopies ? 'copies' : 'does not copy'} under a condition`, async (t) => {
    const { server, root } = await s3For(t, { policy: { ...POLICY, conditionalCopies } });
    const store = await openS3Store({ ...root, holdBytes: 12 });
    const staging = await store.artifacts.stage(ID);
    await writeTree(staging, { a: '0123456789', 'b.md': '0123456789', c: '0123456789', 'big.bin': LARGE });
    await staging.copy('a', 'copy/a');
    await staging.copy('copy/a', 'copy/twice');
    await staging.copy('big.bin', 'copy/big');
    await staging.copy('b.md', 'copy/b');
    await staging.remove(['b.md', 'copy/twice', 'big.bin']);
    const tree = {
      a: '0123456789',
      c: '0123456789',
      'copy/a': '0123456789',
      'copy/b': '0123456789',
      'copy/big': LARGE,
    };
    assert.equal(await staging.commit(recordOf(ID, tree)), 'committed');
    assert.deepEqual(keysOf(server, artifactPrefix(ID)), [
      recordKey(ID),
      ...Object.keys(tree).map((path) => fileKey(ID, path)),
    ]);
    await assertSound(store);
  });

test('refuses a record with another sha256 than was staged', async (t) => {
  const { root } = await s3For(t);
  const store = await openS3Store(root);
  const staging = await store.artifacts.stage(ID);
  await writeFile(staging, 'a', 'true');
  await assert.rejects(staging.commit(recordOf(ID, { a: 'lies' })), { code: 'INTERNAL' });
  await staging.discard();
});

const conflict = { status: 409, code: 'ConditionalRequestConflict' } as const;
const TROUBLES = [
  ['a cut connection before', 'before', 'cut'],
  ['a cut connection after', 'after', 'cut'],
  ['a SlowDown', 'before', { status: 503, code: 'SlowDown' }],
  ['a 500 after', 'after', { status: 500, code: 'InternalError' }],
  ['a 409', 'before', conflict],
  ['ended credentials', 'before', { status: 400, code: 'ExpiredToken' }],
] as const;
for (const [what, when, trouble] of TROUBLES)
  for (const key of [/files\/a\.yaml$/, /artifact\.json$/])
    test(`a put of ${key.source} outlives ${what}`, async (t) => {
      const { server, root } = await s3For(t, { policy: POLICY, clock: hurriedClock });
      const store = await openS3Store(root);
      server.faults.add({ operation: 'PutObject', key, when, trouble });
      assert.equal(await land(store, ID, TREE), 'committed');
      await assertSound(store);
    });

for (const operation of ['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'] as const)
  for (const when of ['before', 'after'] as const)
    test(`a large file outlives a connection cut ${when} ${operation}`, async (t) => {
      const { server, root } = await s3For(t, { policy: POLICY, clock: hurriedClock });
      const store = await openS3Store(root);
      server.faults.add({ operation, when, trouble: 'cut' });
      assert.equal(await land(store, ID, { 'big.bin': LARGE }), 'committed');
      await assertSound(store);
    });

test('an outage in the middle is told, leaves no record, and the next run lands it', async (t) => {
  const { server, root } = await s3For(t, { policy: POLICY, clock: hurriedClock, client: { attempts: 1 } });
  const store = await openS3Store(root);
  server.faults.add({
    operation: 'PutObject',
    key: /deep/,
    when: 'before',
    trouble: { status: 503, code: 'ServiceUnavailable' },
    times: 100,
  });
  await assert.rejects(land(store, ID, TREE), { code: 'STORE_UNAVAILABLE' });
  assert.deepEqual(keysOf(server), ['landfall.json']);
  server.faults.clear();
  assert.equal(await land(store, ID, TREE), 'committed');
  await assertSound(store);
});

test('beside another run, a file that is taken away or cut before the commit is missed', async (t) => {
  for (const spoil of ['take', 'cut'] as const) {
    const { server, root } = await s3For(t, { policy: POLICY, clock: hurriedClock });
    const store = await openS3Store({ ...root, holdBytes: 1 });
    const staging = await store.artifacts.stage(ID);
    await writeTree(staging, TREE);
    await until('the file', () => server.bucket().objects.get(fileKey(ID, 'a.yaml')));
    plant(server, `${leasesPrefix(ID)}trace-other`);
    if (spoil === 'take') server.bucket().delete(fileKey(ID, 'a.yaml'));
    else plant(server, fileKey(ID, 'a.yaml'), 'a');
    await assert.rejects(staging.commit(recordOf(ID, TREE)), { code: 'STORE_CONFLICT', message: /a\.yaml/ });
    await staging.discard();
    assert.deepEqual(keysOf(server), ['landfall.json']);
  }
});

test('a policy that denies is told as that', async (t) => {
  const { server, root } = await s3For(t, { policy: { deniedKeys: /deep/ } });
  const store = await openS3Store(root);
  await assert.rejects(land(store, ID, { 'deep/b.yaml': 'b' }), {
    code: 'STORE_DENIED',
    message: /deep\/b\.yaml/,
  });
  assert.deepEqual(keysOf(server), ['landfall.json']);
});
