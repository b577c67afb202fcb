import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { contentDigestOf } from '../../shared/model/content-digest.ts';
import { openDirectoryStore } from '../../shared/store/directory/directory-store.ts';
import { filesPrefix } from '../../shared/store/layout.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import { artifactContentSuite } from '../conformance/artifact-content.ts';
import { artifactStoreSuite } from '../conformance/artifact-store.ts';
import { ID, recordOf, writeTree } from '../conformance/planted-artifacts.ts';
import { folder } from './support/folder.ts';

artifactStoreSuite('memory', async () => openMemoryStore());
artifactStoreSuite('directory', async (t) => openDirectoryStore(folder(t), { durable: false }));
artifactStoreSuite('durable directory', async (t) => openDirectoryStore(folder(t)));
const PACKED = { variant: 'default--pack' };
const inFolder = async (t: TestContext) => openDirectoryStore(folder(t), { durable: false });
artifactStoreSuite('memory, packed', async () => openMemoryStore(), PACKED);
artifactStoreSuite('directory, packed', inFolder, PACKED);
artifactContentSuite('memory, packed', async () => openMemoryStore(), PACKED);
artifactContentSuite('directory, packed', inFolder, PACKED);
artifactContentSuite('memory', async () => openMemoryStore());
artifactContentSuite('directory', async (t) => openDirectoryStore(folder(t), { durable: false }));

test('a directory store makes the empty folders that a record names', async (t) => {
  const root = folder(t);
  const store = await openDirectoryStore(root, { durable: true });
  const record = { ...recordOf(ID, {}), folders: ['d/e', 'f'] };
  const staging = await store.artifacts.stage(ID);
  await staging.commit({ ...record, contentDigest: contentDigestOf([], [], record.folders) });
  assert.deepEqual(readdirSync(join(root, filesPrefix(ID)), { recursive: true }).sort(), ['d', 'd/e', 'f']);
});

test('a folder of a record that is none is refused, and nothing is committed', async (t) => {
  const store = await openDirectoryStore(folder(t), { durable: false });
  for (const path of ['../x', 'a', '/x', 'a/../../x']) {
    const staging = await store.artifacts.stage(ID);
    await writeTree(staging, { a: '1' });
    await assert.rejects(staging.commit({ ...recordOf(ID, { a: '1' }), folders: [path] }), path);
    await staging.discard();
  }
  assert.equal(await store.artifacts.record(ID), undefined);
});
