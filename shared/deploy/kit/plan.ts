/** One thing that a deploy would do to its target. */
export interface PlannedChange {
  /** `replace` destroys and makes anew; `run` is for what has no state that could be compared (a command, a POST). */
  readonly action: 'create' | 'update' | 'replace' | 'delete' | 'run';
  /** As a person knows it: `AWS::S3::Bucket Assets`, `index.html`, `alias live of function web`. */
  readonly what: string;
  /** What differs, or what asked for it: `version 7 → the code of 1.4.0`. No secret, at most 512 characters. */
  readonly why?: string;
}

/** What would be done. No changes: the target is as the revision has it. */
export interface DeployPlan {
  readonly changes: readonly PlannedChange[];
  /** One line: `2 to create, 1 to update`. */
  readonly summary: string;
}
