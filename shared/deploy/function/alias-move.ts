import { parseDuration } from '../../duration.ts';
import { awsCode, deployFailed } from '../kit/failures.ts';
import type { StepRunning } from '../kit/step-result.ts';
import { isAt, positionAt } from './alias-position.ts';
import type { AliasProgress, FunctionProgress } from './function-progress.ts';
import {
  ALARM_LOOK_MS,
  CODE_LOOK_MS,
  type FunctionStep,
  type FunctionVisit,
  RACES,
  stillRunning,
  succeeded,
} from './function-visit.ts';
import type { AliasView } from './lambda.ts';

export function moved({ context }: FunctionVisit, { version, from }: AliasProgress): FunctionStep {
  const { alias, function: name } = context.settings;
  const isAliasOurs = from === null || context.applied?.result?.isAliasOurs === true;
  return succeeded({ version, isAliasOurs }, `alias ${alias} of function ${name} is at version ${version}`);
}

/** Names of alarms that are off. @throws LandfallError DEPLOY_FAILED: one that is not there guards nothing */
export async function alarmsOff({ context, alarms }: FunctionVisit): Promise<readonly string[]> {
  const names = context.settings.alarms;
  if (names.length === 0) return [];
  const states = await alarms(names);
  const missing = names.filter((name) => !states.has(name));
  if (missing.length > 0)
    throw deployFailed(`alarms that are not there: ${missing.join(', ')}`, {
      hint: 'Make them, or take them out of alarms of the deploy: a missing alarm never goes off.',
    });
  return names.filter((name) => states.get(name) === 'ALARM');
}

/** It stands where `progress` says, until that is over. */
export const standing = (visit: FunctionVisit, progress: AliasProgress): StepRunning<FunctionProgress> => {
  const { shift, alias } = visit.context.settings;
  const step = shift[progress.at];
  if (step === undefined) return stillRunning(progress, `alias ${alias} moves`, CODE_LOOK_MS);
  const leftMs = progress.since + parseDuration(step.for) - visit.context.clock.now();
  const message = `version ${progress.version} has ${step.weight} % of alias ${alias}`;
  return stillRunning(progress, message, Math.min(Math.max(leftMs, 0), ALARM_LOOK_MS));
};

/**
 * Moves the alias from where it was read to where `progress` says.
 * @param otherwise what stands where somebody else changed the alias in between, so that the next look reads it again
 */
export async function moveAlias(
  visit: FunctionVisit,
  alias: AliasView,
  progress: AliasProgress,
  otherwise: FunctionProgress,
): Promise<FunctionStep> {
  const { context, lambda } = visit;
  const { function: name, alias: aliasName = '', shift } = context.settings;
  const to = positionAt(context.settings, progress, progress.at);
  try {
    const after = isAt(alias, to)
      ? alias
      : await lambda.aliases.move(name, aliasName, { ...to, revisionId: alias.revisionId });
    // Provisioned concurrency moves over bit by bit, with weights that Lambda sets itself.
    if (progress.at >= shift.length && isAt(after, to)) return moved(visit, progress);
    const stands = standing(visit, progress);
    context.log(stands.message);
    return stands;
  } catch (error) {
    if (!RACES.has(awsCode(error))) throw error;
    return stillRunning(otherwise, `alias ${aliasName} was changed by somebody else`, CODE_LOOK_MS);
  }
}

/** Moves the alias back to where it was. False while Lambda moves it bit by bit. */
export async function moveBack(
  { context, lambda }: Pick<FunctionVisit, 'context' | 'lambda'>,
  from: string,
): Promise<boolean> {
  const { function: name, alias: aliasName = '' } = context.settings;
  const alias = await lambda.aliases.get(name, aliasName);
  const to = { version: from, weights: {} };
  if (alias === undefined || isAt(alias, to)) return true;
  const back = await lambda.aliases.move(name, aliasName, { ...to, revisionId: alias.revisionId });
  return isAt(back, to);
}
