import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BACKOFF } from '../../shared/kernel/backoff.ts';
import { waitAfter } from '../../shared/trigger/reconcile-again.ts';

test('a wait is at least what the registry asked for, within an hour, and never much longer than five minutes by itself', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempts, random) => {
        const wait = waitAfter(attempts, undefined, random);
        assert.ok(wait >= 500 && wait <= BACKOFF.reconcile.mostMs);
      },
    ),
  );
  assert.equal(waitAfter(1, 90_000, 0.5), 90_000);
  assert.equal(waitAfter(1, 1e12, 0), 3_600_000);
});
