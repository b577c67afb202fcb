import { deployFailed } from '../kit/failures.ts';
import type { CloudFormation } from './cloudformation.ts';
import { running, type StackRemoval, type StackStep } from './stack-visit.ts';

/**
 * Deletes the stack that this deploy made: by its ARN, so that one of the same name that came later stays.
 * @throws LandfallError DEPLOY_FAILED where it is protected against termination
 */
export async function removeStack(
  { applied, settings, runId }: StackRemoval,
  { stacks }: CloudFormation,
): Promise<StackStep> {
  const { stack: name, executionRole: roleArn } = settings;
  const made = applied?.result ?? null;
  if (made === null || !made.isOurs)
    return { state: 'succeeded', message: `stack ${name} stays: this deploy did not make it` };
  const stack = await stacks.describe(made.stack);
  if (stack === undefined || stack.status === 'DELETE_COMPLETE')
    return { state: 'succeeded', message: `stack ${name} is gone` };
  if (stack.isProtected)
    throw deployFailed(`stack ${name} is protected against termination, and is not deleted`, {
      hint: 'Turn its termination protection off (aws cloudformation update-termination-protection), then replay.',
    });
  const removing = { phase: 'removing', stack: stack.id } as const;
  if (stack.status.endsWith('_IN_PROGRESS'))
    return running(removing, { message: `stack ${name} is ${stack.status}` });
  await stacks.remove(stack.id, { roleArn, token: `${runId}-delete` });
  return running(removing, { message: `stack ${name} is deleted` });
}
