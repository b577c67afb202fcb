/** Something in the store that is not as it should be. */
export interface FsckProblem {
  readonly kind:
    | 'record-invalid'
    | 'record-size'
    | 'content-digest'
    | 'file-missing'
    | 'file-unreadable'
    | 'file-size'
    | 'file-digest'
    | 'file-extra'
    | 'status-invalid'
    | 'status-names-missing';
  readonly key: string;
  readonly wanted: string;
  readonly got: string;
  readonly hint: string;
}

/** A disk that is gone has as many problems as files; the first ones say it. */
export const PROBLEMS_KEPT = 1000;

/** Counts all problems and keeps the first. */
export class ProblemList {
  readonly first: FsckProblem[] = [];
  total = 0;

  add(problems: readonly FsckProblem[]): void {
    this.total += problems.length;
    this.first.push(...problems.slice(0, PROBLEMS_KEPT - this.first.length));
  }
}
