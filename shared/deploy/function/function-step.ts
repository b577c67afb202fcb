import { LandfallError } from '../../errors.ts';
import { awsCode, deployFailed } from '../kit/failures.ts';
import { withReason } from '../kit/with-reason.ts';
import { beginAlias } from './alias-step.ts';
import type { FunctionProgress } from './function-progress.ts';
import { type FunctionStep, type FunctionVisit, RACES, stillRunning, succeeded } from './function-visit.ts';
import type { FunctionView } from './lambda.ts';
import { hasCode, readCode, type WantedCode } from './wanted-code.ts';

async function requireFunction({ context, lambda }: FunctionVisit): Promise<FunctionView> {
  const name = context.settings.function;
  const there = await lambda.functions.get(name);
  if (there !== undefined) return there;
  throw deployFailed(`there is no function ${name}`, {
    hint: 'Make it first, with a stack or by hand: this deploy gives it code, and no role, memory or network.',
  });
}

const isBusy = ({ state, update }: FunctionView): boolean => state === 'Pending' || update === 'InProgress';

const waiting = (name: string): FunctionStep => ({
  ...stillRunning({ phase: 'waiting' }, `function ${name} is being changed by somebody else`),
  waitsFor: `whoever changes function ${name}, to end`,
});

const ADVICE: Readonly<Record<string, string>> = {
  CodeStorageExceededException: 'Delete versions that nobody calls, or ask for a higher quota.',
  RequestTooLargeException:
    'Put the zip into the artifact and name it in zip: with the store in S3 Lambda reads it there.',
  CodeSigningConfigNotFoundException: 'See the code signing of the function.',
  CodeVerificationFailedException: 'Sign the zip, as the function asks for, and push that.',
};

/** A refusal with what to do about it. */
function refusal(error: unknown): unknown {
  const hint = ADVICE[awsCode(error) ?? ''];
  if (hint === undefined || !(error instanceof Error)) return error;
  return deployFailed(error.message, { hint, cause: error });
}

async function upload(visit: FunctionVisit, code: WantedCode, there: FunctionView): Promise<FunctionStep> {
  const { function: name, architecture } = visit.context.settings;
  if (there.packageType !== code.packageType)
    throw deployFailed(
      `function ${name} is made of ${there.packageType === 'Zip' ? 'a zip' : 'an image'}, and the deploy gives ${code.what}`,
      { hint: 'A function stays what it was made as: make another, or correct image of the deploy.' },
    );
  try {
    const uploaded = await visit.lambda.functions.updateCode(name, {
      source: await code.source(),
      revisionId: there.revisionId,
      ...(architecture !== undefined && { architecture }),
    });
    if (code.packageType === 'Zip' && uploaded.codeSha256 !== code.id)
      throw new LandfallError(
        'STORE_CORRUPT',
        `function ${name} was given a zip of sha256 ${uploaded.codeSha256}, and the commit record has ${code.id}`,
      );
  } catch (error) {
    if (RACES.has(awsCode(error))) return waiting(name);
    throw refusal(error);
  }
  return stillRunning({ phase: 'code', id: code.id }, `function ${name} takes ${code.what}`);
}

/** Once the code is there: a version of it, and the alias to that. */
async function publish(visit: FunctionVisit, there: FunctionView, id: string): Promise<FunctionStep> {
  const { settings, revision, deploy } = visit.context;
  const { function: name, alias } = settings;
  if (alias === undefined)
    return succeeded({ version: null, isAliasOurs: false }, `function ${name} has the code`);
  try {
    const { version, state, stateReason } = await visit.lambda.functions.publish(name, {
      codeSha256: there.codeSha256,
      revisionId: there.revisionId,
      description: `landfall ${deploy.name} ${revision.revision}`.slice(0, 256),
    });
    if (state === 'Active') return await beginAlias(visit, version);
    if (state === 'Failed') throw versionFailed(name, version, stateReason);
    return stillRunning({ phase: 'version', version }, `version ${version} of function ${name} is ${state}`);
  } catch (error) {
    if (!RACES.has(awsCode(error))) throw refusal(error);
    return stillRunning({ phase: 'code', id }, `function ${name} is being changed`);
  }
}

const versionFailed = (name: string, version: string, reason: string): LandfallError =>
  deployFailed(withReason(`version ${version} of function ${name} is Failed`, reason), {
    hint: 'Mend what the message names; the alias was not moved.',
  });

/**
 * Begins, or goes on where a visit was killed: the code where it is not there yet, a version, the alias.
 * @throws LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE, STORE_CORRUPT
 */
export async function stepFunction(visit: FunctionVisit): Promise<FunctionStep> {
  const code = await readCode(visit.context);
  const there = await requireFunction(visit);
  if (isBusy(there)) {
    const name = visit.context.settings.function;
    return hasCode(there, code.id)
      ? stillRunning({ phase: 'code', id: code.id }, `function ${name} takes ${code.what}`)
      : waiting(name);
  }
  if (!hasCode(there, code.id) || there.update === 'Failed') return upload(visit, code, there);
  return publish(visit, there, code.id);
}

/** One look at a function that takes code. */
export async function lookCode(visit: FunctionVisit, { id }: { readonly id: string }): Promise<FunctionStep> {
  const name = visit.context.settings.function;
  const there = await requireFunction(visit);
  if (!hasCode(there, id))
    throw deployFailed(`somebody else gave function ${name} other code right after this deploy did`, {
      hint: 'No version was made and no alias moved. Let only one of the two deploy this function, then replay.',
    });
  if (isBusy(there)) return stillRunning({ phase: 'code', id }, `function ${name} takes the code`);
  if (there.update !== 'Failed') return publish(visit, there, id);
  throw deployFailed(withReason(`function ${name} could not take the code`, there.updateReason), {
    hint: 'Mend what the message names, and replay; no alias was moved.',
  });
}

/** One look at a version that is made ready, as with SnapStart. */
export async function lookVersion(
  visit: FunctionVisit,
  progress: Extract<FunctionProgress, { readonly phase: 'version' }>,
): Promise<FunctionStep> {
  const name = visit.context.settings.function;
  const { version } = progress;
  const { state, stateReason } = await visit.lambda.functions.version(name, version);
  if (state === 'Failed') throw versionFailed(name, version, stateReason);
  if (state !== 'Active')
    return stillRunning(progress, `version ${version} of function ${name} is ${state}`, 15_000);
  return beginAlias(visit, version);
}
