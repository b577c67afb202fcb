import type { Clock } from '../../clock.ts';
import { usesOf } from '../../model/used-revision.ts';
import { deployState } from '../deploy-state.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { KeptRun } from './run-history.ts';

/** A run as it stands by now. `CutOff`: its worker is gone, and nobody was left to write its end. */
export type StandingRun = Omit<KeptRun, 'state'> & { readonly state: KeptRun['state'] | 'CutOff' };

/** What is under way and has said nothing yet: its history has nothing of it, and its ledger has. */
function unsaid(runs: readonly KeptRun[], { run }: Ledger): readonly KeptRun[] {
  if (run === null || runs.some(({ id }) => id === run.id)) return [];
  const { id, generation, revision, attempt, since, message } = run;
  const begun = { id, generation, revision, attempt, since, message };
  return [{ state: 'Running', ended: null, log: [], ...begun, ...usesOf(run) }];
}

/** The runs of a ledger, oldest first; one that a newer one follows runs no more. Pure. */
export function standingRuns(kept: readonly KeptRun[], ledger: Ledger, clock: Clock): readonly StandingRun[] {
  const isCutOff = deployState(ledger, clock).state === 'CutOff';
  const runs = [...kept, ...unsaid(kept, ledger)];
  const newest = runs.at(-1);
  return runs.map((run) =>
    run.ended === null && (run !== newest || isCutOff) ? { ...run, state: 'CutOff' } : run,
  );
}
