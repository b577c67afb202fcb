import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { markedObjects } from '../../../shared/aws/s3/status-mark.ts';
import { sweepCache } from '../../../shared/aws/s3/sweep-cache.ts';
import { systemClock } from '../../../shared/clock.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { countedStore } from '../../support/aws-server/bucket-over-store.ts';
import { ID, openWorld } from '../../support/stores/memory-sources.ts';

const ids = Array.from({ length: 1_000 }, (_, at) => ({ namespace: 'web', name: `s${at}` }));

test('a sweep that may not read one status reads no others after it, and none behind its back', async () => {
  const { store } = openWorld();
  let read = 0;
  const objects = {
    ...store.objects,
    get: async (key: string) => {
      if (!key.endsWith('status.json')) return undefined;
      read += 1;
      if (read === 1) throw new LandfallError('STORE_DENIED', `get ${key}: 403`);
      await pause(1);
      return undefined;
    },
  };
  const reader = { versions: async function* () {}, getIfChanged: async () => undefined };
  await assert.rejects(sweepCache({ objects, reader, clock: systemClock }).recall(ids), {
    code: 'STORE_DENIED',
  });
  const then = read;
  assert.ok(then <= 32, `${then} reads`);
  await pause(20);
  assert.equal(read, then);
});

test('a source without a status, as one that its document suspends, is asked for once, until one is written', async () => {
  const { store } = openWorld();
  const world = openWorld({ ...store, objects: markedObjects(store.objects) });
  const { clock } = world;
  const counted = countedStore(store.objects);
  const cache = sweepCache({ ...counted, clock });
  const poll = async (isQuiet = true): Promise<readonly [gets: number, known: number]> => {
    counted.reset();
    const facts = await cache.recall([ID]);
    await cache.confirm(facts, { isQuiet });
    return [counted.requests.get, facts.size];
  };
  assert.deepEqual(await poll(), [3, 0], 'what is kept, the status, and the mark');
  await poll();
  assert.deepEqual(await poll(), [1, 0], 'the mark');
  world.push('latest', { 'a.txt': 'one' });
  await world.look();
  await poll();
  assert.equal((await poll())[1], 1);
});
