import type { DeployOrigin, DeployPermission, TargetEvents, WakePattern } from '../kit/permission.ts';
import type { ServiceSettings } from './service-settings.ts';

/**
 * What rolling one service takes. DescribeTaskDefinition knows no resource.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 */
export function servicePermissions(
  { cluster, service, family = service, passRoles }: ServiceSettings,
  { partition, region, account }: DeployOrigin,
): readonly DeployPermission[] {
  const arn = (rest: string): string => `arn:${partition}:ecs:${region}:${account}:${rest}`;
  const definitions = arn(`task-definition/${family}:*`);
  const registered = { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } };
  const passed = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } };
  const [first, ...others] = passRoles;
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
    },
    {
      actions: ['ecs:DescribeServiceRevisions'],
      resources: [arn(`service-revision/${cluster}/${service}/*`)],
    },
    {
      actions: ['ecs:RegisterTaskDefinition'],
      resources: [definitions],
    },
    {
      actions: ['ecs:TagResource'],
      resources: [definitions],
      conditions: registered,
    },
    {
      actions: ['ecs:DescribeTaskDefinition'],
      resources: ['*'],
    },
    ...(first === undefined
      ? []
      : [{ actions: ['iam:PassRole'], resources: [first, ...others], conditions: passed } as const]),
  ];
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
const DEPLOYMENT: TargetEvents = { source: ['aws.ecs'], 'detail-type': ['ECS Deployment State Change'] };
const HOOK: TargetEvents = { source: ['aws.ecs'], 'detail-type': ['ECS Hook State Change'] };

export const SERVICE_EVENTS: readonly TargetEvents[] = [DEPLOYMENT, HOOK];

export const serviceWakes = (
  { cluster, service }: ServiceSettings,
  { partition, region, account }: DeployOrigin,
): readonly WakePattern[] => [
  {
    ...DEPLOYMENT,
    resources: [`arn:${partition}:ecs:${region}:${account}:service/${cluster}/${service}`],
  },
  {
    ...HOOK,
    detail: { serviceArn: [`arn:${partition}:ecs:${region}:${account}:service/${cluster}/${service}`] },
  },
];
