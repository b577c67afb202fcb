import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ledger } from '../../../shared/deploy/ledger/ledger.ts';
import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';
import type { Mutant } from '../../support/deploy-simulation.ts';
import { runDeploySeed } from '../../support/run-deploy-simulation.ts';

/** More with LANDFALL_DEPLOY_SEEDS=10000; one again with LANDFALL_DEPLOY_SEED=17. */
const SEEDS = Number(process.env['LANDFALL_DEPLOY_SEEDS'] ?? 30);
const ONLY = process.env['LANDFALL_DEPLOY_SEED'];

const run = (seed: number, mutant?: Mutant): Promise<void> =>
  runDeploySeed(seed, mutant).catch((cause: unknown) => {
    throw new Error(`LANDFALL_DEPLOY_SEED=${seed}: ${String(cause)}`, { cause });
  });

describe('several workers at deploys that wait, fail, drift, go and come back, with faults and kills anywhere', () => {
  test(`hold every invariant, ${ONLY === undefined ? `${SEEDS} seeds` : `seed ${ONLY}`}`, async () => {
    const [first, count] = ONLY === undefined ? [0, SEEDS] : [Number(ONLY), 1];
    for (let seed = first; seed < first + count; seed += 1) await run(seed);
  });
});

/** Bugs, and the invariant whose check they turn red within so many seeds. */
const WITHIN = 40;
const MUTANTS: readonly (readonly [what: string, invariant: RegExp, mutant: Mutant])[] = [
  ['that see no claim', /I13/, { read: (ledger) => ({ ...ledger, claim: null }) }],
  ['that ask nobody', /I14: app runs, and waits for an approval/, { entry: without('approval') }],
  ['that know no window', /I14: app runs, and waits for a window/, { entry: without('windows') }],
  ['that wait for no other', /I14: next runs, and waits for data/, { entry: without('dependsOn') }],
  ['that leave nothing out', /I14: \w+ runs, and waits for something newer/, { read: unskipped }],
  ['that prune what is wanted', /I15/, { prunesWanted: true }],
  ['that compare nothing', /I16: drift/, { entry: without('intervalMs') }],
  ['that never begin', /I16: \["next"/, { entry: stopped }],
];

function without(key: 'approval' | 'windows' | 'dependsOn' | 'intervalMs'): NonNullable<Mutant['entry']> {
  return ({ [key]: _, ...rest }) => rest;
}

function unskipped(ledger: Ledger): Ledger {
  return { ...ledger, skipped: [] };
}

function stopped(entry: DeployEntry): DeployEntry {
  return { ...entry, suspend: entry.name === 'next' };
}

describe('the same checks turn red for workers', () => {
  for (const [what, invariant, mutant] of MUTANTS)
    test(what, async () => {
      const found: string[] = [];
      for (let seed = 0; seed < WITHIN; seed += 1) {
        const failure = await run(seed, mutant).catch(String);
        if (typeof failure === 'string') found.push(failure);
        if (typeof failure === 'string' && invariant.test(failure)) return;
      }
      assert.fail(`${invariant} did not turn red in ${WITHIN} seeds, but: ${found.slice(0, 3).join('\n')}`);
    });
});
