import assert from 'node:assert/strict';
import { test } from 'node:test';
import { landedStatus } from '../../bench/support/artifacts/landed-status.ts';
import { leftSuspended } from '../../shared/notify/left-suspended.ts';
import { memoryObjectStore } from '../../shared/store/memory/memory-object-store.ts';
import { updateStatus } from '../../shared/store/status-store.ts';
import { ManualClock, sourceOf } from '../support/stores/memory-sources.ts';

const HOUR = 60 * 60 * 1000;

test('a source that was left suspended is told of after a day, and each day after, by one id a day', async () => {
  const clock = new ManualClock();
  const objects = memoryObjectStore();
  const at = new Date(clock.now()).toISOString();
  const [left, other] = [sourceOf({ name: 'left' }), sourceOf({ name: 'other' })];
  await updateStatus(objects, left, () => ({ ...landedStatus(left), suspended: { by: 'rollback', at } }), {
    clock,
  });
  await updateStatus(objects, other, () => landedStatus(other), { clock });
  const told = () => leftSuspended([left, other], { objects, clock });
  clock.advance(24 * HOUR - 1);
  assert.deepEqual(await told(), []);
  clock.advance(1);
  const [first] = await told();
  assert.equal(first?.title, 'web/left has been suspended for a day');
  clock.advance(23 * HOUR);
  assert.equal((await told())[0]?.id, first?.id);
  clock.advance(HOUR);
  const second = await told();
  assert.equal(second.length, 1);
  assert.equal(second[0]?.title, 'web/left has been suspended for 2 days');
  assert.notEqual(second[0]?.id, first?.id);
});
