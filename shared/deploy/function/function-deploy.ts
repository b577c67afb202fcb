import type { AwsAccess } from '../kit/aws-access.ts';
import { defineDeploy } from '../kit/define-deploy.ts';
import { lookAlias } from './alias-step.ts';
import { aliasRemoval, FUNCTION_EVENTS, functionPermissions, functionWakes } from './function-permissions.ts';
import { planFunction } from './function-plan.ts';
import { type FunctionProgress, functionProgress, functionResult } from './function-progress.ts';
import { functionSettings } from './function-settings.ts';
import { lookCode, lookVersion, stepFunction } from './function-step.ts';
import { removeFunction, undoFunction } from './function-undo.ts';
import type { FunctionContext, FunctionStep, FunctionVisit } from './function-visit.ts';
import type { AlarmStates } from './lambda.ts';

/** Loaded with the first alarm that is asked for. */
const alarmsOf =
  (aws: AwsAccess): AlarmStates =>
  async (names) => {
    const { openAlarms } = await import('./cloudwatch-client.ts');
    return openAlarms(aws)(names);
  };

/** The SDK is heavy: it is loaded when it is first needed. */
async function visitOf(context: FunctionContext): Promise<FunctionVisit> {
  const { openLambda } = await import('./lambda-client.ts');
  return { context, lambda: openLambda(context.aws), alarms: alarmsOf(context.aws) };
}

function look(visit: FunctionVisit, progress: FunctionProgress): Promise<FunctionStep> {
  switch (progress.phase) {
    case 'waiting':
      return stepFunction(visit);
    case 'code':
      return lookCode(visit, progress);
    case 'version':
      return lookVersion(visit, progress);
    case 'alias':
      return lookAlias(visit, progress);
    case 'back':
      return undoFunction(visit, progress);
  }
}

/** Code for a Lambda function that is there: a zip, a folder or an image; a version, and the alias that callers name. */
export const functionDeploy = defineDeploy({
  kind: 'function',
  settings: functionSettings,
  progress: functionProgress,
  result: functionResult,
  permissions: functionPermissions,
  removePermissions: aliasRemoval,
  events: FUNCTION_EVENTS,
  wakes: functionWakes,
  plan: async (context) => planFunction(await visitOf(context)),
  step: async (context) => stepFunction(await visitOf(context)),
  look: async (context, progress) => look(await visitOf(context), progress),
  undo: async (context, progress) => undoFunction(await visitOf(context), progress),
  remove: async (context) => {
    const { openLambda } = await import('./lambda-client.ts');
    return removeFunction(context, openLambda(context.aws));
  },
});
