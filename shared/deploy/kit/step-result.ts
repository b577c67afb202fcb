import type { LandfallError } from '../../errors.ts';

/** Something is under way at the target. It stands in the ledger until a look says that it has ended. */
export interface StepRunning<Progress> {
  readonly state: 'running';
  /**
   * What names it at the target (a change set, a deployment, a release), at most 16 KiB of JSON. The next look, in
   * another process as a rule, is given it.
   */
  readonly progress: Progress;
  /** For people, one line: `change set is made`, `2 of 4 tasks run the new revision`. */
  readonly message: string;
  /**
   * Milliseconds until the next look, should no event of the target come before. On AWS a delayed message of at most 15
   * minutes; what is longer is looked at every 15 minutes.
   */
  readonly lookAgainMs: number;
  /** What has to act first, where that is not the target alone: `a person, to confirm the pause of the service`. */
  readonly waitsFor?: string;
  /** A person is asked by the target: `landfall approve` or `reject` answers, and the next look is told the answer. */
  readonly asks?: true;
}

/** The target has what the revision has. */
interface StepSucceeded<Result> {
  readonly state: 'succeeded';
  /** Kept in the ledger as `applied.result`, at most 16 KiB of JSON: what a later plan, undo or remove needs to know. */
  readonly result?: Result;
  readonly message?: string;
}

/** It failed, and the target is back at what it had: by itself (a circuit breaker, a stack's rollback) or by `undo`. */
interface StepRolledBack {
  readonly state: 'rolledBack';
  /** Why it failed. Permanent as a rule (DEPLOY_FAILED): the same revision is not tried again. */
  readonly error: LandfallError;
}

/** What one step, or one look, came to. A failure is thrown: `deployFailed()` for good, `deployUnavailable()` for now. */
export type StepResult<Progress, Result> = StepRunning<Progress> | StepSucceeded<Result> | StepRolledBack;
