import assert from 'node:assert/strict';
import { sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { ArtifactRecord } from '../../shared/model/artifact-record.ts';
import { contentDigestOf } from '../../shared/model/content-digest.ts';
import { isPacked } from '../../shared/model/packed.ts';
import { fsck } from '../../shared/store/fsck/fsck.ts';
import { artifactPrefix, fileKey, recordKey } from '../../shared/store/layout.ts';
import type { Store } from '../../shared/store/store.ts';
import { collected } from './object-store.ts';
import { ID, land, recordOf, unpacked, writeTree } from './planted-artifacts.ts';

/** What every artifact store must keep alike of what archives can hold. `open` gives an empty store. */
export function artifactContentSuite(
  name: string,
  open: (t: TestContext) => Promise<Store>,
  { variant = ID.variant } = {},
): void {
  const id = { ...ID, variant };

  test(`${name}: keeps what a record says beside its files: links, empty folders, what was left out`, async (t) => {
    const store = await open(t);
    const tree = { 'd/a': '1' };
    const record: ArtifactRecord = {
      ...recordOf(id, tree),
      links: [
        { path: 'in', target: 'd/a' },
        { path: 'out', target: '/etc', outside: true },
      ],
      folders: ['d/empty', 'e/mpty'],
      leftOut: 2,
    };
    const { files, links, folders } = record;
    const whole = { ...record, contentDigest: contentDigestOf(files, links, folders) };
    const staging = await store.artifacts.stage(id);
    await writeTree(staging, tree);
    assert.equal(await staging.commit(whole), 'committed');
    assert.deepEqual(unpacked(await store.artifacts.record(id)), whole);
    assert.deepEqual(await collected(store.objects.list(artifactPrefix(id))), [
      recordKey(id),
      fileKey(id, isPacked(id) ? '0.pack' : 'd/a'),
    ]);
    assert.deepEqual((await fsck(store)).problems, []);
    assert.equal(await store.artifacts.remove(id), 'removed');
    assert.deepEqual(await collected(store.artifacts.list()), []);
  });

  test(`${name}: a path that was taken back can come again with other content, and copies of it`, async (t) => {
    const store = await open(t);
    const staging = await store.artifacts.stage(id);
    await writeTree(staging, { a: 'first', b: 'first too', c: 'c', gone: 'x' });
    await staging.remove(['a', 'b', 'gone']);
    await writeTree(staging, { a: 'second', b: '' });
    await staging.copy('a', 'gone');
    await staging.copy('c', 'd');
    const tree = { a: 'second', b: '', c: 'c', d: 'c', gone: 'second' };
    assert.equal(await staging.commit(recordOf(id, tree)), 'committed');
    for (const [path, content] of Object.entries(tree))
      assert.equal((await buffer(await store.artifacts.open(id, path))).toString(), content, path);
    assert.deepEqual((await fsck(store)).problems, []);
  });

  test(`${name}: a backslash is a character of a name`, { skip: sep === '\\' }, async (t) => {
    const store = await open(t);
    const tree = { 'system-a\\x2db.slice': 'unit' };
    assert.equal(await land(store, id, tree), 'committed');
    const [path = ''] = Object.keys(tree);
    assert.equal((await buffer(await store.artifacts.open(id, path))).toString(), 'unit');
    assert.deepEqual((await fsck(store)).problems, []);
  });
}
