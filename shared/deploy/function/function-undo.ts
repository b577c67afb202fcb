import { awsCode, deployFailed } from '../kit/failures.ts';
import { moveBack } from './alias-move.ts';
import type { FunctionProgress, FunctionResult } from './function-progress.ts';
import {
  CODE_LOOK_MS,
  type FunctionRemoval,
  type FunctionStep,
  type FunctionVisit,
  RACES,
  stillRunning,
  succeeded,
} from './function-visit.ts';
import type { Lambda } from './lambda.ts';

const NOTHING: FunctionResult = { version: null, isAliasOurs: false };

/**
 * Moves the alias back to where it was before the run, or to what was applied. The code that was uploaded stays, where
 * nobody calls it.
 * @throws LandfallError DEPLOY_FAILED for a function without alias: its earlier code is nowhere
 */
export async function undoFunction(
  visit: FunctionVisit,
  progress: FunctionProgress | null,
): Promise<FunctionStep> {
  const { settings, applied } = visit.context;
  const { alias, function: name } = settings;
  const before = applied?.result ?? NOTHING;
  if (alias === undefined) {
    if (progress === null || progress.phase === 'waiting')
      return succeeded(before, `function ${name} is as it was`);
    throw deployFailed(
      `function ${name} cannot be taken back: it has no alias, and its earlier code is gone`,
      {
        hint: 'Name an alias in the deploy, and have callers name it; or roll the source back.',
      },
    );
  }
  const begun = progress?.phase === 'alias' || progress?.phase === 'back' ? progress.from : null;
  const from = begun ?? before.version;
  if (from === null) return succeeded(before, `nothing of function ${name} was called before`);
  if (await isBack(visit, from))
    return succeeded({ ...before, version: from }, `alias ${alias} is at version ${from} again`);
  return stillRunning({ phase: 'back', from }, `alias ${alias} moves back`, CODE_LOOK_MS);
}

async function isBack(visit: FunctionVisit, from: string): Promise<boolean> {
  try {
    return await moveBack(visit, from);
  } catch (error) {
    if (RACES.has(awsCode(error))) return false;
    throw error;
  }
}

/** Takes the alias away, where this deploy made it. The function and its versions are not this deploy's. */
export async function removeFunction(
  { applied, settings }: FunctionRemoval,
  { aliases }: Lambda,
): Promise<FunctionStep> {
  const { alias, function: name } = settings;
  if (alias === undefined || applied?.result?.isAliasOurs !== true)
    return succeeded(NOTHING, `function ${name} stays: this deploy did not make it`);
  await aliases.remove(name, alias);
  return succeeded(NOTHING, `alias ${alias} of function ${name} is gone; the function and its versions stay`);
}
