import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownClusters } from '../../../shared/aws/known-clusters.ts';
import { LandfallError } from '../../../shared/errors.ts';
import type { FoundCluster } from '../../../shared/source/clusters/found-clusters.ts';
import { entryOf } from '../../deploy/deploy-world.ts';

const MINUTE = 60_000;
const entry = entryOf({ kind: 'kubernetes', clusters: { tags: { env: 'prod' } } });
const cluster = (name: string): FoundCluster => ({ name, region: 'eu-central-1', tags: {} });

/** Clusters that come and go as a test says, and a clock that it moves. */
function openSearch() {
  const world = { names: ['a', 'b'], now: 0, searches: 0, failure: undefined as unknown };
  const told: string[] = [];
  const known = new KnownClusters({
    find: async () => {
      world.searches += 1;
      if (world.failure !== undefined) throw world.failure;
      return world.names.map(cluster);
    },
    clock: { now: () => world.now, sleep: async () => undefined },
    log: (level, message, fields = {}) =>
      told.push(`${level} ${message} ${fields['clusters'] ?? fields['error']}`),
  });
  const look = async (afterMs = 0) => {
    world.now += afterMs;
    await known.look([entry]);
    return known.of(entry)?.map(({ name }) => name);
  };
  return { world, told, known, look };
}

test('clusters are looked up once in five minutes, however often they are asked for, and told as they come', async () => {
  const { world, told, look } = openSearch();
  assert.deepEqual(await look(), ['a', 'b']);
  assert.deepEqual(await look(2 * MINUTE), ['a', 'b']);
  assert.deepEqual(await look(4 * MINUTE), ['a', 'b']);
  assert.equal(world.searches, 2, 'the first is looked at again soon');
  world.names = ['a', 'b', 'c'];
  assert.deepEqual(await look(2 * MINUTE), ['a', 'b', 'c']);
  assert.deepEqual(told, [
    'info clusters were found for a deploy eu-central-1/a eu-central-1/b',
    'info clusters were found for a deploy eu-central-1/c',
  ]);
});

test('a cluster that is not found is gone once a second search does not find it, and that is told', async () => {
  const { world, told, known, look } = openSearch();
  await look();
  await look(2 * MINUTE);
  const before = known.stamp();
  world.names = ['a'];
  assert.deepEqual(await look(6 * MINUTE), ['a', 'b']);
  assert.equal(known.stamp(), before);
  world.names = ['a', 'b'];
  assert.deepEqual(await look(2 * MINUTE), ['a', 'b']);
  world.names = ['a'];
  assert.deepEqual(await look(6 * MINUTE), ['a', 'b']);
  assert.deepEqual(await look(2 * MINUTE), ['a']);
  assert.notEqual(known.stamp(), before);
  assert.match(
    told.at(-1) ?? '',
    /^warn clusters of a deploy have gone, or have its tags no more eu-central-1\/b$/,
  );
});

test('a search that fails leaves what was found before, is told once, and is tried again', async () => {
  const { world, told, known, look } = openSearch();
  await look();
  world.failure = new LandfallError('DEPLOY_FAILED', 'not authorized');
  for (let at = 0; at < 3; at += 1) assert.deepEqual(await look(6 * MINUTE), ['a', 'b']);
  assert.equal(known.fault(), 'not authorized');
  assert.equal(told.filter((each) => each.startsWith('error')).length, 1);
  world.failure = undefined;
  world.names = ['a', 'b', 'c'];
  assert.deepEqual(await look(2 * MINUTE), ['a', 'b', 'c']);
  assert.equal(known.fault(), undefined);
});

test('before the first search has succeeded nobody knows any: that is not the same as none', async () => {
  const { world, known, look } = openSearch();
  world.failure = new LandfallError('DEPLOY_UNAVAILABLE', 'no network');
  assert.equal(await look(), undefined);
  assert.equal(known.fault(), 'no network');
  world.failure = undefined;
  world.names = [];
  assert.deepEqual(await look(2 * MINUTE), []);
});

test('the first search is not believed as to what is gone, until another finds the same', async () => {
  const { world, known, look } = openSearch();
  world.names = ['a'];
  await look();
  const first = known.stamp();
  assert.equal(known.isUnsure(), true);
  world.names = ['a', 'b'];
  await look(2 * MINUTE);
  assert.equal(known.isUnsure(), true, 'the first was incomplete; so may be this one');
  world.failure = new LandfallError('DEPLOY_UNAVAILABLE', 'no network');
  await look(2 * MINUTE);
  assert.equal(known.isUnsure(), true);
  world.failure = undefined;
  await look(2 * MINUTE);
  assert.equal(known.isUnsure(), false);
  assert.notEqual(known.stamp(), first);
  world.names = ['a'];
  await look(6 * MINUTE);
  assert.equal(known.isUnsure(), false, 'one that is missed is kept, and holds up no other');
});

test('an entry whose tags are others is as unsure as a new one', async () => {
  const { known, look } = openSearch();
  await look();
  await look(2 * MINUTE);
  assert.equal(known.isUnsure(), false);
  await known.look([{ ...entry, clusters: { tags: { env: 'test' } } }]);
  assert.equal(known.isUnsure(), true);
});

test('an AWS that does not answer holds up no look for long, and that is the fault that is told', async () => {
  const told: unknown[] = [];
  const known = new KnownClusters({
    find: () => new Promise(() => undefined),
    clock: { now: () => 0, sleep: async () => undefined },
    log: (_level, _message, fields = {}) => told.push(fields['code']),
    lookMs: 20,
  });
  await known.look([entry]);
  assert.equal(known.of(entry), undefined);
  assert.match(known.fault() ?? '', /AWS has not answered within 0\.02 s/);
  assert.deepEqual(told, ['DEPLOY_UNAVAILABLE']);
});

test('an entry that has gone is looked up no more', async () => {
  const { world, known, look } = openSearch();
  await look();
  await known.look([]);
  assert.equal(known.of(entry), undefined);
  world.now += 10 * MINUTE;
  known.renew();
  assert.equal(world.searches, 1);
});
