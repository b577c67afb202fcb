/** Kinds of deploys of one's own, `import … from 'landfall/deploy'`: see docs/deploys.md#a-kind-of-your-own. */
import { kindHandler as handlerOf } from '../functions/lambda/kind-handler.ts';
import type { DefinedDeploy } from '../shared/deploy/kit/define-deploy.ts';

export type { AwsAccess } from '../shared/deploy/kit/aws-access.ts';
export {
  type DefinedDeploy,
  type DeployDefinition,
  defineDeploy,
} from '../shared/deploy/kit/define-deploy.ts';
export type {
  AppliedBefore,
  ArtifactLocation,
  DeployArtifact,
  DeployContext,
  RemoveContext,
} from '../shared/deploy/kit/deploy-context.ts';
export { awsCode, deployFailed, deployUnavailable } from '../shared/deploy/kit/failures.ts';
export type { JsonValue } from '../shared/deploy/kit/json-value.ts';
export type { DeployOrigin, DeployPermission, WakePattern } from '../shared/deploy/kit/permission.ts';
export type { DeployPlan, PlannedChange } from '../shared/deploy/kit/plan.ts';
export type { StepResult } from '../shared/deploy/kit/step-result.ts';
export { LandfallError } from '../shared/errors.ts';

/** The handler of a function of Lambda that runs deploys of this kind: `export const handler = kindHandler(noteDeploy)`. */
export const kindHandler: (kind: DefinedDeploy) => (...call: never[]) => Promise<unknown> = handlerOf;
