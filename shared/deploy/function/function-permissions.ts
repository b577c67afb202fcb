import type { DeployOrigin, DeployPermission, TargetEvents, WakePattern } from '../kit/permission.ts';
import type { FunctionSettings } from './function-settings.ts';

const functionArn = (name: string, { partition, region, account }: DeployOrigin): string =>
  `arn:${partition}:lambda:${region}:${account}:function:${name}`;

/** `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME` */
const repositoryArn = (image: string, { partition }: DeployOrigin): string => {
  const [account = '', , , region = ''] = image.split('.');
  return `arn:${partition}:ecr:${region}:${account}:repository/${image.slice(image.indexOf('/') + 1)}`;
};

/** The least: code, versions and the one alias of its own function. It passes no role and changes no configuration. */
export function functionPermissions(
  { function: name, alias, image, alarms }: FunctionSettings,
  origin: DeployOrigin,
): readonly DeployPermission[] {
  const arn = functionArn(name, origin);
  const permissions: DeployPermission[] = [
    {
      actions: ['lambda:GetFunction', 'lambda:GetFunctionConfiguration', 'lambda:UpdateFunctionCode'],
      resources: [arn, `${arn}:*`],
    },
  ];
  if (alias !== undefined)
    permissions.push(
      { actions: ['lambda:PublishVersion'], resources: [arn] },
      {
        actions: ['lambda:CreateAlias', 'lambda:GetAlias', 'lambda:UpdateAlias'],
        resources: [arn, `${arn}:${alias}`],
      },
    );
  if (image !== undefined)
    permissions.push({
      actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      resources: [repositoryArn(image, origin)],
    });
  // Composite alarms are told only to whoever may read all.
  if (alarms.length > 0) permissions.push({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] });
  return permissions;
}

/** For `prune`. */
export const aliasRemoval = (
  { function: name, alias }: FunctionSettings,
  origin: DeployOrigin,
): readonly DeployPermission[] => {
  const arn = functionArn(name, origin);
  return alias === undefined
    ? []
    : [{ actions: ['lambda:DeleteAlias'], resources: [arn, `${arn}:${alias}`] }];
};

/** Whatever Lambda tells of the function, but not what CloudTrail does, of calls that failed as well. */
/** Of functions' states. What somebody calls is told by CloudTrail, many times over. */
const STATES: TargetEvents = {
  source: ['aws.lambda'],
  'detail-type': [{ 'anything-but': ['AWS API Call via CloudTrail'] }],
};

export const FUNCTION_EVENTS: readonly TargetEvents[] = [STATES];

export const functionWakes = (
  { function: name }: FunctionSettings,
  origin: DeployOrigin,
): readonly WakePattern[] => [{ ...STATES, resources: [{ prefix: functionArn(name, origin) }] }];
