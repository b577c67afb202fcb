/** What can be done with a stack. */
export type StackMeaning =
  /** There is none, or only a name with a change set: it is to be created. */
  | 'absent'
  /** It can be updated. */
  | 'settled'
  /** Something is under way. */
  | 'busy'
  /** Its creation failed: it can only be deleted. */
  | 'dead'
  /** A person has to act. */
  | 'stuck';

const MEANINGS: Readonly<Record<string, StackMeaning>> = {
  DELETE_COMPLETE: 'absent',
  REVIEW_IN_PROGRESS: 'absent',
  CREATE_COMPLETE: 'settled',
  UPDATE_COMPLETE: 'settled',
  IMPORT_COMPLETE: 'settled',
  UPDATE_ROLLBACK_COMPLETE: 'settled',
  IMPORT_ROLLBACK_COMPLETE: 'settled',
  ROLLBACK_COMPLETE: 'dead',
  ROLLBACK_FAILED: 'dead',
  CREATE_FAILED: 'stuck',
  UPDATE_FAILED: 'stuck',
  UPDATE_ROLLBACK_FAILED: 'stuck',
  IMPORT_ROLLBACK_FAILED: 'stuck',
  DELETE_FAILED: 'stuck',
};

/** A status of tomorrow is nothing to act on. */
export function stackMeaning(status: string): StackMeaning {
  if (Object.hasOwn(MEANINGS, status)) return MEANINGS[status] ?? 'stuck';
  return status.endsWith('_IN_PROGRESS') ? 'busy' : 'stuck';
}

/** It failed, and is what it was before: or nothing, where it was to be created. */
export const isRolledBack = (status: string): boolean => /ROLLBACK_COMPLETE$/.test(status);

const ADVICE: Readonly<Record<string, string>> = {
  ROLLBACK_COMPLETE:
    'Delete the stack: its creation failed, and CloudFormation cannot update it. With recreate: true the deploy does that itself.',
  ROLLBACK_FAILED:
    'Delete the stack, and by hand what its deletion leaves: its creation failed, and the way back did as well.',
  UPDATE_ROLLBACK_FAILED:
    'Mend what the message names, then run: aws cloudformation continue-update-rollback (with --resources-to-skip for what is beyond help); then landfall replay.',
  CREATE_FAILED:
    'Somebody turned rollback off. Run: aws cloudformation rollback-stack; then landfall replay.',
  UPDATE_FAILED:
    'Somebody turned rollback off. Run: aws cloudformation rollback-stack; then landfall replay.',
  DELETE_FAILED: 'Mend what the message names, and delete the stack again; then landfall replay.',
};

/** What a person does about a stack that is in the way. */
export const stackAdvice = (status: string): string =>
  ADVICE[status] ?? 'Look at the stack in CloudFormation, bring it to a settled state, then landfall replay.';

/** As CloudFormation says it, with and without macros. @see https://github.com/aws/aws-cdk/issues/10650 */
const EMPTY = /^(The submitted information didn't contain changes\.|No updates are to be performed\.)/;

/** A change set that failed only because there is nothing to change. */
export const isEmptyChangeSet = ({
  status,
  reason,
}: {
  readonly status: string;
  readonly reason: string;
}): boolean => status === 'FAILED' && EMPTY.test(reason);
