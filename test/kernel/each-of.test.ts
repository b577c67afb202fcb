import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { eachOf, mapOf } from '../../shared/kernel/each-of.ts';

const items = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

for (const limit of [1, 3, 100])
  test(`every item is worked on once, at most ${limit} at a time`, async () => {
    const seen: number[] = [];
    let running = 0;
    let most = 0;
    await eachOf(items(20), { limit }, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await turn();
      seen.push(item);
      running -= 1;
    });
    assert.deepEqual(
      seen.toSorted((a, b) => a - b),
      items(20),
    );
    assert.equal(most, Math.min(limit, 20));
  });

test('results come in the order of the items, whenever each ends', async () => {
  const doubled = await mapOf(items(10), { limit: 4 }, async (item) => {
    for (let left = 10 - item; left > 0; left -= 1) await turn();
    return item * 2;
  });
  assert.deepEqual(
    doubled,
    items(10).map((item) => item * 2),
  );
});

test('after a failure no item begins, and those under way are waited for before it is thrown', async () => {
  const begun: number[] = [];
  let ended = 0;
  const failing = eachOf(items(100), { limit: 4 }, async (item) => {
    begun.push(item);
    if (item === 2) throw new Error('two');
    await turn();
    await turn();
    ended += 1;
  });
  await assert.rejects(failing, { message: 'two' });
  assert.deepEqual(begun, [0, 1, 2, 3]);
  assert.equal(ended, 3);
});

test('of several failures the first is thrown', async () => {
  const failing = eachOf(items(2), { limit: 2 }, async (item) => {
    if (item === 0) await turn();
    throw new Error(`item ${item}`);
  });
  await assert.rejects(failing, { message: 'item 1' });
});

test('work that throws at once is a failure like any other', async () => {
  const failing = eachOf(items(2), { limit: 2 }, () => {
    throw new Error('at once');
  });
  await assert.rejects(failing, { message: 'at once' });
});

test('an aborted signal lets no item begin, and its reason is thrown', async () => {
  const controller = new AbortController();
  const begun: number[] = [];
  const stopped = eachOf(items(10), { limit: 2, signal: controller.signal }, async (item) => {
    begun.push(item);
    if (item === 1) controller.abort(new Error('enough'));
    await turn();
  });
  await assert.rejects(stopped, { message: 'enough' });
  assert.deepEqual(begun, [0, 1]);
});

test('nothing to do is done', async () => {
  await eachOf([], { limit: 3 }, () => assert.fail());
});
