import type { Invariant } from './seen.ts';

/** Two runs, or two visits, of one deploy never overlap. */
export const oneAtATime: Invariant = ({ acts, actsBefore }) =>
  acts.flatMap(({ deploy, what, visit, run, job }) => {
    const newest = Math.max(0, ...actsBefore.filter((act) => act.deploy === deploy).map((act) => act.visit));
    const isBeside = what === 'begin' && job !== null && job.runId !== run?.runId;
    return [
      ...(visit < newest ? [`I13: visit ${visit} of ${deploy} goes on beside ${newest}`] : []),
      ...(isBeside ? [`I13: ${deploy} begins ${run?.runId} while ${job.runId} is under way`] : []),
    ];
  });
