import { awsCode, deployFailed, deployUnavailable } from '../kit/failures.ts';
import { withReason } from '../kit/with-reason.ts';
import type { StackView } from './cloudformation.ts';
import { logEvents, rootCause } from './stack-events.ts';
import type { ChangeSetProgress } from './stack-progress.ts';
import { isRolledBack, stackAdvice, stackMeaning } from './stack-status.ts';
import { running, SOON_MS, type StackStep, type StackVisit } from './stack-visit.ts';

/**
 * What our change set is, where the stack does not name it: `behind`, the stack does not tell of it yet; `ended`, it was
 * executed, and the stack names none at all; `gone`, another took its place.
 */
async function outcomeOf(
  { cloudFormation }: StackVisit,
  { changeSet }: ChangeSetProgress,
  stack: StackView,
): Promise<'behind' | 'ended' | 'gone'> {
  try {
    const { executionStatus } = await cloudFormation.changeSets.describe({ name: changeSet });
    if (stack.changeSetId !== undefined || stackMeaning(stack.status) === 'busy') return 'behind';
    if (!/^EXECUTE_(COMPLETE|FAILED)$/.test(executionStatus)) return 'behind';
    const isWell = stackMeaning(stack.status) === 'settled' && !isRolledBack(stack.status);
    return isWell === (executionStatus === 'EXECUTE_COMPLETE') ? 'ended' : 'behind';
  } catch (error) {
    if (awsCode(error) === 'ChangeSetNotFound') return 'gone';
    throw error;
  }
}

async function failure(visit: StackVisit, stack: StackView) {
  const { context, cloudFormation } = visit;
  const cause = await rootCause(context, cloudFormation.events, stack.id);
  const { stack: name } = context.settings;
  return deployFailed(withReason(`stack ${name} is ${stack.status}`, cause ?? stack.reason), {
    hint:
      stack.status === 'UPDATE_ROLLBACK_COMPLETE'
        ? 'Mend what the message names, and push another revision; the stack is as it was.'
        : stackAdvice(stack.status),
  });
}

async function ended(visit: StackVisit, stack: StackView, { isNew }: ChangeSetProgress): Promise<StackStep> {
  const { applied, settings } = visit.context;
  if (isRolledBack(stack.status)) return { state: 'rolledBack', error: await failure(visit, stack) };
  if (stackMeaning(stack.status) !== 'settled') throw await failure(visit, stack);
  const isOurs = isNew || (applied?.result?.stack === stack.id && applied.result.isOurs);
  return {
    state: 'succeeded',
    result: { stack: stack.id, isOurs },
    message: `stack ${settings.stack} is ${stack.status}`,
  };
}

/** One look at a stack whose change set is executed. @throws LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE */
export async function lookExecuted(visit: StackVisit, progress: ChangeSetProgress): Promise<StackStep> {
  const { context, cloudFormation } = visit;
  const name = context.settings.stack;
  const stack = await cloudFormation.stacks.describe(progress.stack);
  if (stack === undefined || stack.status === 'DELETE_COMPLETE')
    throw deployFailed(`stack ${name} is gone: somebody deleted it meanwhile`, {
      hint: 'landfall replay makes it anew.',
    });
  const seen = await logEvents(context, cloudFormation.events, progress);
  const isOurs = stack.changeSetId === progress.changeSet;
  const meaning = stackMeaning(stack.status);
  if (isOurs && meaning !== 'busy' && meaning !== 'absent') return ended(visit, stack, progress);
  if (isOurs && meaning === 'busy')
    return running({ ...progress, seen }, { message: `stack ${name} is ${stack.status}` });
  const outcome = meaning === 'absent' ? 'behind' : await outcomeOf(visit, progress, stack);
  if (outcome === 'ended') return ended(visit, stack, progress);
  if (outcome === 'behind')
    return running(
      { ...progress, seen },
      { message: `change set of stack ${name} is executed`, lookAgainMs: SOON_MS },
    );
  throw deployUnavailable(`stack ${name}: somebody else updated it right after this deploy`, {
    hint: 'It is tried again by itself; let only one of the two change this stack.',
  });
}
