import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import type { ArtifactId } from '../../shared/model/ids.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { type DirectoryStore, openDirectoryStore } from '../../shared/store/directory/directory-store.ts';
import { formatDocument } from '../../shared/store/document.ts';
import { fsck } from '../../shared/store/fsck/fsck.ts';
import { checkArtifact } from '../../shared/store/fsck/fsck-artifact.ts';
import { type FsckProblem, PROBLEMS_KEPT, ProblemList } from '../../shared/store/fsck/fsck-problem.ts';
import { fileKey, recordKey, statusKey } from '../../shared/store/layout.ts';
import { requireStatus } from '../../shared/store/status-store.ts';
import { collected } from '../conformance/object-store.ts';
import { land, recordOf } from '../conformance/planted-artifacts.ts';
import { folder } from './support/folder.ts';
import { revisionOf, SOURCE, statusOf } from './support/sample.ts';

const NOW: ArtifactId = { digest: digestOf('now'), variant: 'default' };
const THEN: ArtifactId = { digest: digestOf('then'), variant: 'default' };
const TREE = { a: 'aaa', 'b/c': 'c' };

async function scene(t: TestContext): Promise<DirectoryStore> {
  const store = await openDirectoryStore(folder(t), { durable: false });
  for (const id of [NOW, THEN]) await land(store, id, TREE);
  const status = statusOf({ current: revisionOf('now', 2), history: [revisionOf('then', 1)] });
  await store.objects.putIfAbsent(statusKey(SOURCE), formatDocument(status));
  return store;
}

test('a sound store has no problems and says how much it read', async (t) => {
  const store = await scene(t);
  const progress: number[] = [];
  const report = await fsck(store, { onProgress: ({ artifacts }) => progress.push(artifacts) });
  assert.deepEqual(report, {
    ok: true,
    artifacts: 2,
    files: 4,
    bytes: 8,
    sources: 1,
    problems: [],
    problemsTotal: 0,
    forPerson: 0,
    foreign: [],
    foreignTotal: 0,
    repaired: [],
    toLand: [],
  });
  assert.deepEqual(progress, [1, 2]);
});

const record = recordOf(NOW, TREE);
const rewrite = (changed: object) => (store: DirectoryStore) =>
  writeFileSync(join(store.root, recordKey(NOW)), JSON.stringify({ ...record, ...changed }));
const write = (path: string, content: string) => (store: DirectoryStore) =>
  writeFileSync(join(store.root, fileKey(NOW, path)), content);

type Damage = readonly [kind: FsckProblem['kind'], key: string, damage: (store: DirectoryStore) => void];
const damages: readonly Damage[] = [
  ['file-missing', fileKey(NOW, 'a'), ({ root }) => rmSync(join(root, fileKey(NOW, 'a')))],
  ['file-size', fileKey(NOW, 'a'), write('a', 'aaaa')],
  ['file-digest', fileKey(NOW, 'a'), write('a', 'aab')],
  ['file-extra', fileKey(NOW, 'b/extra'), write('b/extra', 'x')],
  ['content-digest', recordKey(NOW), rewrite({ contentDigest: digestOf('other') })],
  ['record-size', recordKey(NOW), rewrite({ size: 5 })],
  ['record-invalid', recordKey(NOW), rewrite({ files: 'none' })],
];
for (const [kind, key, damage] of damages)
  test(`fsck finds ${kind}; repair removes the artifact and has it landed again`, async (t) => {
    const store = await scene(t);
    damage(store);
    const report = await fsck(store);
    assert.deepEqual(
      report.problems.map((problem) => [problem.kind, problem.key]),
      [[kind, key]],
    );
    assert.ok(report.problems.every(({ wanted, got, hint }) => wanted && got && hint));
    assert.deepEqual(await collected(store.artifacts.list()), [NOW, THEN].sort(byDigest), 'without repair');

    assert.deepEqual((await fsck(store, { repair: true })).repaired, [NOW]);
    assert.deepEqual(await collected(store.artifacts.list()), [THEN]);
    const status = await requireStatus(store.objects, SOURCE);
    assert.deepEqual([status.specDigest, status.current?.digest, status.history.length], ['', NOW.digest, 1]);

    await land(store, NOW, TREE);
    assert.equal((await fsck(store)).ok, true);
  });

test('what a damaged record says is counted neither as a file nor as bytes', async (t) => {
  const store = await scene(t);
  rewrite({ files: 'none' })(store);
  const { artifacts, files, bytes } = await fsck(store);
  assert.deepEqual([artifacts, files, bytes], [2, 2, 4]);
});

test('a look that is cancelled finds nothing wrong with what it did not read', async (t) => {
  const store = await scene(t);
  const signal = AbortSignal.abort();
  await assert.rejects(checkArtifact(store, NOW, { signal }), { code: 'CANCELLED' });
});

test('an artifact that goes between the listing and the look at it is no problem', async (t) => {
  const store = await scene(t);
  const gone = { digest: digestOf('gone'), variant: 'default' };
  const artifacts = {
    ...store.artifacts,
    list: async function* (...given: Parameters<typeof store.artifacts.list>) {
      yield gone;
      yield* store.artifacts.list(...given);
    },
  };
  const { ok, artifacts: seen } = await fsck({ ...store, artifacts });
  assert.deepEqual([ok, seen], [true, 2]);
});

const byDigest = (a: ArtifactId, b: ArtifactId): number => (a.digest < b.digest ? -1 : 1);

// Before 2026-12 repair struck it out of the history, and said that it would be landed again.
test('an artifact of the history that is gone stays named, for the next reconcile to land it again', async (t) => {
  const store = await scene(t);
  await store.artifacts.remove(THEN);
  const report = await fsck(store, { repair: true });
  assert.deepEqual(
    report.problems.map(({ kind, key }) => [kind, key]),
    [['status-names-missing', statusKey(SOURCE)]],
  );
  const { history, specDigest } = await requireStatus(store.objects, SOURCE);
  assert.deepEqual([history.length, specDigest], [1, '']);
  await land(store, THEN, TREE);
  assert.equal((await fsck(store)).ok, true);
});

for (const [code, errno] of [
  ['STORE_DENIED', 'EACCES'],
  ['STORE_UNAVAILABLE', 'EMFILE'],
] as const)
  test(`what cannot be read at this moment (${errno}) is told and never removed`, async (t) => {
    const store = await scene(t);
    const open = async () => {
      throw new LandfallError(code, `store: cannot open: ${errno}`, { detail: { errno } });
    };
    const faulty = { ...store, artifacts: { ...store.artifacts, open } };
    const report = await fsck(faulty, { repair: true });
    assert.deepEqual([...new Set(report.problems.map(({ kind }) => kind))], ['file-denied']);
    assert.deepEqual([report.repaired, report.forPerson], [[], report.problemsTotal]);
    assert.equal((await fsck(store)).ok, true);
  });

test('a disk that cannot read a file any more has the artifact landed again', async (t) => {
  const store = await scene(t);
  const open = async () => {
    throw new LandfallError('STORE_UNAVAILABLE', 'store: cannot open: EIO', { detail: { errno: 'EIO' } });
  };
  const report = await fsck({ ...store, artifacts: { ...store.artifacts, open } }, { repair: true });
  assert.equal(report.repaired.length, 2);
});

test('a status that cannot be read is reported and left to a person', async (t) => {
  const store = await scene(t);
  const key = statusKey({ namespace: 'a', name: 'b' });
  await store.objects.putIfAbsent(key, Buffer.from('nonsense'));
  const report = await fsck(store, { repair: true });
  assert.deepEqual(
    report.problems.map((problem) => [problem.kind, problem.key]),
    [['status-invalid', key]],
  );
  assert.equal(Buffer.from((await store.objects.get(key))?.bytes ?? []).toString(), 'nonsense');
});

test('all problems are counted and the first are kept', () => {
  const list = new ProblemList();
  const problem: FsckProblem = { kind: 'file-missing', key: 'k', wanted: 'w', got: 'g', hint: 'h' };
  for (let at = 0; at < PROBLEMS_KEPT + 1; at += 1) list.add([problem]);
  assert.deepEqual([list.first.length, list.total], [PROBLEMS_KEPT, PROBLEMS_KEPT + 1]);
});

test('a document that a newer Landfall has written is no damage: fsck ends, and says to upgrade', async (t) => {
  const store = await scene(t);
  await store.objects.putIfAbsent('deploys/live/web/site.json', Buffer.from('{}'));
  const newer = new LandfallError('STORE_VERSION', 'version 9', { hint: 'Upgrade Landfall.' });
  const documents = [
    {
      prefix: 'deploys/',
      kind: 'ledger-invalid',
      what: 'a ledger',
      parse: () => {
        throw newer;
      },
    },
  ] as const;
  await assert.rejects(fsck(store, { documents }), (error) => error === newer);
});

test('a commit record that a newer Landfall has written is no damage either, and is not repaired away', async (t) => {
  const store = await scene(t);
  const key = recordKey(NOW);
  const there = await store.objects.get(key);
  const newer = { ...recordOf(NOW, TREE), formatVersion: 3, other: 'shape' };
  await store.objects.replace(key, formatDocument(newer), there?.version);
  for (const repair of [false, true])
    await assert.rejects(fsck(store, { repair }), { code: 'STORE_VERSION', hint: /Upgrade Landfall/ });
  assert.match(Buffer.from((await store.objects.get(key))?.bytes ?? []).toString(), /"other": "shape"/);
});
