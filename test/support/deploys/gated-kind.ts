import type { AwsAccess } from '../../../shared/deploy/kit/aws-access.ts';
import { type DefinedDeploy, defineDeploy } from '../../../shared/deploy/kit/define-deploy.ts';
import type { Gate } from '../simulation/simulation-ports.ts';

/** A kind that does all in one step, which is its one request. */
export const gatedKind =
  ({ definition }: DefinedDeploy) =>
  (gate: Gate): DefinedDeploy =>
    defineDeploy({
      ...definition,
      step: (context) => gate('deployer', 'step', () => definition.step(context)),
    });

/** AWS, each of whose calls goes through the gate. */
export const gatedAws = (access: AwsAccess, gate: Gate): AwsAccess => ({
  ...access,
  call: (what, send) => gate('deployer', what, () => access.call(what, send)),
});
