import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Policy } from '../../../aws-stand-ins/s3/answer-request.ts';
import type { S3Server } from '../../../aws-stand-ins/s3/s3-server.ts';
import { PART_BYTES } from '../../../shared/aws/s3/multipart.ts';
import type { S3Spent } from '../../../shared/aws/s3/spent.ts';
import { openS3Store } from '../../../shared/aws/s3/store.ts';
import type { ArtifactId } from '../../../shared/model/ids.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { ID, land, recordOf, type Tree, writeFile, writeTree } from '../../conformance/planted-artifacts.ts';
import { s3For } from '../support/s3.ts';

const NEXT: ArtifactId = { ...ID, digest: digestOf(Buffer.from('the next revision')) };
const LARGE = Buffer.alloc(PART_BYTES + 1, 'large');

/** What the stand-in was asked to write under `files/`, and whatever was read there. */
function servedFiles({ served }: S3Server): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { operation, key } of served)
    if (key.includes('/files/')) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

async function open(t: Parameters<typeof s3For>[0], policy: S3Policy = {}) {
  const { server, root } = await s3For(t, { policy: { conditionalKeys: /^artifacts\//, ...policy } });
  const told: (S3Spent & Pick<ArtifactId, 'digest'>)[] = [];
  const onStored = ({ digest }: ArtifactId, spent: S3Spent): void => void told.push({ digest, ...spent });
  return { server, store: await openS3Store({ ...root, onStored }), told };
}

test('a revision that shares 95 of 100 files with the last one takes a PUT for each, and says so', async (t) => {
  const { server, store, told } = await open(t);
  const tree = (changed: string): Tree =>
    Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`${at}.txt`, at < 5 ? changed : `${at}`]));
  await land(store, ID, tree('one'));
  server.forget();
  assert.equal(await land(store, NEXT, tree('two')), 'committed');
  // Its files have a prefix of their own: a copy within the bucket would be as many requests at the same price.
  assert.deepEqual(servedFiles(server), { PutObject: 100 });
  assert.deepEqual(told.at(-1), { digest: NEXT.digest, puts: 100, multipart: 0, copies: 0 });
});

for (const conditionalCopies of [true, false])
  test(`what is told of a commit is what was asked of an S3 that ${conditionalCopies ? 'copies' : 'refuses to copy'} under a condition`, async (t) => {
    const { server, store, told } = await open(t, { conditionalCopies });
    const staging = await store.artifacts.stage(ID);
    t.after(() => staging.discard());
    const tree: Tree = { small: 'one', 'big.bin': LARGE };
    await writeTree(staging, tree);
    await writeFile(staging, 'not.wanted', LARGE);
    await staging.copy('big.bin', 'copy.bin');
    await staging.remove(['not.wanted']);
    await staging.commit(recordOf(ID, { ...tree, 'copy.bin': LARGE }));
    const {
      PutObject: puts,
      CopyObject: copies,
      CreateMultipartUpload: begun = 0,
      UploadPart: parts = 0,
      CompleteMultipartUpload: completed = 0,
    } = servedFiles(server);
    assert.deepEqual([puts, copies, completed], [1, 1, conditionalCopies ? 1 : 2]);
    assert.deepEqual(told, [{ digest: ID.digest, puts, multipart: begun + parts + completed, copies }]);
  });

test('a put that had to be repeated is counted twice', async (t) => {
  const { server, store, told } = await open(t);
  server.faults.add({ operation: 'PutObject', key: /files/, when: 'after', trouble: 'cut' });
  await land(store, ID, { a: '1', b: '2' });
  assert.equal(servedFiles(server)['PutObject'], 3);
  assert.equal(told[0]?.puts, 3);
});

test('an artifact that is there already takes nothing', async (t) => {
  const { server, store, told } = await open(t);
  await land(store, ID, { a: '1' });
  server.forget();
  assert.equal(await land(store, ID, { a: '1' }), 'exists');
  assert.deepEqual(servedFiles(server), {});
  assert.deepEqual(told.at(-1), { digest: ID.digest, puts: 0, multipart: 0, copies: 0 });
});
