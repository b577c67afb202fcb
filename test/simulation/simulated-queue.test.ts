import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../support/simulation/simulation-random.ts';
import { SimulatedQueue } from './world/simulated-queue.ts';

const DAY_MS = 86_400_000;

// The simulator's seed 2174: a person's request was tried after four days and nine hours.
test('a simulated queue forgets what is four days old, as SQS does', () => {
  let now = 0;
  const queue = new SimulatedQueue('triggers', { now: () => now, random: new Random(1), tries: 3 });
  queue.send('first');
  now += DAY_MS;
  queue.send('second');
  now += 3 * DAY_MS - 1;
  assert.equal(queue.size, 2);
  assert.equal(queue.nextAt(), 0);
  now += 1;
  assert.equal(queue.nextAt(), DAY_MS);
  assert.deepEqual(
    queue.receive(4, 30_000).map(({ body }) => body),
    ['second'],
  );
});
