import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newLedger } from '../../../shared/deploy/ledger/ledger.ts';
import type { LedgerRun } from '../../../shared/deploy/ledger/ledger-schema.ts';
import type { KeptRun } from '../../../shared/deploy/visit/run-history.ts';
import { standingRuns } from '../../../shared/deploy/visit/standing-runs.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { ownedName } from '../../../shared/store/directory/owner.ts';
import { ID, ManualClock } from '../../support/stores/memory-sources.ts';

const clock = new ManualClock();
const AT = '2026-11-20T23:59:00.000Z';
const claim = { by: ownedName(), since: AT, until: new Date(clock.now() + 60_000).toISOString() };
const ended = { state: 'Succeeded', ended: AT } as const;
const open = { state: 'Running', ended: null } as const;

const run = (id: string, standing: typeof ended | typeof open): KeptRun => ({
  ...{ id, generation: 1, revision: 'r', attempt: 1, since: AT, message: null, log: [] },
  ...standing,
});

// A run whose serve was killed was told as running for ever.
const CASES = [
  ['whose worker is there', { started: 1, claim }, [ended, open], ['Succeeded', 'Running']],
  ['whose worker is gone', { started: 1 }, [ended, open], ['Succeeded', 'CutOff']],
  ['that another follows', { started: 2, claim }, [open, open], ['CutOff', 'Running']],
  ['that ended as another is cut off', { started: 2 }, [ended], ['Succeeded']],
] as const;
for (const [what, ledger, standings, wanted] of CASES)
  test(`a run ${what} is ${wanted.join(', ')}`, () => {
    const runs = standings.map((standing, at) => run(String(at), standing));
    const now = { ...newLedger({ deploy: 'app', ...ID }), ...ledger };
    assert.deepEqual(
      standingRuns(runs, now, clock).map(({ state }) => state),
      wanted,
    );
  });

const begun: LedgerRun = {
  ...{ id: 'begun', generation: 2, revision: 'r', digest: digestOf(''), variant: 'default' },
  ...{ contentDigest: digestOf(''), attempt: 1, phase: 'step', progress: null, message: null },
  ...{ waitsFor: null, asks: false, answer: null, since: AT, until: AT, lookAt: null, misses: 0 },
  ...{ failure: null, token: null },
};

// `logs` told of a deploy that was under way, or cut off, without a word of it, that it had not run yet.
for (const [what, ledger, wanted] of [
  ['whose worker is there', { started: 2, claim, run: begun }, ['0 Succeeded', 'begun Running']],
  ['whose worker is gone', { started: 2, run: begun }, ['0 Succeeded', 'begun CutOff']],
  ['that is kept already', { started: 2, claim, run: { ...begun, id: '0' } }, ['0 Succeeded']],
] as const)
  test(`a run that has said nothing ${what} is ${wanted.join(', ')}`, () => {
    const now = { ...newLedger({ deploy: 'app', ...ID }), ...ledger };
    assert.deepEqual(
      standingRuns([run('0', ended)], now, clock).map(({ id, state }) => `${id} ${state}`),
      wanted,
    );
  });
