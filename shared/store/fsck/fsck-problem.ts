/** Something in the store that is not as it should be. */
export interface FsckProblem {
  readonly kind:
    | 'record-invalid'
    | 'record-unreadable'
    | 'record-size'
    | 'content-digest'
    | 'file-missing'
    | 'file-unreadable'
    | 'file-denied'
    | 'file-size'
    | 'file-digest'
    | 'file-extra'
    | 'status-invalid'
    | 'status-names-missing'
    | 'ledger-invalid'
    | 'site-invalid'
    | 'request-invalid'
    | 'event-invalid';
  readonly key: string;
  readonly wanted: string;
  readonly got: string;
  readonly hint: string;
}

/** What `--repair` sees to: artifacts go, and the next reconcile lands them again. All else is for a person. */
const REPAIRED: ReadonlySet<FsckProblem['kind']> = new Set<FsckProblem['kind']>([
  'record-invalid',
  'record-size',
  'content-digest',
  'file-missing',
  'file-unreadable',
  'file-size',
  'file-digest',
  'file-extra',
  'status-names-missing',
]);

const isRepaired = ({ kind }: FsckProblem): boolean => REPAIRED.has(kind);

/** A disk that is gone has as many problems as files; the first ones say it. */
export const PROBLEMS_KEPT = 1000;

/** Counts all problems and keeps the first. */
export class ProblemList {
  readonly first: FsckProblem[] = [];
  total = 0;
  /** Of all, those that `--repair` does nothing about. */
  forPerson = 0;

  add(problems: readonly FsckProblem[]): void {
    this.total += problems.length;
    this.forPerson += problems.filter((problem) => !isRepaired(problem)).length;
    this.first.push(...problems.slice(0, PROBLEMS_KEPT - this.first.length));
  }
}
