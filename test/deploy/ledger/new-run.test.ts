import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ledger } from '../../../shared/deploy/ledger/ledger.ts';
import { newRunOf, takenUp, withBirth } from '../../../shared/deploy/new-run.ts';
import type { WantedRevision } from '../../../shared/deploy/used-sources.ts';
import { sampleEvent } from '../../event/samples.ts';
import { ManualClock } from '../../support/stores/memory-sources.ts';
import { entryOf } from '../deploy-world.ts';
import { appliedOf, failureOf, ledgerWith, replayOf, runAt } from './ledger-facts.ts';

const clock = new ManualClock();

function runOf(ledger: Partial<Ledger>, { generation = 2, isPutBack = false } = {}) {
  const current = { ...appliedOf(generation), uses: [] } as unknown as WantedRevision;
  const request = { deploy: entryOf(), deployer: {} as never, event: sampleEvent(1, 'site') };
  return newRunOf(request, { current, ledger: ledgerWith(ledger), isPutBack }, { clock });
}

describe('the run of a generation', () => {
  const first = runOf({});

  test('has the same name whoever begins it, and whatever was applied before', () => {
    for (const ledger of [
      {},
      { applied: appliedOf(1) },
      { run: runAt(2, 'step') },
      { run: runAt(1, 'step') },
    ])
      assert.equal(runOf(ledger).id, first.id);
    assert.notEqual(runOf({}, { generation: 3 }).id, first.id);
  });

  const others: readonly (readonly [string, ReturnType<typeof runOf>])[] = [
    ['it is asked for again', runOf({ applied: appliedOf(2), replay: replayOf(2) })],
    ['it is put back', runOf({ applied: appliedOf(1) }, { isPutBack: true })],
    ['it is applied already', runOf({ applied: appliedOf(2) })],
    ['it has failed', runOf({ failure: failureOf(2) })],
  ];
  for (const [what, run] of others)
    test(`has another name where ${what}`, () => {
      assert.notEqual(run.id, first.id);
    });

  test('goes on under the name that it was begun with, where it was cut off', () => {
    const begun = { ...runAt(2, 'step'), token: 'asked' };
    const again = runOf({ applied: appliedOf(2), run: begun });
    assert.equal(again.id, runOf({ applied: appliedOf(2), replay: replayOf(2) }).id);
    const looked = runOf({ applied: appliedOf(2), run: { ...begun, phase: 'look' } });
    assert.equal(looked.id, runOf({ applied: appliedOf(2) }).id);
    const older = runOf({ applied: appliedOf(2), run: { ...begun, generation: 1 } });
    assert.equal(older.id, runOf({ applied: appliedOf(2) }).id);
  });

  test('is the next try of what failed of it, and the first of all else', () => {
    assert.equal(first.attempt, 1);
    assert.equal(runOf({ failure: failureOf(2, { attempts: 3 }) }).attempt, 4);
    assert.equal(runOf({ failure: failureOf(1, { attempts: 3 }) }).attempt, 1);
  });

  test('has been under way since it was begun, where it was cut off as it began', () => {
    const now = { ...runAt(2, 'step'), since: '2026-11-21T00:00:00.000Z' };
    const { since } = runAt(2, 'step');
    assert.equal(takenUp(now, runAt(2, 'step')).since, since);
    for (const before of [null, runAt(1, 'step'), runAt(2, 'look')])
      assert.equal(takenUp(now, before).since, now.since);
  });
});

describe('a ledger says since when its runs are of this deploy', () => {
  const now = new Date(clock.now()).toISOString();
  const cases: readonly (readonly [string, Partial<Ledger>, boolean])[] = [
    ['nothing ever ran', {}, true],
    ['something is applied', { applied: appliedOf(1) }, false],
    ['something was started', { started: 1 }, false],
    ['something failed', { failure: failureOf(1) }, false],
    ['something is under way', { run: runAt(1, 'look') }, false],
    ['a removal was begun', { applied: appliedOf(1), run: runAt(1, 'removing') }, true],
  ];
  for (const [what, ledger, isBorn] of cases)
    test(`anew where ${what}: ${isBorn}`, () => {
      assert.equal(withBirth(ledgerWith(ledger), clock).born, isBorn ? now : null);
    });
});
