import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { digestOf } from '../../shared/oci/digest.ts';
import { fsck } from '../../shared/store/fsck/fsck.ts';
import type { Store } from '../../shared/store/store.ts';
import { collected } from './object-store.ts';
import { fileEntry, land, ID as PLAIN, recordOf, type Tree } from './planted-artifacts.ts';

const LARGE = randomBytes(9_000_000);
const TREE: Tree = { 'a.yaml': 'a: 1\n', 'deep/b ü%.yaml': 'b: 2\n', empty: '', large: LARGE };

/** What every artifact store must do alike with files of one artifact that another is made of. */
export function takenFilesSuite(
  name: string,
  open: (t: TestContext) => Promise<Store>,
  { from = 'default', to = 'default' } = {},
): void {
  const ID = { ...PLAIN, variant: from };
  const OTHER = { digest: digestOf('two'), variant: to };
  test(`${name}: a file of another artifact is taken as it is, to any path`, async (t) => {
    const store = await open(t);
    await land(store, ID, TREE);
    const staging = await store.artifacts.stage(OTHER);
    const moved = Object.fromEntries(Object.entries(TREE).map(([path, content]) => [`to/${path}`, content]));
    for (const [path, content] of Object.entries(TREE))
      await staging.take({ artifact: ID, entry: fileEntry(path, content) }, `to/${path}`);
    assert.equal(await staging.commit(recordOf(OTHER, moved)), 'committed');
    for (const [path, content] of Object.entries(moved)) {
      const got = await buffer(await store.artifacts.open(OTHER, path));
      assert.equal(hash('sha256', got), hash('sha256', content), path);
    }
    assert.deepEqual((await fsck(store)).problems, []);
    await store.artifacts.remove(ID);
    assert.equal((await buffer(await store.artifacts.open(OTHER, 'to/a.yaml'))).toString(), 'a: 1\n');
  });

  const refused: readonly (readonly [what: string, path: string, entry: string, code: string])[] = [
    ['is not what its record says', 'a.yaml', 'b: 1\n', 'STORE_CORRUPT'],
    ['is not there', 'none.yaml', 'a: 1\n', 'ARTIFACT_NOT_FOUND'],
  ];
  for (const [what, path, content, code] of refused)
    test(`${name}: a file that ${what} is not taken, and nothing is committed`, async (t) => {
      const store = await open(t);
      await land(store, ID, TREE);
      const staging = await store.artifacts.stage(OTHER);
      await assert.rejects(
        async () => {
          await staging.take({ artifact: ID, entry: fileEntry(path, content) }, 'x');
          await staging.commit(recordOf(OTHER, { x: content }));
        },
        { code },
      );
      await staging.discard();
      assert.equal(await store.artifacts.record(OTHER), undefined);
      assert.deepEqual(
        await collected(store.objects.list('artifacts/sha256/'.concat(OTHER.digest.slice(7)))),
        [],
      );
    });

  test(`${name}: a taken file clashes like any other, and can be taken back`, async (t) => {
    const store = await open(t);
    await land(store, ID, TREE);
    const staging = await store.artifacts.stage(OTHER);
    const file = { artifact: ID, entry: fileEntry('a.yaml', 'a: 1\n') };
    await staging.take(file, 'x');
    await assert.rejects(async () => staging.take(file, 'x'), { code: 'ENTRY_REFUSED' });
    await assert.rejects(async () => staging.take(file, 'x/y'), { code: 'ENTRY_REFUSED' });
    await assert.rejects(async () => staging.take(file, '../y'), { code: 'PATH_REFUSED' });
    await staging.remove(['x']);
    await staging.take(file, 'z');
    assert.equal(await staging.commit(recordOf(OTHER, { z: 'a: 1\n' })), 'committed');
    assert.deepEqual((await fsck(store)).problems, []);
  });
}
