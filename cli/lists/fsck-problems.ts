import { formatSourceId } from '../../shared/model/ids.ts';
import type { FsckReport, NamedRevision } from '../../shared/store/fsck/fsck.ts';
import type { FsckProblem } from '../../shared/store/fsck/fsck-problem.ts';
import { artifactPrefix, recordKey, statusKey } from '../../shared/store/layout.ts';
import type { LandedAgain } from '../land-again.ts';

/** Of a problem that a repair has seen to, and that nobody has to do anything more about. */
const NOTHING_LEFT = 'Nothing: it was repaired.';

function leftOf(revision: NamedRevision, again: LandedAgain | undefined): string | undefined {
  if (again === undefined)
    return `Run \`landfall reconcile ${formatSourceId(revision)}\`, or leave it to the next one: it is landed again by its digest, if the registry still has it.`;
  if (again.late.includes(revision)) return 'Run it again, with a longer --timeout.';
  if (!again.lost.includes(revision)) return undefined;
  return revision.isCurrent
    ? `Push it again; or go back to one that is there: \`landfall history ${formatSourceId(revision)}\`.`
    : 'Nothing: it is lost, and cannot be rolled back to.';
}

/** Whether a problem is about a revision that a status names: about its artifact, or that the status has none of it. */
const isAbout = ({ key, kind, wanted }: FsckProblem, revision: NamedRevision): boolean =>
  kind === 'status-names-missing'
    ? key === statusKey(revision) && wanted.startsWith(`${recordKey(revision)},`)
    : key.startsWith(artifactPrefix(revision));

function afterRepair(
  problem: FsckProblem,
  { repaired, toLand }: Pick<FsckReport, 'repaired' | 'toLand'>,
  again: LandedAgain | undefined,
): FsckProblem {
  const isSeenTo =
    problem.kind === 'status-names-missing' ||
    repaired.some((id) => problem.key.startsWith(artifactPrefix(id)));
  if (!isSeenTo) return problem;
  const left = toLand
    .filter((revision) => isAbout(problem, revision))
    .flatMap((each) => leftOf(each, again) ?? []);
  return { ...problem, hint: left[0] ?? NOTHING_LEFT };
}

/** What was found, each with what is left to do about it after a repair and what was landed again. */
export const problemsAfterRepair = (
  report: FsckReport,
  again: LandedAgain | undefined,
): readonly FsckProblem[] => report.problems.map((problem) => afterRepair(problem, report, again));
