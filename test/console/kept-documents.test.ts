import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Snapshots } from '../../console/facts/snapshots.ts';
import { newLedger } from '../../shared/deploy/ledger/ledger.ts';
import { ledgerKey, statusKey } from '../../shared/store/layout.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import type { Store } from '../../shared/store/store.ts';
import { failed, put, readStamps, statusOf } from './console-scene.ts';

const idOf = (at: number) => ({ namespace: 'web', name: `s${at}` });
const LIVE = { ...idOf(0), deploy: 'live' };

async function replace(store: Store, key: string, document: unknown): Promise<void> {
  const stored = await store.objects.get(key);
  await store.objects.replace(key, Buffer.from(JSON.stringify(document)), stored?.version);
}

/** A store of 50 sources and a deploy, and how many documents each look reads of it. */
async function openScene() {
  const store = openMemoryStore();
  for (let at = 0; at < 50; at++) await put(store, statusKey(idOf(at)), statusOf(`s${at}`));
  await put(store, ledgerKey('live', idOf(0)), newLedger(LIVE));
  const read: string[] = [];
  let now = 0;
  const objects = {
    ...store.objects,
    get: (...given: Parameters<typeof store.objects.get>) => {
      read.push(given[0]);
      return store.objects.get(...given);
    },
  };
  const snapshots = new Snapshots({
    store: { objects },
    stamps: readStamps(store),
    watched: async () => undefined,
    clock: { now: () => now, steady: () => now, sleep: async () => undefined },
    staleMs: 1_000,
    signal: new AbortController().signal,
  });
  const look = async () => {
    now += 10_000;
    read.length = 0;
    return { ...(await snapshots.now()), read: [...read] };
  };
  return { store, look };
}

test('only what is new in a store is read again', async () => {
  const { store, look } = await openScene();
  const first = await look();
  assert.equal(first.read.length, 51);
  const second = await look();
  assert.deepEqual(second.read, []);
  assert.equal(second.mark, first.mark);
  await replace(store, statusKey(idOf(7)), statusOf('s7', { failure: failed('gone') }));
  const third = await look();
  assert.deepEqual(third.read, [statusKey(idOf(7))]);
  assert.equal(third.snapshot.sources.get('web/s7')?.standing, 'failing');
  assert.notEqual(third.mark, first.mark);
});

test('what is gone is forgotten, and what comes is read', async () => {
  const { store, look } = await openScene();
  const { mark } = await look();
  await store.objects.delete([statusKey(idOf(3))]);
  await put(store, statusKey(idOf(99)), statusOf('s99'));
  const { snapshot, read, mark: after } = await look();
  assert.deepEqual(read, [statusKey(idOf(99))]);
  assert.equal(snapshot.sources.has('web/s3'), false);
  assert.notEqual(after, mark);
});

test('a deploy that somebody has claimed is read at each look: time alone ends a claim', async () => {
  const { store, look } = await openScene();
  const claim = { by: 'worker', until: '2099-01-01T00:00:00.000Z' };
  await replace(store, ledgerKey('live', idOf(0)), { ...newLedger(LIVE), claim });
  await look();
  assert.deepEqual((await look()).read, [ledgerKey('live', idOf(0))]);
});

test('what could not be read is tried again', async () => {
  const { store, look } = await openScene();
  await replace(store, statusKey(idOf(5)), 'torn');
  await look();
  assert.deepEqual((await look()).read, [statusKey(idOf(5))]);
});
