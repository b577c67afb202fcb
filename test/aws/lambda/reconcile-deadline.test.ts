import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconcileDeadline } from '../../../functions/lambda/work/reconcile-deadline.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { ManualClock } from '../../support/stores/memory-sources.ts';

for (const [ranMs, code] of [
  [0, 'CANCELLED'],
  [4_999, 'CANCELLED'],
  [5_000, 'REGISTRY_TIMEOUT'],
  [10_000, 'REGISTRY_TIMEOUT'],
] as const)
  test(`a reconcile cut off after ${ranMs} of 10,000 ms ends with ${code}`, () => {
    const clock = new ManualClock();
    const over = new AbortController();
    const { signal } = reconcileDeadline(
      { namespace: 'web', name: 'site' },
      { signal: over.signal, allowedMs: 10_000 },
      clock,
    );
    clock.advance(ranMs);
    over.abort(new LandfallError('CANCELLED', 'the invocation is over'));
    assert.equal((signal.reason as LandfallError).code, code);
  });

test('a reconcile that is done is not told of an end', () => {
  const over = new AbortController();
  const deadline = reconcileDeadline(
    { namespace: 'web', name: 'site' },
    { signal: over.signal, allowedMs: 10_000 },
    new ManualClock(),
  );
  deadline.clear();
  over.abort();
  assert.equal(deadline.signal.aborted, false);
});
