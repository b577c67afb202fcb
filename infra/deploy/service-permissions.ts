import type { Permission } from '../permission.ts';

/** A service as its deploy's role names it; what a token cannot be taken apart to is given. */
export interface ServiceAccess {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly cluster: string;
  readonly service: string;
  /** Of its task definition. */
  readonly family: string;
  /** Task and execution role: ARNs. */
  readonly passedRoles: readonly string[];
}

/**
 * What rolling one service takes. DescribeTaskDefinition knows no resource.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 */
export function servicePermissions(access: ServiceAccess): readonly Permission[] {
  const { partition, region, account, cluster, service, family, passedRoles } = access;
  const arn = (rest: string): string => `arn:${partition}:ecs:${region}:${account}:${rest}`;
  const definitions = arn(`task-definition/${family}:*`);
  const registered = { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } };
  const passed = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } };
  return [
    {
      actions: ['ecs:DescribeServices', 'ecs:ListServiceDeployments', 'ecs:UpdateService'],
      resources: [arn(`service/${cluster}/${service}`)],
    },
    {
      actions: [
        'ecs:ContinueServiceDeployment',
        'ecs:DescribeServiceDeployments',
        'ecs:StopServiceDeployment',
      ],
      resources: [arn(`service-deployment/${cluster}/${service}/*`)],
      why: 'Deployments have an id of their own each time',
    },
    {
      actions: ['ecs:DescribeServiceRevisions'],
      resources: [arn(`service-revision/${cluster}/${service}/*`)],
      why: 'Revisions have an id of their own each time',
    },
    {
      actions: ['ecs:RegisterTaskDefinition'],
      resources: [definitions],
      why: 'Revisions of a family are counted',
    },
    {
      actions: ['ecs:TagResource'],
      resources: [definitions],
      conditions: registered,
      why: 'Revisions of a family are counted',
    },
    {
      actions: ['ecs:DescribeTaskDefinition'],
      resources: ['*'],
      why: 'ecs:DescribeTaskDefinition knows no resource',
    },
    ...(passedRoles.length > 0
      ? [{ actions: ['iam:PassRole'], resources: passedRoles, conditions: passed }]
      : []),
  ];
}
