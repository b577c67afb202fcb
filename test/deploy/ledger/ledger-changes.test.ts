import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ledger } from '../../../shared/deploy/ledger/ledger.ts';
import { failedBefore, isDoneBefore, isToPutBack } from '../../../shared/deploy/ledger/ledger-changes.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { appliedOf, failureOf, ledgerWith, replayOf, runAt } from './ledger-facts.ts';

type Ledgers = readonly (readonly [what: string, ledger: Partial<Ledger>, is: boolean])[];

const image = (name: string) => ({
  ...{ source: 'web/image', revision: name, tag: name, digest: digestOf(name), variant: 'default' },
});

describe('generation 2 is done before', () => {
  const cases: Ledgers = [
    ['nothing is applied', {}, false],
    ['an older one is applied', { applied: appliedOf(1) }, false],
    ['it is applied', { applied: appliedOf(2) }, true],
    ['a newer one is applied', { applied: appliedOf(3) }, true],
    ['it is applied, and is asked for again', { applied: appliedOf(2), replay: replayOf(2) }, false],
    ['a newer one is asked for again', { applied: appliedOf(3), replay: replayOf(3) }, true],
    ['it is applied with another image', { applied: { ...appliedOf(2), uses: [image('b')] } }, false],
  ];
  for (const [what, ledger, is] of cases)
    test(`${is ? 'where' : 'but not where'} ${what}`, () => {
      assert.equal(isDoneBefore(ledgerWith(ledger), { generation: 2, uses: [] }), is);
    });
});

describe('generation 2 has failed before', () => {
  const failure = failureOf(2);
  const cases: readonly (readonly [...Ledgers[number], spec?: string])[] = [
    ['nothing failed', {}, false],
    ['it failed for good', { failure }, true],
    ['a newer one did', { failure: failureOf(3) }, true],
    ['an older one did', { failure: failureOf(1) }, false],
    ['it failed for the moment', { failure: failureOf(2, { kind: 'transient' }) }, false],
    ['it is asked for again', { failure, replay: replayOf(2) }, false],
    ['it was a removal that did', { failure, run: runAt(2, 'removing') }, false],
    ['a secret could not be read', { failure: failureOf(2, { code: 'CREDENTIAL_UNREADABLE' }) }, false],
    ['it did under this document', { failure: failureOf(2, { spec: 'now' }) }, true, 'now'],
    ['it did under another document', { failure: failureOf(2, { spec: 'then' }) }, false, 'now'],
    ['it is not known under which document', { failure }, true, 'now'],
    ['the document is not known', { failure: failureOf(2, { spec: 'then' }) }, true],
  ];
  for (const [what, ledger, is, spec] of cases)
    test(`${is ? 'where' : 'but not where'} ${what}`, () => {
      assert.equal(failedBefore(ledgerWith(ledger), { generation: 2 }, spec) !== null, is);
    });
});

describe('generation 2 is to be put back', () => {
  const applied = appliedOf(2);
  const cases: Ledgers = [
    ['nothing is applied, and it has begun', { run: runAt(2, 'step') }, false],
    ['it stands', { applied }, false],
    ['its removal was begun', { applied, run: runAt(2, 'removing') }, true],
    ['the removal of an older one was begun', { applied: appliedOf(1), run: runAt(1, 'removing') }, true],
    ['it was begun again, and cut off', { applied, run: runAt(2, 'step') }, true],
    ['it is begun for the first time', { applied: appliedOf(1), run: runAt(2, 'step') }, false],
    ['another was begun', { applied, run: runAt(3, 'step') }, false],
    ['it is under way at its target', { applied, run: runAt(2, 'look') }, false],
    [
      'bringing it back failed for the moment',
      { applied, failure: failureOf(2, { kind: 'transient' }) },
      true,
    ],
    ['bringing it back failed for good', { applied, failure: failureOf(2) }, false],
    ['an older one failed for the moment', { applied, failure: failureOf(1, { kind: 'transient' }) }, false],
    ['it failed, and an older one is applied', { applied: appliedOf(1), failure: failureOf(2) }, false],
  ];
  for (const [what, ledger, is] of cases)
    test(`${is ? 'where' : 'but not where'} ${what}`, () => {
      assert.equal(isToPutBack(ledgerWith(ledger), { generation: 2 }), is);
    });
});
