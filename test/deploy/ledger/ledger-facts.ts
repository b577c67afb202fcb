import { type Ledger, newLedger } from '../../../shared/deploy/ledger/ledger.ts';
import type { LedgerRun } from '../../../shared/deploy/ledger/ledger-schema.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { ID } from '../../support/stores/memory-sources.ts';

const AT = '2026-11-20T23:59:00.000Z';
const UNTIL = '2026-11-21T00:59:00.000Z';

const revisionOf = (generation: number) => ({
  ...{ generation, revision: `${generation}@${digestOf(String(generation))}`, variant: 'default' },
  ...{ digest: digestOf(String(generation)), contentDigest: digestOf(`content ${generation}`) },
});

/** What a ledger says of a generation, each as of the same moment. */
export const appliedOf = (generation: number): NonNullable<Ledger['applied']> => ({
  ...revisionOf(generation),
  at: AT,
});

export const runAt = (generation: number, phase: LedgerRun['phase']): LedgerRun => ({
  ...revisionOf(generation),
  ...{ id: `landfall-${generation}`, attempt: 1, phase, progress: null, message: null, waitsFor: null },
  ...{ asks: false, answer: null, since: AT, until: UNTIL, lookAt: null, misses: 0, failure: null },
  token: null,
});

export const failureOf = (
  generation: number,
  changes: Partial<NonNullable<Ledger['failure']>> = {},
): NonNullable<Ledger['failure']> => ({
  ...{ generation, code: 'DEPLOY_FAILED', message: 'no', hint: null, kind: 'permanent', attempts: 1 },
  ...{ at: AT, next: null, spec: null, isRolledBack: false },
  ...changes,
});

export const replayOf = (generation: number): NonNullable<Ledger['replay']> => ({
  ...{ token: 'asked', generation, over: generation, at: AT },
});

export const ledgerWith = (changes: Partial<Ledger>): Ledger => ({
  ...newLedger({ ...ID, deploy: 'app' }),
  ...changes,
});
