import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import type { ArtifactId } from '../../shared/model/ids.ts';
import { rollback } from '../../shared/reconcile/rollback.ts';
import { fsck } from '../../shared/store/fsck/fsck.ts';
import type { Store } from '../../shared/store/store.ts';
import {
  committed,
  currentFiles,
  EVENT_ORIGIN,
  ID,
  openWorld,
  type World,
} from '../support/stores/memory-sources.ts';

/** Two revisions landed, `1` and then `2`. */
async function landed(): Promise<{ world: World; older: ArtifactId; newer: ArtifactId; notes: string[] }> {
  const world = openWorld();
  world.push('latest', { 'a.txt': '1' });
  const older = committed(await world.look());
  world.push('latest', { 'a.txt': '2' });
  const newer = committed(await world.look());
  world.asked();
  return { world, older, newer, notes: [] };
}

const noting = (notes: string[]) => ({
  deps: { onNote: (_: unknown, note: string) => void notes.push(note) },
});
const isThere = async ({ store }: World, id: ArtifactId) => (await store.artifacts.record(id)) !== undefined;

test('a current revision whose artifact is gone is landed again by the next reconcile, under the same generation', async () => {
  const { world, newer } = await landed();
  await world.store.artifacts.remove(newer);
  const outcome = await world.look();
  assert.equal(outcome.outcome, 'unchanged');
  assert.deepEqual(await currentFiles(world), { 'a.txt': '2' });
  assert.equal((await world.status()).generation, 2);
  assert.equal(world.events('Artifact Revision Changed').length, 2);
});

test('a look at what is whole asks the registry no more than before', async () => {
  const { world } = await landed();
  await world.look();
  assert.equal(world.asked().length, 1);
});

test('a current artifact that is gone and cannot be had again fails its source', async () => {
  const { world, newer } = await landed();
  await world.store.artifacts.remove(newer);
  world.registry.blobs.clear();
  const outcome = await world.look();
  assert.equal(outcome.outcome, 'failed');
  const ready = (await world.status()).conditions.find(({ type }) => type === 'Ready');
  assert.equal(ready?.status, 'False');
});

test('one that was rolled back to is landed again though its source is suspended', async () => {
  const { world, older } = await landed();
  await rollback({ ...ID, to: older.digest }, { ...world, origin: EVENT_ORIGIN });
  await world.store.artifacts.remove(older);
  assert.equal((await world.look()).outcome, 'suspended');
  assert.ok(await isThere(world, older));
  assert.deepEqual(await currentFiles(world), { 'a.txt': '1' });
});

test('one that a reconcile was cut off from landing is no loss, and is not told as one', async () => {
  const { world, newer, notes } = await landed();
  await world.store.artifacts.remove(newer);
  const stop = new AbortController();
  world.registry.manifest = async () => {
    stop.abort(new LandfallError('CANCELLED', 'Landfall is stopping'));
    throw stop.signal.reason;
  };
  const outcome = await world.look({}, { ...noting(notes), signal: stop.signal });
  assert.ok(outcome.outcome === 'failed' && outcome.error.code === 'CANCELLED');
  assert.deepEqual(notes, []);
});

test('a document that suspends its source has nothing asked, whatever is gone', async () => {
  const { world, newer } = await landed();
  await world.store.artifacts.remove(newer);
  await world.look({ suspend: true });
  assert.deepEqual(world.asked(), []);
});

test('after fsck --repair a revision of the history is landed again by its digest, and can be rolled back to', async () => {
  const { world, older, notes } = await landed();
  await world.store.artifacts.remove(older);
  await fsck(world.store, { repair: true });
  await world.look({}, noting(notes));
  assert.ok(await isThere(world, older));
  assert.match(notes.join(), /was gone from the store: landed again/);
  await rollback({ ...ID, to: older.digest }, { ...world, origin: EVENT_ORIGIN });
  assert.deepEqual(await currentFiles(world), { 'a.txt': '1' });
});

test('in a bucket it is looked for after fsck --repair, and not at each reconcile', async () => {
  const { world, older } = await landed();
  const { isNear: _, ...far } = world.store;
  const store: Store = far;
  await world.store.artifacts.remove(older);
  await world.look({}, { deps: { store } });
  assert.ok(!(await isThere(world, older)));
  await fsck(world.store, { repair: true });
  await world.look({}, { deps: { store } });
  assert.ok(await isThere(world, older));
});

test('a revision of the history that the registry lost is struck out, and that is told', async () => {
  const { world, older, notes } = await landed();
  await world.store.artifacts.remove(older);
  world.registry.blobs.clear();
  assert.equal((await world.look({}, noting(notes))).outcome, 'unchanged');
  assert.match(notes.join(), /cannot be landed again, and is struck out of the history: BLOB_NOT_FOUND/);
  assert.deepEqual((await world.status()).history, []);
});

test('a registry that is only down strikes nothing out', async () => {
  const { world, older } = await landed();
  await world.store.artifacts.remove(older);
  const registry = { ...world.registry, manifest: () => Promise.reject(new Error('down')) };
  await world.look({}, { deps: { registry: Object.assign(Object.create(world.registry), registry) } });
  assert.equal((await world.status()).history.length, 1);
});

test('a run that collect overtook lands its artifact again once it has named it', async () => {
  const { world } = await landed();
  const digest = world.push('latest', { 'a.txt': '3' });
  const { objects, artifacts } = world.store;
  let isTaken = false;
  const replace: typeof objects.replace = async (key, bytes, version) => {
    // Between the landing and the naming the run was stopped for longer than the grace.
    if (key.startsWith('sources/') && !isTaken) await artifacts.remove({ digest, variant: 'default' });
    isTaken = true;
    return objects.replace(key, bytes, version);
  };
  const store = { ...world.store, objects: { ...objects, replace } };
  committed(await world.look({}, { deps: { store } }));
  assert.deepEqual(await currentFiles(world), { 'a.txt': '3' });
});
