import {
  ContinueServiceDeploymentCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type ServiceDeployment as SdkDeployment,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { AwsAccess } from '../kit/aws-access.ts';
import { awsCode } from '../kit/failures.ts';
import type { ServicePorts } from './service-step.ts';
import type { ServiceDeployment, ServiceDeployments, ServiceTarget } from './service-target.ts';

export interface EcsServiceId {
  /** Name or ARN. */
  readonly cluster: string;
  /** Name or ARN. */
  readonly service: string;
}

/** Who is told of deployments looks at the last ones; DescribeServiceDeployments takes 20. */
const NEWEST = 20;

function deploymentOf(told: SdkDeployment): ServiceDeployment {
  const pause = (told.lifecycleHookDetails ?? []).find(
    ({ targetType, status }) => targetType === 'PAUSE' && status === 'AWAITING_ACTION',
  );
  return {
    arn: told.serviceDeploymentArn ?? '',
    status: told.status ?? '',
    reason: told.rollback?.reason ?? told.statusReason ?? '',
    createdAt: told.createdAt?.getTime() ?? 0,
    target: told.targetServiceRevision?.arn ?? '',
    stage: told.lifecycleStage,
    ...(pause?.hookId !== undefined && {
      pause: { hookId: pause.hookId, expiresAt: pause.expiresAt?.getTime() },
    }),
  };
}

/** Calls of one client, whose failures say what was asked. */
type Ask = <T>(
  what: string,
  call: (client: ECSClient, options: { readonly abortSignal: AbortSignal }) => Promise<T>,
  options?: CallOptions,
) => Promise<T>;

/** False where ECS says that there is nothing to do any more. */
async function unlessOver(work: Promise<unknown>, codes: readonly string[]): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (codes.includes(awsCode(error) ?? '')) return false;
    throw error;
  }
}

const targetOf = ({ cluster, service }: EcsServiceId, ask: Ask): ServiceTarget => ({
  place: `${cluster}/${service}`,
  service: async (options) => {
    const { services = [] } = await ask(
      'describe the service',
      (ecs, at) => ecs.send(new DescribeServicesCommand({ cluster, services: [service] }), at),
      options,
    );
    const [found] = services;
    return (
      found && {
        status: found.status ?? '',
        controller: found.deploymentController?.type ?? 'ECS',
        taskDefinition: found.taskDefinition ?? '',
      }
    );
  },
  taskDefinition: async (taskDefinition, options) => {
    const told = await ask(
      `describe task definition ${taskDefinition}`,
      (ecs, at) => ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }), at),
      options,
    );
    const { taskDefinition: definition = {}, tags = [] } = told;
    return { definition: definition as JsonObject, tags: tags.map((tag) => ({ ...tag })) };
  },
  register: async (definition, options) => {
    // It is what was described, whose keys and values the SDK read.
    const input = definition as unknown as RegisterTaskDefinitionCommandInput;
    const { taskDefinition } = await ask(
      `register a revision of task definition ${input.family}`,
      (ecs, at) => ecs.send(new RegisterTaskDefinitionCommand(input), at),
      options,
    );
    return taskDefinition?.taskDefinitionArn ?? '';
  },
  update: async (taskDefinition, options) => {
    await ask(
      'update the service',
      (ecs, at) => ecs.send(new UpdateServiceCommand({ cluster, service, taskDefinition }), at),
      options,
    );
  },
});

const deploymentsOf = ({ cluster, service }: EcsServiceId, ask: Ask): ServiceDeployments => ({
  newest: async (options) => {
    const listed = await ask(
      'list its deployments',
      (ecs, at) => ecs.send(new ListServiceDeploymentsCommand({ cluster, service, maxResults: NEWEST }), at),
      options,
    );
    const arns = (listed.serviceDeployments ?? []).flatMap((each) => each.serviceDeploymentArn ?? []);
    if (arns.length === 0) return [];
    const told = await ask(
      'describe its deployments',
      (ecs, at) =>
        ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: arns.slice(0, NEWEST) }), at),
      options,
    );
    return (told.serviceDeployments ?? []).map(deploymentOf).sort((a, b) => b.createdAt - a.createdAt);
  },
  revision: async (arn, options) => {
    if (arn === '') return undefined;
    const { serviceRevisions = [] } = await ask(
      'describe its revision',
      (ecs, at) => ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: [arn] }), at),
      options,
    );
    const [revision] = serviceRevisions;
    const digests = (revision?.containerImages ?? []).flatMap(({ containerName, imageDigest }) =>
      containerName === undefined || imageDigest === undefined ? [] : [[containerName, imageDigest] as const],
    );
    return (
      revision && { taskDefinition: revision.taskDefinition ?? '', digests: Object.fromEntries(digests) }
    );
  },
  rollBack: (serviceDeploymentArn, options) =>
    unlessOver(
      ask(
        'stop its deployment',
        (ecs, at) =>
          ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' }), at),
        options,
      ),
      ['ConflictException', 'ServiceDeploymentNotFoundException'],
    ),
  answer: ({ deployment, hookId, action }, options) =>
    unlessOver(
      ask(
        `answer its hook with ${action}`,
        (ecs, at) =>
          ecs.send(
            new ContinueServiceDeploymentCommand({ serviceDeploymentArn: deployment, hookId, action }),
            at,
          ),
        options,
      ),
      ['ConflictException', 'InvalidParameterException', 'ServiceDeploymentNotFoundException'],
    ),
});

/** A service by the SDK; the signal of each call is the deploy's own. */
export function openEcsService(id: EcsServiceId, aws: Pick<AwsAccess, 'settings' | 'call'>): ServicePorts {
  const client = new ECSClient(aws.settings);
  const ask: Ask = (what, call) =>
    aws.call(`service ${id.cluster}/${id.service}: ${what}`, (options) => call(client, options));
  return { target: targetOf(id, ask), deployments: deploymentsOf(id, ask) };
}
