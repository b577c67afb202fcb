import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { LandfallError } from '../../shared/errors.ts';
import { type ArtifactId, formatSourceId } from '../../shared/model/ids.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { backupStore } from '../../shared/store/backup/backup.ts';
import { copyStored } from '../../shared/store/backup/copy-stored.ts';
import { restoreStore } from '../../shared/store/backup/restore.ts';
import { openDirectoryStore } from '../../shared/store/directory/directory-store.ts';
import { formatDocument } from '../../shared/store/document.ts';
import { fileKey, ledgerKey, runsKey, siteKey, statusKey } from '../../shared/store/layout.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import { readStatus } from '../../shared/store/status-store.ts';
import type { Store } from '../../shared/store/store.ts';
import { ID, land, recordOf } from '../conformance/planted-artifacts.ts';
import { gateStore } from '../support/simulation/simulation-ports.ts';
import { folder } from './support/folder.ts';
import { revisionOf, revisionOfRecord, SOURCE, statusOf } from './support/sample.ts';

const TREE = { a: 'one', 'b/c': 'two' };
const LEDGER = Buffer.from('{"formatVersion":1}');

const put = (store: Store, key: string, bytes: Uint8Array) => store.objects.putIfAbsent(key, bytes);

/** A store with an artifact, a source that names it, and what deploys keep. */
async function planted(generation = 1): Promise<Store> {
  const store = openMemoryStore();
  await land(store, ID, TREE);
  const current = revisionOfRecord(recordOf(ID, TREE), generation);
  await put(store, statusKey(SOURCE), formatDocument(statusOf({ current })));
  for (const key of [ledgerKey('live', SOURCE), siteKey('live', SOURCE), runsKey('live', SOURCE)])
    await put(store, key, LEDGER);
  return store;
}
async function contentOf({ objects }: Store): Promise<Readonly<Record<string, string>>> {
  const content: Record<string, string> = {};
  for await (const key of objects.list(''))
    content[key] = Buffer.from((await objects.get(key))?.bytes ?? []).toString();
  return content;
}
const backedUp = async (from: Store, to = openMemoryStore()) => ({
  report: await backupStore({ from, to }),
  to,
});
const restored = async (from: Store, to = openMemoryStore()) => ({
  report: await restoreStore({ from, to, clock: systemClock }),
  to,
});

test('a backup has all that its statuses name and deploys keep, and a restore of it too', async () => {
  const store = await planted();
  const { report, to } = await backedUp(store);
  assert.deepEqual(report, { sources: 1, deploys: 1, artifacts: 1, problems: [] });
  assert.deepEqual(await contentOf(to), await contentOf(store));
  const { report: back, to: again } = await restored(to);
  assert.deepEqual(back, { artifacts: 1, sources: [SOURCE], kept: [], deploys: 1, problems: [] });
  assert.deepEqual(await contentOf(again), await contentOf(store));
  assert.deepEqual((await restored(to, again)).report, {
    artifacts: 0,
    sources: [],
    kept: [SOURCE],
    deploys: 0,
    problems: [],
  });
});

test('what no status names is in a backup, too', async () => {
  const store = await planted();
  const other: ArtifactId = { ...ID, digest: digestOf('two') };
  await land(store, other, TREE);
  const { report, to } = await backedUp(store);
  assert.equal(report.artifacts, 2);
  assert.ok((await to.artifacts.record(other)) !== undefined);
});

test('a damaged status is copied as it is, and told; a restore tells it and brings back the rest', async () => {
  const store = await planted();
  const damaged = { ...SOURCE, name: 'other' };
  await put(store, statusKey(damaged), Buffer.from('{'));
  const { report, to } = await backedUp(store);
  assert.deepEqual(
    [report.sources, report.problems],
    [2, [`${statusKey(damaged)}: is damaged, and was copied as it is`]],
  );
  assert.equal((await contentOf(to))[statusKey(damaged)], '{');
  const { report: back } = await restored(to);
  assert.deepEqual([back.sources, back.problems.length], [[SOURCE], 1]);
  assert.match(back.problems[0] ?? '', /^web\/other: STORE_CORRUPT: /);
});

test('a restore tells of revisions whose artifacts neither the backup nor the store has', async () => {
  const backup = openMemoryStore();
  const [before, current] = [revisionOf('before', 1), revisionOf('now', 2)];
  await put(backup, statusKey(SOURCE), formatDocument(statusOf({ current, history: [before] })));
  const { report } = await restored(backup);
  assert.deepEqual([report.artifacts, report.sources], [0, [SOURCE]]);
  assert.deepEqual(report.problems, [
    `${formatSourceId(SOURCE)}: the artifact of ${current.revision} is missing: the next reconcile lands it again, by its digest`,
    `${formatSourceId(SOURCE)}: the artifact of ${before.revision} is missing`,
  ]);
});

test('a source whose artifact is gone is tried as often as it may move on, and told', async () => {
  const store = openMemoryStore();
  const gone = revisionOf('gone', 1);
  await put(store, statusKey(SOURCE), formatDocument(statusOf({ current: gone })));
  let reads = 0;
  const objects = {
    ...store.objects,
    get: (key: string) => {
      if (key === statusKey(SOURCE)) reads += 1;
      return store.objects.get(key);
    },
  };
  const { report } = await backedUp({ ...store, objects });
  assert.deepEqual(report.problems, [`web/podinfo: ${gone.digest}: its artifact is not there`]);
  assert.equal(reads, 5);
});

test('a source that moved on while it was copied is copied as it is then', async () => {
  const store = await planted();
  const gone = statusOf({ current: revisionOf('gone', 1) });
  let isFirst = true;
  const objects = {
    ...store.objects,
    get: async (key: string) => {
      if (key !== statusKey(SOURCE) || !isFirst) return store.objects.get(key);
      isFirst = false;
      return { bytes: formatDocument(gone), version: 'x' };
    },
  };
  const { report, to } = await backedUp({ ...store, objects });
  assert.deepEqual([report.problems, report.artifacts], [[], 1]);
  assert.equal((await readStatus(to.objects, SOURCE))?.status.current?.digest, ID.digest);
});

for (const [what, content] of [
  ['other content', 'eno'],
  ['less', 'on'],
  ['more', 'ones'],
] as const)
  test(`a file that has ${what} is in no copy, and is told`, async () => {
    const store = await planted();
    const key = fileKey(ID, 'a');
    const there = await store.objects.get(key);
    await store.objects.replace(key, Buffer.from(content), there?.version);
    const { report, to } = await backedUp(store);
    assert.match(
      report.problems.join(),
      /STORE_CORRUPT: store: .*files\/a is not what its commit record says/,
    );
    assert.equal(await to.artifacts.record(ID), undefined);
    const { report: back } = await restored(store);
    assert.match(back.problems.join(), new RegExp(`^${ID.digest}: STORE_CORRUPT`));
    assert.deepEqual([back.artifacts, back.deploys], [0, 1]);
  });

test('a disk that does not take what is copied ends the copy', async () => {
  const full = new LandfallError('STORE_UNAVAILABLE', 'no space');
  const to = openMemoryStore();
  const artifacts = {
    ...to.artifacts,
    record: to.artifacts.record.bind(to.artifacts),
    stage: () => Promise.reject(full),
  };
  const target = { ...to, artifacts: artifacts as unknown as Store['artifacts'] };
  await assert.rejects(backedUp(await planted(), target), full);
  await assert.rejects(restored(await planted(), target), full);
});

test('a restore keeps what is newer and what can be read, and replaces what cannot', async () => {
  for (const [there, isKept] of [
    [3, true],
    [2, true],
    [1, false],
  ] as const) {
    const to = openMemoryStore();
    await put(to, statusKey(SOURCE), formatDocument(statusOf({ current: revisionOf('now', there) })));
    const { report } = await restored(await planted(2), to);
    assert.deepEqual([report.sources, report.kept], isKept ? [[], [SOURCE]] : [[SOURCE], []]);
    assert.equal((await readStatus(to.objects, SOURCE))?.status.generation, Math.max(2, there));
  }
  const to = openMemoryStore();
  await put(to, statusKey(SOURCE), Buffer.from('{'));
  await put(to, ledgerKey('live', SOURCE), Buffer.from('['));
  await put(to, siteKey('live', SOURCE), Buffer.from('{"formatVersion":1,"mine":true}'));
  const { report } = await restored(await planted(), to);
  assert.deepEqual([report.sources, report.deploys], [[SOURCE], 1]);
  const content = await contentOf(to);
  assert.equal(content[ledgerKey('live', SOURCE)], LEDGER.toString());
  assert.match(content[siteKey('live', SOURCE)] ?? '', /mine/);
});

test('a ledger of a backup that cannot be read is not brought back', async () => {
  const from = openMemoryStore();
  await put(from, ledgerKey('live', SOURCE), Buffer.from('{'));
  const { report, to } = await restored(from);
  assert.deepEqual([report.deploys, await contentOf(to)], [0, {}]);
});

test('a copy is there when it is said to be, and one that failed has left nothing', async (t) => {
  const from = await openDirectoryStore(folder(t), { durable: false });
  // A commit waits for its disk.
  const to = await openDirectoryStore(folder(t), { durable: true });
  const tree = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`f${at}`, `${at}`]));
  const damaged = { digest: digestOf('damaged'), variant: 'default' };
  await land(from, ID, TREE);
  await land(from, damaged, tree);
  writeFileSync(join(from.root, fileKey(damaged, 'f99')), 'other');
  const between = { from: from.artifacts, to: to.artifacts };
  await assert.rejects(copyStored(damaged, between), { code: 'STORE_CORRUPT' });
  assert.deepEqual(readdirSync(join(to.root, 'staging')), []);
  assert.equal(await copyStored(ID, between), 'copied');
  assert.deepEqual(await to.artifacts.record(ID), recordOf(ID, TREE));
});

test('what a deploy at work writes while a restore is about to stays, and the rest is brought back', async () => {
  const { to: backup } = await backedUp(await planted());
  const to = openMemoryStore();
  const newer = Buffer.from('{"formatVersion":1,"newer":true}');
  const raced = gateStore(to, async (_port, call, effect) => {
    if (call === `replace ${runsKey('live', SOURCE)}`) await put(to, runsKey('live', SOURCE), newer);
    return effect();
  });
  const { report } = await restored(backup, raced);
  assert.deepEqual([report.sources, report.deploys, report.problems], [[SOURCE], 1, []]);
  const content = await contentOf(to);
  assert.equal(content[runsKey('live', SOURCE)], newer.toString());
  assert.equal(content[ledgerKey('live', SOURCE)], LEDGER.toString());
});
