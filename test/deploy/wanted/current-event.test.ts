import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentEvent, wakingEvent } from '../../../shared/deploy/visit/current-event.ts';
import { EVENT_ORIGIN } from '../../support/stores/memory-sources.ts';
import { openDeployWorld } from '../deploy-world.ts';

test('a deploy is woken with the event of what is current, and with one of no file where its artifact is gone', async () => {
  const world = openDeployWorld();
  await world.land({ a: '1', b: '1' });
  const event = await world.land({ a: '2', c: '1' });
  const { current, ...status } = await world.status();
  assert.ok(current);
  const options = { ...EVENT_ORIGIN, trigger: 'schedule' } as const;
  const woken = await wakingEvent({ ...status, current }, options, world.store);
  assert.deepEqual([woken?.id, woken?.detail.changes], [event.id, event.detail.changes]);
  await world.store.artifacts.remove(current);
  const gone = await wakingEvent({ ...status, current }, options, world.store);
  assert.equal(gone?.id, event.id);
  assert.partialDeepStrictEqual(gone?.detail.changes, { added: 0, modified: 0, removed: 0 });
  assert.equal(await wakingEvent({ ...status, current: null }, options, world.store), undefined);
});

test('a deploy is told of the event at hand where that is of what is current, or nothing is: nothing is read', async () => {
  const world = openDeployWorld();
  const event = await world.land({ a: '1' });
  const status = await world.status();
  const unread = {
    artifacts: { record: async () => assert.fail('it is read'), open: async () => assert.fail() },
  };
  assert.equal(await currentEvent(event, status, unread), event);
  assert.equal(await currentEvent(event, { ...status, current: null }, unread), event);
  await world.land({ a: '2' });
  const told = await currentEvent(event, await world.status(), world.store);
  assert.partialDeepStrictEqual(told.detail, { generation: 2, changes: { modified: 1 } });
  await world.store.artifacts.remove((await world.status()).current ?? assert.fail());
  assert.equal(
    await currentEvent(event, await world.status(), world.store),
    event,
    'it cannot be made again',
  );
});
