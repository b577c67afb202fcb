import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKOFF, backoffMs } from '../../shared/kernel/backoff.ts';

const POLICY = { firstMs: 100, mostMs: 1_000 } as const;

for (const [jitter, random, waits] of [
  ['none', 0.7, [100, 200, 400, 800, 1_000, 1_000]],
  ['half', 0, [50, 100, 200, 400, 500, 500]],
  ['half', 1, [100, 200, 400, 800, 1_000, 1_000]],
  ['full', 0, [0, 0, 0, 0, 0, 0]],
  ['full', 0.5, [50, 100, 200, 400, 500, 500]],
] as const)
  test(`waits with jitter ${jitter} and chance ${random} double up to the most`, () => {
    const got = waits.map((_, at) => backoffMs({ ...POLICY, jitter }, at + 1, random));
    assert.deepEqual(got, waits);
  });

for (const [name, policy] of Object.entries(BACKOFF))
  test(`${name} never waits longer than its most, however often it failed`, () => {
    for (const attempt of [1, 2, 10, 100, 10_000])
      for (const random of [0, 0.5, 1]) {
        const wait = backoffMs(policy, attempt, random);
        assert.ok(wait >= 0 && wait <= policy.mostMs, `${attempt}: ${wait}`);
      }
  });
