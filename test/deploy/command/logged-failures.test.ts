import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployFailed, deployUnavailable } from '../../../shared/deploy/kit/failures.ts';
import { LoggedFailures } from '../../../shared/deploy/logged-failures.ts';
import type { DeployOutcome } from '../../../shared/deploy/visit/deploy-request.ts';

const away: DeployOutcome = { outcome: 'failed', error: deployUnavailable('away') };
const failed: DeployOutcome = { outcome: 'failed', error: deployFailed('no') };
const busy: DeployOutcome = { outcome: 'busy', waitMs: 1 };
const done: DeployOutcome = { outcome: 'done-before' };

/** Which of a row of outcomes are told, counted from 1. */
function toldOf(outcomes: readonly DeployOutcome[]): readonly number[] {
  const logged = new LoggedFailures();
  return outcomes.flatMap((outcome, at) => (logged.isRepeated('app', outcome) ? [] : [at + 1]));
}

test('a failure that goes on is told the first, the second, the fourth and the eighth time', () => {
  assert.deepEqual(toldOf(Array.from({ length: 17 }, () => away)), [1, 2, 4, 8, 16]);
});

test('another failure is told at once, and so is one that comes again once all was well', () => {
  assert.deepEqual(toldOf([away, away, away, failed, failed, failed]), [1, 2, 4, 5]);
  assert.deepEqual(toldOf([away, away, away, done, away, away, away]), [1, 2, 4, 5, 6]);
  assert.deepEqual(
    toldOf([away, away, busy, away, away]),
    [1, 2, 3, 5],
    'that others are at it ends nothing',
  );
});

test('failures of other deploys are others', () => {
  const logged = new LoggedFailures();
  for (const key of ['app', 'web']) assert.equal(logged.isRepeated(key, away), false);
  for (const key of ['app', 'web']) assert.equal(logged.isRepeated(key, away), false);
  for (const key of ['app', 'web']) assert.equal(logged.isRepeated(key, away), true);
});
