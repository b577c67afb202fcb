import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { ArtifactRecord } from '../../shared/model/artifact-record.ts';
import { isPacked } from '../../shared/model/packed.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { artifactPrefix, fileKey, recordKey } from '../../shared/store/layout.ts';
import type { Store } from '../../shared/store/store.ts';
import { collected } from './object-store.ts';
import { ID, land, recordOf, type Tree, unpacked, writeFile, writeTree } from './planted-artifacts.ts';

const TREE: Tree = { 'a.yaml': 'a: 1\n', 'deep/er/b.yaml': 'b: 2\n', empty: '' };

const HOSTILE_PATHS = ['../x', '/x', 'a/../../x', 'a//b', 'a/./b', 'a\0b', ''];

/**
 * What every artifact store must do alike. `open` gives an empty store; with `filesComeEarly` files may be under their
 * keys before the record is, and no one who looks for artifacts sees them all the same.
 */
export function artifactStoreSuite(
  name: string,
  open: (t: TestContext) => Promise<Store>,
  { filesComeEarly = false, variant = ID.variant } = {},
): void {
  const id = { ...ID, variant };
  const isTree = !isPacked(id);

  test(`${name}: a committed artifact has its record and its files`, async (t) => {
    const store = await open(t);
    assert.equal(await land(store, id, TREE), 'committed');
    assert.deepEqual(unpacked(await store.artifacts.record(id)), recordOf(id, TREE));
    for (const [path, content] of Object.entries(TREE))
      assert.equal((await buffer(await store.artifacts.open(id, path))).toString(), content);
    assert.deepEqual(await collected(store.artifacts.list()), [id]);
  });

  if (isTree)
    test(`${name}: the objects are the artifact under its keys, and nothing else`, async (t) => {
      const store = await open(t);
      await land(store, id, TREE);
      const wanted = [recordKey(id), ...Object.keys(TREE).map((path) => fileKey(id, path))];
      assert.deepEqual(await collected(store.objects.list(artifactPrefix(id))), wanted);
      const stored = await store.objects.get(recordKey(id));
      assert.deepEqual(JSON.parse(Buffer.from(stored?.bytes ?? []).toString()), recordOf(id, TREE));
    });

  test(`${name}: nothing is visible before commit nor after discard`, async (t) => {
    const store = await open(t);
    const staging = await store.artifacts.stage(id);
    await writeTree(staging, TREE);
    assert.equal(await store.artifacts.record(id), undefined);
    if (!filesComeEarly) assert.deepEqual(await collected(store.objects.list('')), await visible(store));
    assert.deepEqual(await collected(store.artifacts.list()), []);
    await assert.rejects(store.artifacts.open(id, 'a.yaml'), { code: 'ARTIFACT_NOT_FOUND' });
    await staging.discard();
    await staging.discard();
    assert.deepEqual(await collected(store.artifacts.list()), []);
    assert.deepEqual(await collected(store.objects.list('artifacts/')), []);
  });

  test(`${name}: the second commit of an artifact finds the first`, async (t) => {
    const store = await open(t);
    assert.equal(await land(store, id, TREE), 'committed');
    assert.equal(await land(store, id, TREE), 'exists');
    assert.deepEqual(unpacked(await store.artifacts.record(id)), recordOf(id, TREE));
  });

  test(`${name}: of 20 racing commits one wins and all find it`, async (t) => {
    const store = await open(t);
    const results = await Promise.all(Array.from({ length: 20 }, () => land(store, id, TREE)));
    assert.equal(results.filter((result) => result === 'committed').length, 1);
    assert.deepEqual(unpacked(await store.artifacts.record(id)), recordOf(id, TREE));
  });

  test(`${name}: variants of one digest are artifacts of their own`, async (t) => {
    const store = await open(t);
    const other = { ...id, variant: 'linux-arm64' };
    await land(store, id, TREE);
    await land(store, other, { only: 'this' });
    assert.deepEqual(await collected(store.artifacts.list()), [id, other]);
    await store.artifacts.remove(id);
    assert.equal((await store.artifacts.record(other))?.files.length, 1);
  });

  test(`${name}: holds an artifact without files`, async (t) => {
    const store = await open(t);
    assert.equal(await land(store, id, {}), 'committed');
    assert.deepEqual(unpacked(await store.artifacts.record(id)), recordOf(id, {}));
  });

  test(`${name}: an artifact may have folders named like the store's own`, async (t) => {
    const store = await open(t);
    assert.equal(await land(store, id, { 'locks/a': '1', 'staging/x/y': '2', 'uses/b': '3' }), 'committed');
    assert.equal((await store.artifacts.record(id))?.files.length, 3);
  });

  test(`${name}: files that are taken back are not committed, nor in the way`, async (t) => {
    const store = await open(t);
    const staging = await store.artifacts.stage(id);
    await writeTree(staging, { ...TREE, 'drop/me/now': 'x' });
    await staging.remove(['drop/me/now', 'never/there']);
    await writeFile(staging, 'drop', 'a file now');
    assert.equal(await staging.commit(recordOf(id, { ...TREE, drop: 'a file now' })), 'committed');
    const keys = await collected(store.objects.list(artifactPrefix(id)));
    assert.equal(keys.length, isTree ? Object.keys(TREE).length + 2 : 2);
  });

  test(`${name}: a copied file is a file of its own`, async (t) => {
    const store = await open(t);
    const staging = await store.artifacts.stage(id);
    await writeFile(staging, 'a', 'content');
    await staging.copy('a', 'b/c');
    await assert.rejects(async () => staging.copy('a', 'b/c'), { code: 'ENTRY_REFUSED' });
    await assert.rejects(async () => staging.copy('none', 'd'), { code: 'INTERNAL' });
    await staging.commit(recordOf(id, { a: 'content', 'b/c': 'content' }));
    assert.equal((await buffer(await store.artifacts.open(id, 'b/c'))).toString(), 'content');
  });

  for (const path of HOSTILE_PATHS)
    test(`${name}: refuses to stage or open ${JSON.stringify(path)}`, async (t) => {
      const store = await open(t);
      const staging = await store.artifacts.stage(id);
      await assert.rejects(async () => staging.create(path, 1, 0o644), { code: 'PATH_REFUSED' });
      await land(store, id, TREE);
      await assert.rejects(async () => store.artifacts.open(id, path), { code: 'PATH_REFUSED' });
      await staging.discard();
    });

  for (const [first, second] of [
    ['a', 'a'],
    ['a', 'a/b'],
    ['a/b', 'a'],
    ['a/b', 'a/b/c'],
  ] as const)
    test(`${name}: refuses ${second} after ${first}`, async (t) => {
      const store = await open(t);
      const staging = await store.artifacts.stage(id);
      await writeFile(staging, first, 'x');
      await assert.rejects(async () => staging.create(second, 1, 0o644), { code: 'ENTRY_REFUSED' });
      await staging.discard();
    });

  for (const [what, size, content] of [
    ['one byte too few', 4, 'abc'],
    ['one byte too many', 2, 'abc'],
  ] as const)
    test(`${name}: refuses a file with ${what}`, async (t) => {
      const store = await open(t);
      const staging = await store.artifacts.stage(id);
      await assert.rejects(
        async () => {
          const writer = await staging.create('a', size, 0o644);
          await writer.write(Buffer.from(content));
          await writer.close();
        },
        { code: 'SIZE_MISMATCH' },
      );
      await staging.discard();
    });

  const full = recordOf(id, TREE);
  const lies: readonly (readonly [string, ArtifactRecord])[] = [
    ['a file that was not staged', recordOf(id, { ...TREE, ghost: 'x' })],
    ['fewer files than were staged', { ...full, files: full.files.slice(1) }],
    ['another size', { ...full, files: full.files.map((file) => ({ ...file, size: file.size + 1 })) }],
    ['another digest', recordOf({ ...id, digest: digestOf('two') }, TREE)],
    ['another variant', recordOf({ ...id, variant: 'other' }, TREE)],
  ];
  for (const [what, record] of lies)
    test(`${name}: refuses a record with ${what}`, async (t) => {
      const store = await open(t);
      const staging = await store.artifacts.stage(id);
      await writeTree(staging, TREE);
      await assert.rejects(staging.commit(record), { code: 'INTERNAL' });
      assert.deepEqual(await collected(store.artifacts.list()), []);
      await staging.discard();
    });

  test(`${name}: remove leaves nothing, and is no error twice`, async (t) => {
    const store = await open(t);
    await land(store, id, TREE);
    assert.equal(await store.artifacts.remove(id), 'removed');
    assert.equal(await store.artifacts.record(id), undefined);
    assert.deepEqual(await collected(store.objects.list('artifacts/')), []);
    assert.equal(await store.artifacts.remove(id), 'removed');
    assert.equal(await land(store, id, TREE), 'committed');
  });

  test(`${name}: remove keeps what was used since`, async (t) => {
    const store = await open(t);
    await land(store, id, TREE);
    const [before, after] = [Date.now() - 60_000, Date.now() + 60_000];
    assert.equal(await store.artifacts.remove(id, { unusedSince: before }), 'kept');
    assert.equal(await store.artifacts.remove(id, { unusedSince: after, dryRun: true }), 'removed');
    assert.notEqual(await store.artifacts.record(id), undefined);
    assert.equal(await store.artifacts.remove(id, { unusedSince: after }), 'removed');
    assert.equal(await store.artifacts.record(id), undefined);
  });

  test(`${name}: remove puts back what is named by the time that nobody finds it any more`, async (t) => {
    const store = await open(t);
    await land(store, id, TREE);
    const asked: boolean[] = [];
    const isNamed = async () => {
      asked.push((await store.objects.get(recordKey(id))) === undefined);
      return true;
    };
    assert.equal(await store.artifacts.remove(id, { isNamed }), 'kept');
    assert.deepEqual(asked, [true]);
    assert.deepEqual(unpacked(await store.artifacts.record(id)), recordOf(id, TREE));
    assert.equal(await store.artifacts.remove(id, { isNamed: async () => false }), 'removed');
    assert.equal(await store.artifacts.record(id), undefined);
  });

  test(`${name}: a file that is not in the artifact is not found`, async (t) => {
    const store = await open(t);
    await land(store, id, TREE);
    for (const path of ['none', 'deep', 'a.yaml/x'])
      await assert.rejects(store.artifacts.open(id, path), { code: 'ARTIFACT_NOT_FOUND' });
  });

  for (const badVariant of ['../../x', 'a/b/../..', '', '..', 'a\0'])
    test(`${name}: refuses the variant ${JSON.stringify(badVariant)}`, async (t) => {
      const store = await open(t);
      const bad = { ...ID, variant: badVariant };
      const refused = { code: 'PATH_REFUSED' };
      await assert.rejects(async () => store.artifacts.stage(bad), refused);
      await assert.rejects(async () => store.artifacts.record(bad), refused);
      await assert.rejects(async () => store.artifacts.open(bad, 'a'), refused);
      await assert.rejects(async () => store.artifacts.remove(bad), refused);
    });

  const nonsense: readonly (readonly [string, string, string])[] = [
    ['cut short', '{"formatVersion": 1,', 'STORE_CORRUPT'],
    ['empty', '', 'STORE_CORRUPT'],
    ['not an object', '[]', 'STORE_CORRUPT'],
    ['of a later version', '{"formatVersion": 3}', 'STORE_VERSION'],
    ['of another artifact', JSON.stringify(recordOf({ ...id, variant: 'x' }, {})), 'STORE_CORRUPT'],
    ['out of order', JSON.stringify({ ...full, files: [...full.files].reverse() }), 'STORE_CORRUPT'],
    [
      'with a file that has no hash',
      JSON.stringify({ ...full, files: [{ path: 'a', size: 1 }] }),
      'STORE_CORRUPT',
    ],
  ];
  for (const [what, content, code] of nonsense)
    test(`${name}: says ${code} for a record that is ${what}`, async (t) => {
      const store = await open(t);
      await store.objects.putIfAbsent(recordKey(id), Buffer.from(content));
      await assert.rejects(store.artifacts.record(id), (error: Error & { code?: string; hint?: string }) => {
        assert.equal(error.code, code);
        assert.ok(error.message.includes(recordKey(id)) && error.hint);
        return true;
      });
    });
}

/** What a store shows before anything is landed: its format marker, where it keeps one. */
const visible = async (store: Store): Promise<readonly string[]> =>
  (await store.objects.get('landfall.json')) === undefined ? [] : ['landfall.json'];
