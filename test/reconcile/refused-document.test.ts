import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Trigger } from '../../shared/model/detail-type.ts';
import { recordRefusedDocument } from '../../shared/reconcile/record-refused-document.ts';
import { requestReconcile } from '../../shared/reconcile/suspend.ts';
import { readStatus } from '../../shared/store/status-store.ts';
import { committed, ID, openWorld, type World } from '../support/stores/memory-sources.ts';

const refuse = async (
  world: World,
  { message = 'a.yaml:1:1: nonsense', url = 'oci://r.example/site', trigger = 'schedule' as Trigger } = {},
): Promise<string> => (await recordRefusedDocument({ ...ID, url, message, trigger }, world)).outcome;
const told = (world: World): number => world.events('Source Reconcile Failed').length;
const versionOf = async ({ store }: World): Promise<string | undefined> =>
  (await readStatus(store.objects, ID))?.version;

async function landed(): Promise<World> {
  const world = openWorld();
  world.push('latest', { 'a.txt': 'one' });
  committed(await world.look());
  return world;
}

test('a source whose document turned bad keeps what it landed, and is told of once', async () => {
  const world = await landed();
  assert.equal(await refuse(world), 'failed');
  const { current, failure, outbox } = await world.status();
  assert.deepEqual([current?.tag, failure?.code, failure?.kind], ['latest', 'CONFIG_INVALID', 'permanent']);
  assert.deepEqual([outbox.length, told(world)], [0, 1]);
  const before = await versionOf(world);
  world.clock.advance(60_000);
  assert.equal(await refuse(world), 'stalled');
  assert.deepEqual([await versionOf(world), told(world)], [before, 1]);
});

test('what is wrong with it in another way is news', async () => {
  const world = await landed();
  await refuse(world);
  assert.equal(await refuse(world, { message: 'a.yaml:2:1: other' }), 'failed');
  assert.equal((await world.status()).failure?.message, 'a.yaml:2:1: other');
});

test('whoever asks meanwhile is answered, whether or not it is news', async () => {
  const world = await landed();
  const deps = { objects: world.store.objects, clock: world.clock };
  for (const token of ['first', 'second']) {
    await requestReconcile(ID, token, deps);
    await refuse(world);
    assert.notEqual((await world.status()).request?.handled, token, 'not by a look for another reason');
    await refuse(world, { trigger: 'request' });
    assert.equal((await world.status()).request?.handled, token);
  }
  assert.equal(told(world), 1);
});

test('a sound document clears it', async () => {
  const world = await landed();
  await refuse(world);
  assert.equal((await world.look()).outcome, 'unchanged');
  assert.equal((await world.status()).failure, null);
});

for (const [url, isKept] of [
  ['oci://r.example/site', true],
  ['landfall://web/site', true],
  ['nonsense', false],
] as const)
  test(`one that never was, of url ${url}, has ${isKept ? 'a status' : 'nothing that a status could be about'}`, async () => {
    const world = openWorld();
    assert.equal(await refuse(world, { url }), isKept ? 'failed' : 'stalled');
    assert.equal((await versionOf(world)) !== undefined, isKept);
    assert.equal(told(world), isKept ? 1 : 0);
  });
