import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import { revisionChangedEvent } from '../../shared/event/revision-changed.ts';
import type { ArtifactId } from '../../shared/model/ids.ts';
import type { Status } from '../../shared/model/status.ts';
import { type Digest, digestOf } from '../../shared/oci/digest.ts';
import { openDirectoryStore } from '../../shared/store/directory/directory-store.ts';
import { formatDocument } from '../../shared/store/document.ts';
import { HELD_KEY, ledgerKey, recordKey, statusKey } from '../../shared/store/layout.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import { COLLECT_GRACE_MS, type CollectOptions, collect } from '../../shared/store/retention/collect.ts';
import type { Store } from '../../shared/store/store.ts';
import { collected } from '../conformance/object-store.ts';
import { land, recordOf } from '../conformance/planted-artifacts.ts';
import { sampleChange, sampleRevision } from '../event/samples.ts';
import { folder } from './support/folder.ts';
import { revisionOf, SOURCE, statusOf } from './support/sample.ts';

interface Scene {
  readonly store: Store;
  readonly clock: Clock & { time: number };
}

const idOf = (seed: string, variant = 'default'): ArtifactId => ({ digest: digestOf(seed), variant });
const NAMES = ['current', 'earlier', 'announced', 'deployed', 'unused'] as const;

const event = (digest: Digest): Status['outbox'][number] =>
  revisionChangedEvent(sampleChange(1, { revision: sampleRevision(1, { digest }) }));

/** Five artifacts, four of them named: by status, its history, its outbox and a ledger. */
async function scene(open: (clock: Clock) => Promise<Store>): Promise<Scene> {
  const clock = {
    time: Date.now() - 10 * COLLECT_GRACE_MS,
    now: () => clock.time,
    sleep: async () => undefined,
  };
  const store = await open(clock);
  for (const name of NAMES) await land(store, idOf(name), { name });
  const status = statusOf({
    current: revisionOf('current', 2),
    history: [revisionOf('earlier', 1)],
    outbox: [event(digestOf('announced'))],
  });
  await store.objects.putIfAbsent(statusKey(SOURCE), formatDocument(status));
  const ledger = JSON.stringify({ applied: { digest: digestOf('deployed') } });
  await store.objects.putIfAbsent(ledgerKey('site', SOURCE), Buffer.from(ledger));
  return { store, clock };
}

const run = ({ store, clock }: Scene, options: CollectOptions = {}) => collect(store, options, { clock });
const left = async ({ store }: Scene): Promise<readonly string[]> => {
  const there = (await collected(store.artifacts.list())).map(({ digest }) => digest);
  return NAMES.filter((name) => there.includes(digestOf(name)));
};
const NAMED = NAMES.filter((name) => name !== 'unused');

const KINDS = [
  ['memory', async (_t: TestContext, clock: Clock): Promise<Store> => openMemoryStore(clock)],
  [
    'directory',
    (t: TestContext, clock: Clock): Promise<Store> =>
      openDirectoryStore(folder(t), { durable: false, clock }),
  ],
] as const;

for (const [kind, open] of KINDS) {
  const set = (t: TestContext): Promise<Scene> => scene((clock) => open(t, clock));

  test(`${kind}: collect removes what nothing names, once the grace is over`, async (t) => {
    const it = await set(t);
    it.clock.time += COLLECT_GRACE_MS - 1;
    assert.deepEqual((await run(it)).removed, []);
    it.clock.time += 1;
    const report = await run(it);
    assert.deepEqual(report.removed, [idOf('unused')]);
    assert.deepEqual([report.kept, report.bytes], [4, 'unused'.length]);
    assert.deepEqual(await left(it), NAMED);
    assert.deepEqual(
      await it.store.artifacts.record(idOf('current')),
      recordOf(idOf('current'), { name: 'current' }),
    );
  });

  test(`${kind}: a dry run says the same and removes nothing`, async (t) => {
    const it = await set(t);
    it.clock.time += COLLECT_GRACE_MS;
    const dry = await run(it, { dryRun: true });
    assert.deepEqual(await left(it), NAMES);
    assert.deepEqual(await run(it), { ...dry, dryRun: false });
  });

  test(`${kind}: reading a record holds off collect for another grace`, async (t) => {
    const it = await set(t);
    it.clock.time += COLLECT_GRACE_MS;
    await it.store.artifacts.record(idOf('unused'));
    assert.deepEqual((await run(it)).removed, []);
    it.clock.time += COLLECT_GRACE_MS;
    assert.deepEqual((await run(it)).removed, [idOf('unused')]);
  });

  test(`${kind}: landing what is already there holds off collect too`, async (t) => {
    const it = await set(t);
    it.clock.time += COLLECT_GRACE_MS;
    assert.equal(await land(it.store, idOf('unused'), { name: 'unused' }), 'exists');
    assert.deepEqual((await run(it)).removed, []);
  });

  test(`${kind}: another variant of a current digest is not named by it`, async (t) => {
    const it = await set(t);
    await land(it.store, idOf('current', 'other'), {});
    await land(it.store, idOf('deployed', 'other'), {});
    it.clock.time += COLLECT_GRACE_MS;
    const { removed } = await run(it);
    assert.ok(removed.some(({ variant }) => variant === 'other'));
    assert.equal(removed.length, 2);
    assert.notEqual(await it.store.artifacts.record(idOf('deployed', 'other')), undefined);
  });

  // Before 2026-12 one damaged status stopped every collect for good.
  for (const [what, key] of [
    ['status', statusKey({ namespace: 'web', name: 'z' })],
    ['ledger', ledgerKey('z', SOURCE)],
  ] as const)
    test(`${kind}: while a ${what} is damaged, what was there when it broke stays and the rest is collected`, async (t) => {
      const it = await set(t);
      it.clock.time += COLLECT_GRACE_MS;
      await it.store.objects.putIfAbsent(key, Buffer.from('{'));
      const report = await run(it, { forget: ({ name }) => name === 'z' });
      assert.deepEqual([report.removed, report.forgotten], [[], []]);
      assert.deepEqual(
        report.unreadable.map((each) => [each.key, each.code]),
        [[key, 'STORE_CORRUPT']],
      );
      await land(it.store, idOf('later'), { later: 'x' });
      it.clock.time += 2 * COLLECT_GRACE_MS;
      assert.deepEqual((await run(it)).removed, [idOf('later')], 'it cannot be named by what broke before');
      assert.deepEqual(await left(it), NAMES);
      await it.store.objects.delete([key]);
      assert.deepEqual((await run(it)).removed, [idOf('unused')]);
      assert.equal(await it.store.objects.get(HELD_KEY), undefined);
    });

  test(`${kind}: a dry run beside a damaged status says the same and writes no list`, async (t) => {
    const it = await set(t);
    it.clock.time += COLLECT_GRACE_MS;
    await it.store.objects.putIfAbsent(statusKey({ namespace: 'web', name: 'z' }), Buffer.from('{'));
    assert.deepEqual((await run(it, { dryRun: true })).removed, []);
    assert.equal(await it.store.objects.get(HELD_KEY), undefined);
  });

  test(`${kind}: collect deletes nothing where a status is of a later version`, async (t) => {
    const it = await set(t);
    it.clock.time += COLLECT_GRACE_MS;
    const later = Buffer.from('{"formatVersion": 2}');
    await it.store.objects.putIfAbsent(statusKey({ namespace: 'web', name: 'z' }), later);
    await assert.rejects(run(it, { forget: () => true }), { code: 'STORE_VERSION' });
    assert.deepEqual(await left(it), NAMES);
  });

  test(`${kind}: an artifact that is named while collect takes it away is put back`, async (t) => {
    const it = await set(t);
    it.clock.time += COLLECT_GRACE_MS;
    const { artifacts } = it.store;
    const named: ArtifactId[] = [];
    const remove: typeof artifacts.remove = async (id, options) => {
      // A run that read the record before the grace goes on now, and names it.
      const stored = await it.store.objects.get(statusKey(SOURCE));
      const status = statusOf({ current: revisionOf('unused', 3), history: [revisionOf('current', 2)] });
      await it.store.objects.replace(statusKey(SOURCE), formatDocument(status), stored?.version);
      named.push(id);
      return artifacts.remove(id, options);
    };
    const store = { ...it.store, artifacts: { ...artifacts, remove } };
    const { removed, kept } = await collect(store, {}, { clock: it.clock });
    assert.deepEqual([named, removed, kept], [[idOf('unused')], [], NAMES.length]);
    assert.deepEqual(await artifacts.record(idOf('unused')), recordOf(idOf('unused'), { name: 'unused' }));
  });

  test(`${kind}: a forgotten source goes with its artifacts, but not before its events`, async (t) => {
    const it = await set(t);
    it.clock.time += COLLECT_GRACE_MS;
    assert.deepEqual((await run(it, { forget: () => true })).forgotten, []);
    const stored = await it.store.objects.get(statusKey(SOURCE));
    const sent = statusOf({ current: revisionOf('current', 2) });
    await it.store.objects.replace(statusKey(SOURCE), formatDocument(sent), stored?.version);
    assert.deepEqual((await run(it, { forget: ({ name }) => name === 'other' })).forgotten, []);
    const report = await run(it, { forget: ({ name }) => name === SOURCE.name });
    assert.deepEqual(report.forgotten, [SOURCE]);
    assert.deepEqual(await left(it), ['deployed']);
  });

  test(`${kind}: an artifact whose record is nonsense is collected like any other`, async (t) => {
    const it = await set(t);
    const id = idOf('unused');
    const stored = await it.store.objects.get(recordKey(id));
    await it.store.objects.replace(recordKey(id), Buffer.from('nonsense'), stored?.version);
    it.clock.time = Date.now() + 2 * COLLECT_GRACE_MS;
    assert.deepEqual((await run(it)).removed, [id]);
  });
}

test('a status that is forgotten is gone before what it named is looked for, however slow the store is', async () => {
  const world = await scene(async (clock) => openMemoryStore(clock));
  const { objects } = world.store;
  await objects.delete([ledgerKey('site', SOURCE), statusKey(SOURCE)]);
  const status = statusOf({ current: revisionOf('current', 1) });
  await objects.putIfAbsent(statusKey(SOURCE), formatDocument(status));
  const late: typeof objects.delete = async (...given) => {
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    return objects.delete(...given);
  };
  const store = { ...world.store, objects: { ...objects, delete: late } };
  world.clock.time += 2 * COLLECT_GRACE_MS;
  await run({ ...world, store }, { forget: () => true });
  assert.deepEqual(await left(world), []);
});
