import { parseDuration } from '../../duration.ts';
import { awsCode, deployFailed } from '../kit/failures.ts';
import { alarmsOff, moveAlias, moveBack, moved, standing } from './alias-move.ts';
import { isAt, positionAt } from './alias-position.ts';
import type { AliasProgress } from './function-progress.ts';
import {
  ALARM_LOOK_MS,
  type FunctionStep,
  type FunctionVisit,
  RACES,
  stillRunning,
} from './function-visit.ts';

/**
 * Moves the alias to a version that is ready: at once, or to the first step.
 * @throws LandfallError DEPLOY_FAILED where an alarm that is to guard it is not there
 */
export async function beginAlias(visit: FunctionVisit, version: string): Promise<FunctionStep> {
  const { context, lambda } = visit;
  const { function: name, alias: aliasName = '', shift } = context.settings;
  const alias = await lambda.aliases.get(name, aliasName);
  const again = { phase: 'version', version } as const;
  const fresh = {
    phase: 'alias',
    version,
    from: alias?.version ?? null,
    since: context.clock.now(),
  } as const;
  const whole = { ...fresh, at: shift.length };
  if (alias === undefined) {
    try {
      await lambda.aliases.create(name, aliasName, version);
      return moved(visit, whole);
    } catch (error) {
      if (!RACES.has(awsCode(error))) throw error;
      return stillRunning(again, `alias ${aliasName} was made by somebody else`);
    }
  }
  if (alias.version === version) return moveAlias(visit, alias, whole, again);
  // A visit that was killed may have moved it to a step already.
  const at = shift.findIndex((_, each) => isAt(alias, positionAt(context.settings, fresh, each)));
  if (at >= 0) return lookAlias(visit, { ...fresh, at });
  const off = await alarmsOff(visit);
  if (off.length === 0) return moveAlias(visit, alias, { ...fresh, at: 0 }, again);
  return {
    ...stillRunning(again, `alarm ${off.join(', ')} is off already`, ALARM_LOOK_MS),
    waitsFor: `alarm ${off.join(', ')}, to be OK before the alias moves`,
  };
}

async function rolledBack(
  visit: FunctionVisit,
  progress: AliasProgress,
  off: readonly string[],
): Promise<FunctionStep> {
  const { alias, function: name, shift } = visit.context.settings;
  const { version, from, at } = progress;
  try {
    if (from !== null) await moveBack(visit, from);
  } catch (error) {
    if (!RACES.has(awsCode(error))) throw error;
    return stillRunning(progress, `alarm ${off.join(', ')} went off; alias ${alias} was just changed`);
  }
  const message = `alarm ${off.join(', ')} went off while version ${version} of function ${name} had ${shift[at]?.weight} % of alias ${alias}`;
  const hint = `The alias is at version ${from} again. Mend the function, and push another revision.`;
  return { state: 'rolledBack', error: deployFailed(message, { hint }) };
}

const isOver = ({ context }: FunctionVisit, { at, since }: AliasProgress): boolean => {
  const step = context.settings.shift[at];
  return step === undefined || since + parseDuration(step.for) <= context.clock.now();
};

/**
 * One look at an alias that moves: back where an alarm has gone off, on where its time is over.
 * @throws LandfallError DEPLOY_FAILED where somebody else moved it: it is left where they put it
 */
export async function lookAlias(visit: FunctionVisit, progress: AliasProgress): Promise<FunctionStep> {
  const { context, lambda } = visit;
  const { settings, clock } = context;
  const { function: name, alias: aliasName = '', shift } = settings;
  const { at, version } = progress;
  const isShifting = at < shift.length;
  const off = isShifting ? await alarmsOff(visit) : [];
  if (off.length > 0) return rolledBack(visit, progress, off);
  const alias = await lambda.aliases.get(name, aliasName);
  const next = { ...progress, at: at + 1, since: clock.now() };
  if (alias !== undefined && isAt(alias, positionAt(settings, progress, at))) {
    if (!isShifting) return moved(visit, progress);
    return isOver(visit, progress) ? moveAlias(visit, alias, next, progress) : standing(visit, progress);
  }
  // A visit that was killed, or an answer that was lost, may have gone on already.
  if (alias !== undefined && isShifting && isAt(alias, positionAt(settings, progress, at + 1)))
    return at + 1 < shift.length ? standing(visit, next) : moved(visit, next);
  // All the way, by whomever; with weights while Lambda moves it bit by bit.
  if (alias?.version === version) {
    const whole = { ...progress, at: shift.length };
    return Object.keys(alias.weights).length === 0 ? moved(visit, whole) : standing(visit, whole);
  }
  throw deployFailed(`alias ${aliasName} of function ${name} was moved by somebody else meanwhile`, {
    hint: 'It is left where they put it. Replay the deploy to have it moved again.',
  });
}
