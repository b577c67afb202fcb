import { awsCode, deployFailed } from '../kit/failures.ts';
import { withReason } from '../kit/with-reason.ts';
import type { StackView } from './cloudformation.ts';
import { lookExecuted } from './look-executed.ts';
import { sentParameters } from './stack-parameters.ts';
import type { ChangeSetProgress } from './stack-progress.ts';
import { stackAdvice, stackMeaning } from './stack-status.ts';
import { busy, MADE_LOOK_MS, running, SOON_MS, type StackStep, type StackVisit } from './stack-visit.ts';
import { readWanted, type WantedStack } from './wanted-stack.ts';

/** ARN of a change set: `…:changeSet/NAME/ID`. */
const isNamed = (id: string | undefined, name: string): boolean =>
  id?.split(':changeSet/')[1]?.split('/')[0] === name;

/** The change set that a stack was made by has the name of a run. */
const MADE_BY_LANDFALL = /:changeSet\/landfall-[0-9a-f]{24}-[0-9a-f]{16}\//;

/** A stack whose creation failed is deleted where the document says so. */
async function replaceDead(stack: StackView, { context, cloudFormation }: StackVisit): Promise<StackStep> {
  const { settings, runId } = context;
  const what = withReason(`stack ${settings.stack} is ${stack.status}`, stack.reason);
  if (!settings.recreate) throw deployFailed(what, { hint: stackAdvice(stack.status) });
  if (!MADE_BY_LANDFALL.test(stack.changeSetId ?? ''))
    throw deployFailed(`${what}; it was not made by Landfall, and is not deleted`, {
      hint: 'Delete it by hand, once you have seen that nobody needs what is left of it.',
    });
  if (stack.isProtected)
    throw deployFailed(`${what}; it is protected against termination, and is not deleted`, {
      hint: 'Turn its termination protection off, or delete it by hand.',
    });
  // Another token than that of the execution, which the new stack is told under.
  const token = `${runId}-delete`;
  await cloudFormation.stacks.remove(stack.id, { roleArn: settings.executionRole, token });
  return running(
    { phase: 'deleting', stack: stack.id },
    { message: `stack ${settings.stack} was ${stack.status} and is deleted, to be made anew` },
  );
}

/** Says what a refusal means where CloudFormation's own words leave that open. */
function refusal(error: unknown, { settings }: StackVisit['context']): unknown {
  const message = error instanceof Error ? error.message : '';
  const failed = (hint: string) => deployFailed(message, { hint, cause: error });
  if (awsCode(error) === 'InsufficientCapabilitiesException')
    return failed(
      'Write what it requires into capabilities of the deploy, once you have read what it makes.',
    );
  if (/iam:PassRole/.test(message))
    return failed(`Let the deploy's role pass ${settings.executionRole} to cloudformation.amazonaws.com.`);
  if (/is invalid or cannot be assumed/.test(message))
    return failed(
      `Let cloudformation.amazonaws.com assume ${settings.executionRole}, and see that it is there.`,
    );
  return error;
}

/** Somebody was faster between our look and our request, or the look was behind. */
const CROSSED = [
  /_IN_PROGRESS state and can ?not be updated/,
  /already exists and cannot be created again/,
  /^CreateChangeSet: \w+: Stack \[[^\]]*\] does not exist/,
];

const isCrossed = (error: unknown): boolean =>
  error instanceof Error && CROSSED.some((pattern) => pattern.test(error.message));

async function makeChangeSet(
  stack: StackView | undefined,
  { template, parameters, changeSet: name }: WantedStack,
  { context, cloudFormation }: StackVisit,
): Promise<StackStep> {
  const { settings, deploy, revision } = context;
  const isNew = stack === undefined || stackMeaning(stack.status) === 'absent';
  const there = isNew ? undefined : stack.parameters;
  const begun = (id: string, stackId: string): StackStep => {
    const progress: ChangeSetProgress = { phase: 'made', changeSet: id, stack: stackId, isNew, seen: null };
    return running(progress, { message: `change set ${name} is made`, lookAgainMs: MADE_LOOK_MS });
  };
  try {
    const made = await cloudFormation.changeSets.create({
      type: isNew ? 'CREATE' : 'UPDATE',
      stack: settings.stack,
      name,
      template: template.source,
      tags: settings.tags,
      capabilities: settings.capabilities,
      parameters: sentParameters(parameters, settings.keepParameters, there),
      roleArn: settings.executionRole,
      description: `landfall ${deploy.name} ${revision.revision}`.slice(0, 1024),
      revertDrift: settings.revertDrift && !isNew,
    });
    return begun(made.id, made.stackId);
  } catch (error) {
    if (isCrossed(error))
      return running(
        { phase: 'waiting' },
        { message: `stack ${settings.stack} has just changed`, lookAgainMs: SOON_MS },
      );
    if (awsCode(error) !== 'AlreadyExistsException') throw refusal(error, context);
    // A visit before this one was killed right after it had asked.
    const { id, stackId } = await cloudFormation.changeSets.describe({ name, stack: settings.stack });
    return begun(id, stackId);
  }
}

/**
 * Begins: makes the change set, unless the stack is in a state where that cannot be. A visit that was killed after it had
 * executed one is gone on with.
 * @throws LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE
 */
export async function stepStack(visit: StackVisit): Promise<StackStep> {
  const { settings } = visit.context;
  const [wanted, stack] = await Promise.all([
    readWanted(visit.context),
    visit.cloudFormation.stacks.describe(settings.stack),
  ]);
  if (stack?.changeSetId !== undefined && isNamed(stack.changeSetId, wanted.changeSet)) {
    const isNew = /^(CREATE|ROLLBACK)_/.test(stack.status);
    const begun = { changeSet: stack.changeSetId, stack: stack.id, isNew, seen: null };
    return lookExecuted(visit, { phase: 'executed', ...begun });
  }
  const meaning = stack === undefined ? 'absent' : stackMeaning(stack.status);
  if (stack !== undefined && meaning === 'busy') return busy(stack, settings.stack);
  if (stack !== undefined && meaning === 'dead') return replaceDead(stack, visit);
  if (stack !== undefined && meaning === 'stuck')
    throw deployFailed(withReason(`stack ${settings.stack} is ${stack.status}`, stack.reason), {
      hint: stackAdvice(stack.status),
    });
  return makeChangeSet(stack, wanted, visit);
}
