import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentFailures } from '../../shared/kernel/recent-failures.ts';
import { FAILED_ASK_MS, FAILED_ASKS } from '../../shared/limits.ts';

const error = new Error('no answer');

test('what failed is told again for a minute, by its name alone', () => {
  const failures = new RecentFailures();
  failures.add('a', error, 1000);
  assert.throws(() => failures.rethrow('a', 1000 + FAILED_ASK_MS - 1), error);
  failures.rethrow('b', 1000);
  failures.rethrow('a', 1000 + FAILED_ASK_MS);
  failures.rethrow('a', 1000);
});

test('of so many failures the oldest is forgotten', () => {
  const failures = new RecentFailures();
  for (let at = 0; at < FAILED_ASKS; at += 1) failures.add(`${at}`, error, 0);
  assert.throws(() => failures.rethrow('0', 0), error);
  failures.add('one more', error, 0);
  failures.rethrow('0', 0);
  for (const name of ['1', 'one more']) assert.throws(() => failures.rethrow(name, 0), error);
});
