import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wakingEvent } from '../../shared/deploy/visit/current-event.ts';
import { EVENT_ORIGIN } from '../support/memory-sources.ts';
import { openDeployWorld } from './deploy-world.ts';

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
