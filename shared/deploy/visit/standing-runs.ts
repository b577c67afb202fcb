import type { Clock } from '../../clock.ts';
import { deployState } from '../deploy-state.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { KeptRun } from './run-history.ts';

/** A run as it stands by now. `CutOff`: its worker is gone, and nobody was left to write its end. */
export type StandingRun = Omit<KeptRun, 'state'> & { readonly state: KeptRun['state'] | 'CutOff' };

/** The runs of a ledger, oldest first; one that a newer one follows runs no more. Pure. */
export function standingRuns(runs: readonly KeptRun[], ledger: Ledger, clock: Clock): readonly StandingRun[] {
  const isCutOff = deployState(ledger, clock).state === 'CutOff';
  const newest = runs.at(-1);
  return runs.map((run) =>
    run.ended === null && (run !== newest || isCutOff) ? { ...run, state: 'CutOff' } : run,
  );
}
