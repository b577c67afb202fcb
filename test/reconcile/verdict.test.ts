import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reconcileTrigger, verdictOf } from '../../functions/reconcile.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { ReconcileOutcome } from '../../shared/reconcile/deps.ts';
import { QUIET_MS } from '../../shared/trigger/reconcile-again.ts';
import { ID, openWorld, sourceOf } from '../support/stores/memory-sources.ts';

const DONE = { verdict: 'done' };
const error = (code: 'FORBIDDEN' | 'RATE_LIMITED' | 'EMIT_FAILED', retryAfterMs?: number): LandfallError =>
  new LandfallError(code, 'by plan', retryAfterMs === undefined ? {} : { retryAfterMs });

const VERDICTS: readonly { readonly outcome: ReconcileOutcome; readonly verdict: object }[] = [
  { outcome: { outcome: 'unchanged', revision: null }, verdict: DONE },
  { outcome: { outcome: 'superseded', revision: null }, verdict: DONE },
  { outcome: { outcome: 'suspended' }, verdict: DONE },
  { outcome: { outcome: 'stalled', error: error('FORBIDDEN') }, verdict: DONE },
  { outcome: { outcome: 'failed', error: error('FORBIDDEN') }, verdict: DONE },
  {
    outcome: { outcome: 'failed', error: error('RATE_LIMITED', 7_000) },
    verdict: { verdict: 'retry', retryAfterMs: 7_000 },
  },
];

describe('what the queue does after a reconcile', () => {
  for (const { outcome, verdict } of VERDICTS) {
    const code = 'error' in outcome ? ` ${outcome.error.code}` : '';
    test(`that was ${outcome.outcome}${code}`, () =>
      assert.partialDeepStrictEqual(verdictOf(outcome), verdict));
  }

  test('that committed, and could not tell it: looks again soon', async () => {
    const world = openWorld();
    world.push('latest', { 'a.txt': '1' });
    const bus = { emit: () => Promise.reject(error('EMIT_FAILED')) };
    const deps = { ...world, sourceOf: () => sourceOf() };
    const message = { ...ID, trigger: 'schedule' } as const;
    const { signal } = new AbortController();
    assert.deepEqual(await reconcileTrigger(message, { ...deps, bus }, signal), { verdict: 'retry' });
    assert.deepEqual(await reconcileTrigger(message, deps, signal), DONE);
    assert.equal(world.events().length, 1);
  });

  test('that a webhook caused: looks again, as the tag may not have moved yet', async () => {
    const world = openWorld();
    world.push('latest', { 'a.txt': '1' });
    const deps = { ...world, sourceOf: () => sourceOf() };
    const { signal } = new AbortController();
    const message = { ...ID, trigger: 'webhook' } as const;
    const next = { verdict: 'again', afterMs: 200, message: { ...message, again: 1 } };
    assert.deepEqual(await reconcileTrigger(message, deps, signal), next, 'what was new may not be all');
    assert.deepEqual(await reconcileTrigger(message, deps, signal), { ...next, quietMs: QUIET_MS });
    assert.deepEqual(await reconcileTrigger({ ...message, again: 0 }, deps, signal), DONE);
    assert.deepEqual(
      await reconcileTrigger(message, { ...deps, sourceOf: () => sourceOf({ suspend: true }) }, signal),
      DONE,
    );
  });

  test('of a source that is gone from the documents: nothing', async () => {
    const world = openWorld();
    const deps = { ...world, sourceOf: () => undefined };
    const { signal } = new AbortController();
    assert.deepEqual(await reconcileTrigger({ ...ID, trigger: 'schedule' }, deps, signal), DONE);
    assert.deepEqual(world.asked(), []);
  });
});
