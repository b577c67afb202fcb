import { awsCode, deployFailed } from '../kit/failures.ts';
import { withReason } from '../kit/with-reason.ts';
import type { StackView } from './cloudformation.ts';
import { logEvents } from './stack-events.ts';
import type { ChangeSetProgress, StackProgress } from './stack-progress.ts';
import { stackAdvice, stackMeaning } from './stack-status.ts';
import { running, SOON_MS, type StackStep, type StackVisit } from './stack-visit.ts';

/** The stack is not what a revision made of it any more. */
const asItWas = (name: string): StackStep => ({
  state: 'succeeded',
  message: `stack ${name} is as it was`,
});

function judged(visit: StackVisit, stack: StackView, progress: ChangeSetProgress): StackStep {
  const name = visit.context.settings.stack;
  const meaning = stackMeaning(stack.status);
  if (meaning === 'busy') return running(progress, { message: `stack ${name} is ${stack.status}` });
  if (meaning === 'settled' || meaning === 'absent') return asItWas(name);
  throw deployFailed(withReason(`stack ${name} is ${stack.status}`, stack.reason), {
    hint: stackAdvice(stack.status),
  });
}

/** One look at an update that is turned back. */
export async function lookUndone(visit: StackVisit, progress: ChangeSetProgress): Promise<StackStep> {
  const { context, cloudFormation } = visit;
  const stack = await cloudFormation.stacks.describe(progress.stack);
  if (stack === undefined) return asItWas(context.settings.stack);
  const seen = await logEvents(context, cloudFormation.events, progress);
  return judged(visit, stack, { ...progress, seen });
}

/**
 * CloudFormation goes back by itself when a resource fails. What is left is an update that took too long, which is turned
 * back, and a change set that nobody will execute.
 */
export async function undoStack(visit: StackVisit, progress: StackProgress | null): Promise<StackStep> {
  const { context, cloudFormation } = visit;
  const name = context.settings.stack;
  if (progress === null || !('changeSet' in progress)) return asItWas(name);
  const stack = await cloudFormation.stacks.describe(progress.stack);
  if (stack === undefined) return asItWas(name);
  if (stack.changeSetId !== progress.changeSet) {
    await cloudFormation.changeSets.remove(progress.changeSet).catch((error: unknown) => {
      if (awsCode(error) === undefined) throw error;
    });
    return asItWas(name);
  }
  const cancelled = { ...progress, phase: 'cancelled' } as const;
  if (stack.status !== 'UPDATE_IN_PROGRESS') return judged(visit, stack, cancelled);
  await cloudFormation.stacks.cancel(stack.id, `${context.runId}-cancel`);
  return running(cancelled, { message: `stack ${name} is turned back`, lookAgainMs: SOON_MS });
}
