import { awsCode, deployFailed } from '../kit/failures.ts';
import { withReason } from '../kit/with-reason.ts';
import type { ChangeSetView } from './cloudformation.ts';
import { lookExecuted } from './look-executed.ts';
import { changeSetCause, rootCause } from './stack-events.ts';
import { checkLosses } from './stack-losses.ts';
import type { ChangeSetProgress, StackProgress } from './stack-progress.ts';
import { removeStack } from './stack-remove.ts';
import { isEmptyChangeSet, stackAdvice, stackMeaning } from './stack-status.ts';
import { stepStack } from './stack-step.ts';
import { lookUndone } from './stack-undo.ts';
import { MADE_LOOK_MS, running, SOON_MS, type StackStep, type StackVisit } from './stack-visit.ts';

/** What nobody needs any more; it counts towards a limit of the stack. That it is gone, or in use, is fine. */
async function discard({ cloudFormation }: StackVisit, { changeSet }: ChangeSetProgress): Promise<void> {
  try {
    await cloudFormation.changeSets.remove(changeSet);
  } catch (error) {
    if (awsCode(error) === undefined) throw error;
  }
}

async function failed(
  visit: StackVisit,
  made: ChangeSetView,
  progress: ChangeSetProgress,
): Promise<StackStep> {
  const { applied, settings } = visit.context;
  if (isEmptyChangeSet(made)) {
    await discard(visit, progress);
    const { stack } = progress;
    const isOurs = progress.isNew || (applied?.result?.stack === stack && applied.result.isOurs);
    return { state: 'succeeded', result: { stack, isOurs }, message: 'nothing to change' };
  }
  const cause = await changeSetCause(visit.cloudFormation.events, made);
  await discard(visit, progress);
  throw deployFailed(`stack ${settings.stack}: its change set is FAILED: ${cause}`, {
    hint: 'Mend the template or what the message names, and push another revision; nothing was changed.',
  });
}

async function execute(visit: StackVisit, progress: ChangeSetProgress): Promise<StackStep> {
  const { context, cloudFormation } = visit;
  const name = context.settings.stack;
  const executed = { ...progress, phase: 'executed' } as const;
  try {
    await cloudFormation.changeSets.execute(progress.changeSet, context.runId);
  } catch (error) {
    const code = awsCode(error);
    // It was asked for before, by a visit that was killed or a try whose answer was lost; or somebody else is faster.
    if (code !== 'TokenAlreadyExistsException' && code !== 'InvalidChangeSetStatus') throw error;
    if (code === 'InvalidChangeSetStatus')
      return running(progress, { message: `stack ${name} cannot take it yet`, lookAgainMs: SOON_MS });
  }
  return running(executed, { message: `change set of stack ${name} is executed`, lookAgainMs: SOON_MS });
}

async function lookMade(visit: StackVisit, progress: ChangeSetProgress): Promise<StackStep> {
  const { cloudFormation, context } = visit;
  let made: ChangeSetView;
  try {
    made = await cloudFormation.changeSets.describe({ name: progress.changeSet });
  } catch (error) {
    // Executed and forgotten, or taken away because another was: the stack knows.
    if (awsCode(error) === 'ChangeSetNotFound') return stepStack(visit);
    throw error;
  }
  if (made.status === 'FAILED') return failed(visit, made, progress);
  if (/^EXECUTE_/.test(made.executionStatus)) return lookExecuted(visit, { ...progress, phase: 'executed' });
  if (made.executionStatus === 'OBSOLETE') {
    await discard(visit, progress);
    return stepStack(visit);
  }
  if (made.status !== 'CREATE_COMPLETE' || made.executionStatus !== 'AVAILABLE')
    return running(progress, { message: 'change set is made', lookAgainMs: MADE_LOOK_MS });
  await checkLosses(made.changes, context.settings, () => discard(visit, progress));
  return execute(visit, progress);
}

/** One look at a stack that is deleted. */
async function lookDeleted(
  visit: StackVisit,
  progress: Extract<StackProgress, { readonly phase: 'deleting' | 'removing' }>,
): Promise<StackStep> {
  const { context, cloudFormation } = visit;
  const { stack: name } = context.settings;
  const stack = await cloudFormation.stacks.describe(progress.stack);
  if (stack === undefined || stack.status === 'DELETE_COMPLETE')
    return progress.phase === 'deleting'
      ? stepStack(visit)
      : { state: 'succeeded', message: `stack ${name} is deleted` };
  // A request that was lost, or one that somebody's update was in the way of.
  if (progress.phase === 'deleting' && stackMeaning(stack.status) === 'dead') return stepStack(visit);
  if (
    progress.phase === 'removing' &&
    stackMeaning(stack.status) !== 'busy' &&
    stack.status !== 'DELETE_FAILED'
  )
    return removeStack(context, cloudFormation);
  if (stack.status !== 'DELETE_FAILED')
    return running(progress, { message: `stack ${name} is ${stack.status}` });
  const cause = await rootCause({ runId: `${context.runId}-delete` }, cloudFormation.events, stack.id);
  throw deployFailed(withReason(`stack ${name} is DELETE_FAILED`, cause ?? stack.reason), {
    hint: stackAdvice(stack.status),
  });
}

/** One look at what is under way; pushes what has to be. @throws LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE */
export async function lookStack(visit: StackVisit, progress: StackProgress): Promise<StackStep> {
  switch (progress.phase) {
    case 'waiting':
      return stepStack(visit);
    case 'deleting':
    case 'removing':
      return lookDeleted(visit, progress);
    case 'made':
      return lookMade(visit, progress);
    case 'executed':
      return lookExecuted(visit, progress);
    case 'cancelled':
      return lookUndone(visit, progress);
  }
}
