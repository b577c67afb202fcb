import type { AwsAccess } from '../kit/aws-access.ts';
import { defineDeploy } from '../kit/define-deploy.ts';
import type { CloudFormation } from './cloudformation.ts';
import { lookStack } from './stack-look.ts';
import { deletionPermission, STACK_EVENTS, stackPermissions, stackWakes } from './stack-permissions.ts';
import { planStack } from './stack-plan.ts';
import { stackProgress, stackResult } from './stack-progress.ts';
import { removeStack } from './stack-remove.ts';
import { stackSettings } from './stack-settings.ts';
import { stepStack } from './stack-step.ts';
import { undoStack } from './stack-undo.ts';
import type { StackContext, StackVisit } from './stack-visit.ts';

/** The SDK is heavy: it is loaded when it is first needed. */
async function open(aws: AwsAccess): Promise<CloudFormation> {
  const { openCloudFormation } = await import('./cloudformation-client.ts');
  return openCloudFormation(aws);
}

const visitOf = async (context: StackContext): Promise<StackVisit> => ({
  context,
  cloudFormation: await open(context.aws),
});

/** A CloudFormation stack from a template in the artifact, by change sets. */
export const stackDeploy = defineDeploy({
  kind: 'stack',
  settings: stackSettings,
  progress: stackProgress,
  result: stackResult,
  permissions: (settings, origin) => [
    ...stackPermissions(settings, origin),
    ...(settings.recreate ? [deletionPermission(settings, origin)] : []),
  ],
  removePermissions: (settings, origin) => [deletionPermission(settings, origin)],
  events: STACK_EVENTS,
  wakes: stackWakes,
  plan: async (context) => planStack(await visitOf(context)),
  step: async (context) => stepStack(await visitOf(context)),
  look: async (context, progress) => lookStack(await visitOf(context), progress),
  undo: async (context, progress) => undoStack(await visitOf(context), progress),
  remove: async (context) => removeStack(context, await open(context.aws)),
});
