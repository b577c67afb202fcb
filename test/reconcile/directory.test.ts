import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { rollback } from '../../shared/reconcile/rollback.ts';
import { type DirectoryStore, openDirectoryStore } from '../../shared/store/directory/directory-store.ts';
import { STAGING } from '../../shared/store/directory/temporary.ts';
import { fsck } from '../../shared/store/fsck/fsck.ts';
import { filesPrefix } from '../../shared/store/layout.ts';
import { failingStore } from '../support/stores/failing-store.ts';
import { committed, currentFiles, ID, openWorld, type World } from '../support/stores/memory-sources.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function folderWorld(
  t: TestContext,
): Promise<{ readonly world: World; readonly store: DirectoryStore }> {
  const { path, remove } = await temporaryFolder();
  t.after(remove);
  const store = await openDirectoryStore(path, { durable: false });
  return { world: openWorld(store), store };
}

const staged = ({ root }: DirectoryStore): readonly string[] => readdirSync(join(root, STAGING));

describe('a source in a folder', () => {
  test('is landed as a plain tree, followed, refused, rolled back', async (t) => {
    const { world, store } = await folderWorld(t);
    world.push('latest', { 'app/a.txt': 'one' });
    const first = committed(await world.look());
    assert.equal(readFileSync(join(store.root, filesPrefix(first), 'app/a.txt'), 'utf8'), 'one');
    world.push('latest', { 'app/a.txt': 'two' });
    assert.equal(committed(await world.look()).generation, 2);
    world.push('latest', { 'ok.txt': 'ok', '../out.txt': 'out' });
    assert.equal((await world.look()).outcome, 'failed');
    assert.equal((await world.look()).outcome, 'stalled');
    await rollback({ ...ID, to: first.digest }, world);
    assert.deepEqual(await currentFiles(world), { 'app/a.txt': 'one' });
    assert.deepEqual(
      world.events().map((event) => event['detail-type']),
      [
        'Artifact Revision Changed',
        'Artifact Revision Changed',
        'Source Reconcile Failed',
        'Artifact Revision Changed',
      ],
    );
    assert.deepEqual((await fsck(store)).problems, []);
    assert.deepEqual(staged(store), [], 'nothing is left of what was staged');
  });

  for (const call of [/^write /, /^close /, /^commit$/, /^replace /]) {
    test(`that fails in ${call.source} leaves nothing behind`, async (t) => {
      const { world, store } = await folderWorld(t);
      world.push('latest', { 'a.txt': 'one' });
      const outcome = await world.look({}, { deps: { store: failingStore(store, call, 'STORE_FULL', 1) } });
      assert.equal(outcome.outcome, 'failed');
      assert.deepEqual((await fsck(store)).problems, []);
      assert.deepEqual(staged(store), []);
      assert.equal(committed(await world.look()).generation, 1);
    });
  }
});
