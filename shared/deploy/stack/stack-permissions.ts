import type { DeployOrigin, DeployPermission, TargetEvents, WakePattern } from '../kit/permission.ts';
import type { StackSettings } from './stack-settings.ts';

const stackArn = ({ stack }: StackSettings, { partition, region, account }: DeployOrigin): string =>
  `arn:${partition}:cloudformation:${region}:${account}:stack/${stack}/*`;

/** The least: its own stack, as the one role that it may pass, by change sets of its own. */
export function stackPermissions(settings: StackSettings, origin: DeployOrigin): readonly DeployPermission[] {
  const { partition, region } = origin;
  const arn = stackArn(settings, origin);
  const own = { StringLike: { 'cloudformation:ChangeSetName': 'landfall-*' } };
  return [
    {
      actions: [
        'cloudformation:DescribeChangeSet',
        'cloudformation:DescribeEvents',
        'cloudformation:DescribeStackEvents',
        'cloudformation:DescribeStacks',
        'cloudformation:GetTemplate',
        'cloudformation:CancelUpdateStack',
      ],
      resources: [arn],
    },
    {
      actions: ['cloudformation:CreateChangeSet'],
      resources: [arn],
      conditions: { ...own, StringEquals: { 'cloudformation:RoleArn': settings.executionRole } },
    },
    {
      actions: ['cloudformation:DeleteChangeSet', 'cloudformation:ExecuteChangeSet'],
      resources: [arn],
      conditions: own,
    },
    // Macros of AWS: AWS::Serverless, AWS::Include, AWS::LanguageExtensions.
    {
      actions: ['cloudformation:CreateChangeSet'],
      resources: [`arn:${partition}:cloudformation:${region}:aws:transform/*`],
    },
    {
      actions: ['iam:PassRole'],
      resources: [settings.executionRole],
      conditions: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
    },
  ];
}

/** Beside the least, for `recreate` and `prune`: only as the same role. */
export const deletionPermission = (settings: StackSettings, origin: DeployOrigin): DeployPermission => ({
  actions: ['cloudformation:DeleteStack'],
  resources: [stackArn(settings, origin)],
  conditions: { StringEquals: { 'cloudformation:RoleArn': settings.executionRole } },
});

/** CloudFormation tells when a stack has changed its state; nothing tells when a change set is made. */
const STATUS_CHANGE: TargetEvents = {
  source: ['aws.cloudformation'],
  'detail-type': ['CloudFormation Stack Status Change'],
};

export const STACK_EVENTS: readonly TargetEvents[] = [STATUS_CHANGE];

export const stackWakes = (settings: StackSettings, origin: DeployOrigin): readonly WakePattern[] => [
  { ...STATUS_CHANGE, resources: [{ wildcard: stackArn(settings, origin) }] },
];
