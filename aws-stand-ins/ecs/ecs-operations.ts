import { Refusal } from '../refusal.ts';
import {
  arnOf,
  type EcsState,
  type FakeDeployment,
  type FakeService,
  idOf,
  type Json,
  TERMINAL,
} from './ecs-state.ts';

type Operation = (input: Json, state: EcsState, now: number) => Json;

const nameOf = (value: unknown): string =>
  String(value ?? 'default')
    .split('/')
    .at(-1) ?? '';
const shortArn = (arn: string): string => arn.split(':task-definition/')[1] ?? arn;

function serviceOf(input: Json, state: EcsState): FakeService {
  const cluster = nameOf(input['cluster']);
  if (![...state.services.values()].some((service) => service.cluster === cluster))
    throw new Refusal('ClusterNotFoundException', 'Cluster not found.');
  const service = state.services.get(`${cluster}/${nameOf(input['service'])}`);
  if (service === undefined) throw new Refusal('ServiceNotFoundException', 'Service not found.');
  return service;
}

function deploymentOf(
  input: Json,
  state: EcsState,
): { readonly service: FakeService; readonly deployment: FakeDeployment } {
  const arn = input['serviceDeploymentArn'];
  for (const service of state.services.values()) {
    const deployment = service.deployments.find((each) => each.arn === arn);
    if (deployment !== undefined) return { service, deployment };
  }
  throw new Refusal(
    'ServiceDeploymentNotFoundException',
    'The service deploy ARN that you specified is not found.',
  );
}

/** By family, `family:revision` or ARN. */
function definitionOf(name: unknown, state: EcsState) {
  const short = shortArn(String(name));
  const found = [...state.taskDefinitions].filter(
    ([arn]) => shortArn(arn) === short || shortArn(arn).split(':')[0] === short,
  );
  const last = found.at(-1);
  if (last === undefined) throw new Refusal('ClientException', 'Unable to describe task definition.');
  return { arn: last[0], ...last[1] };
}

const serviceJson = (service: FakeService, state: EcsState): Json => {
  const visible = service.deployments.at(state.lag > 0 ? 1 : 0);
  if (state.lag > 0) state.lag -= 1;
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: arnOf('cluster', service.cluster),
    status: service.status,
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    taskDefinition: service.taskDefinition,
    deploymentController: { type: service.controller },
    deploymentConfiguration: { strategy: service.strategy, maximumPercent: 200, minimumHealthyPercent: 100 },
    ...(visible !== undefined && { currentServiceDeployment: visible.arn }),
    createdAt: 1_790_000_000,
  };
};

const describeServices: Operation = (input, state) => {
  const cluster = nameOf(input['cluster']);
  const names = input['services'] as readonly string[];
  const found = names.map((name) => ({ name, service: state.services.get(`${cluster}/${nameOf(name)}`) }));
  return {
    services: found.flatMap(({ service }) => (service === undefined ? [] : [serviceJson(service, state)])),
    failures: found
      .filter(({ service }) => service === undefined)
      .map(({ name }) => ({ arn: arnOf('service', cluster, nameOf(name)), reason: 'MISSING' })),
  };
};

const describeTaskDefinition: Operation = (input, state) => {
  const { definition, tags } = definitionOf(input['taskDefinition'], state);
  const include = (input['include'] ?? []) as readonly string[];
  return { taskDefinition: definition, ...(include.includes('TAGS') && { tags }) };
};

/** What a request may have: an unknown key is refused, as ECS's own validation does. */
const REGISTERED = new Set([
  ...['family', 'taskRoleArn', 'executionRoleArn', 'networkMode', 'containerDefinitions', 'volumes'],
  ...['placementConstraints', 'requiresCompatibilities', 'cpu', 'memory', 'tags', 'pidMode', 'ipcMode'],
  ...['proxyConfiguration', 'inferenceAccelerators', 'ephemeralStorage', 'runtimePlatform'],
  'enableFaultInjection',
]);

export const registerTaskDefinition: Operation = (input, state, now) => {
  const { tags = [], ...rest } = input as { readonly tags?: readonly Json[] } & Json;
  const unknown = Object.keys(rest).find((key) => !REGISTERED.has(key));
  if (unknown !== undefined) throw new Refusal('InvalidParameterException', `unknown parameter ${unknown}`);
  if (Array.isArray(input['tags']) && tags.length === 0)
    throw new Refusal('InvalidParameterException', 'Tags can not be empty.');
  const family = String(rest['family']);
  const revision =
    [...state.taskDefinitions.keys()].filter((arn) => shortArn(arn).startsWith(`${family}:`)).length + 1;
  const taskDefinitionArn = arnOf('task-definition', `${family}:${revision}`);
  const told = {
    compatibilities: ['EC2', 'FARGATE'],
    requiresAttributes: [{ name: 'ecs.capability.task-eni' }],
    registeredAt: now / 1000,
    registeredBy: 'arn:aws:sts::123456789012:assumed-role/deployer/session',
    volumes: [],
    placementConstraints: [],
  };
  const definition = { ...told, ...rest, taskDefinitionArn, revision, status: 'ACTIVE' };
  state.taskDefinitions.set(taskDefinitionArn, { definition, tags });
  return { taskDefinition: definition, tags };
};

/** Begins one, and has what is under way stop. */
export function begin(
  service: FakeService,
  taskDefinition: string,
  state: EcsState,
  now: number,
): FakeDeployment {
  const id = idOf(service.arn, taskDefinition, String(service.deployments.length));
  const target = arnOf('service-revision', service.cluster, service.name, idOf(id, 'revision'));
  const { definition } = definitionOf(taskDefinition, state);
  const containers = (definition['containerDefinitions'] ?? []) as readonly Json[];
  state.revisions.set(target, {
    taskDefinition,
    images: containers.map(({ name, image }) => ({ containerName: String(name), image: String(image) })),
  });
  for (const other of service.deployments)
    if (!TERMINAL.has(other.status)) {
      other.status = 'STOP_REQUESTED';
      other.statusReason = 'A new service deployment was started.';
    }
  const deployment: FakeDeployment = {
    arn: arnOf('service-deployment', service.cluster, service.name, id),
    createdAt: now + service.deployments.length,
    target,
    source: service.deployments[0]?.target ?? '',
    course: state.course,
    status: 'PENDING',
    ...{ statusReason: undefined, rollbackReason: undefined, hook: undefined, finishedAt: undefined },
  };
  service.deployments.unshift(deployment);
  service.taskDefinition = taskDefinition;
  return deployment;
}

const updateService: Operation = (input, state, now) => {
  const service = serviceOf(input, state);
  if (service.status !== 'ACTIVE') throw new Refusal('ServiceNotActiveException', 'Service was not ACTIVE.');
  if (input['taskDefinition'] === undefined) return { service: serviceJson(service, state) };
  if (service.controller === 'CODE_DEPLOY')
    throw new Refusal(
      'InvalidParameterException',
      'Unable to update task definition on services with a CODE_DEPLOY deployment controller.',
    );
  const { arn } = definitionOf(input['taskDefinition'], state);
  // What it has already begins nothing, unless forceNewDeployment is asked for.
  if (arn !== service.taskDefinition) begin(service, arn, state, now);
  return { service: serviceJson(service, state) };
};

const deploymentJson = ({ service, deployment }: ReturnType<typeof deploymentOf>): Json => ({
  serviceDeploymentArn: deployment.arn,
  serviceArn: service.arn,
  clusterArn: arnOf('cluster', service.cluster),
  createdAt: deployment.createdAt / 1000,
  status: deployment.status,
  targetServiceRevision: {
    arn: deployment.target,
    requestedTaskCount: 2,
    runningTaskCount: 1,
    pendingTaskCount: 0,
  },
  ...(deployment.statusReason !== undefined && { statusReason: deployment.statusReason }),
  ...(deployment.finishedAt !== undefined && { finishedAt: deployment.finishedAt / 1000 }),
  ...(deployment.rollbackReason !== undefined && {
    rollback: { reason: deployment.rollbackReason, serviceRevisionArn: deployment.source },
  }),
  ...(deployment.hook !== undefined && {
    lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
    lifecycleHookDetails: [
      {
        hookId: deployment.hook.id,
        targetType: 'PAUSE',
        status: deployment.hook.status,
        expiresAt: deployment.createdAt / 1000 + 86_400,
        timeoutAction: 'ROLLBACK',
      },
    ],
  }),
});

const listServiceDeployments: Operation = (input, state) => {
  const listed = serviceOf(input, state).deployments.slice(state.unlisted > 0 ? 1 : 0);
  if (state.unlisted > 0) state.unlisted -= 1;
  return {
    serviceDeployments: listed.map(({ arn, status, target, createdAt }) => ({
      serviceDeploymentArn: arn,
      status,
      targetServiceRevisionArn: target,
      createdAt: createdAt / 1000,
    })),
  };
};

const describeServiceDeployments: Operation = (input, state) => {
  const arns = input['serviceDeploymentArns'] as readonly string[];
  if (arns.length === 0 || arns.length > 20) throw new Refusal('InvalidParameterException', 'from 1 to 20');
  return {
    serviceDeployments: arns.map((arn) => deploymentJson(deploymentOf({ serviceDeploymentArn: arn }, state))),
    failures: [],
  };
};

const describeServiceRevisions: Operation = (input, state) => {
  const arns = input['serviceRevisionArns'] as readonly string[];
  if (!arns.every((arn) => arn.startsWith('arn:')))
    throw new Refusal('InvalidParameterException', 'Invalid service revision ARN');
  return {
    serviceRevisions: arns.flatMap((arn) => {
      const revision = state.revisions.get(arn);
      if (revision === undefined) return [];
      const containerImages = revision.images.map(({ containerName, image }) => ({
        ...{ containerName, image },
        imageDigest: image.split('@')[1] ?? state.digests.get(image) ?? `sha256:${'e'.repeat(64)}`,
      }));
      return [{ serviceRevisionArn: arn, taskDefinition: revision.taskDefinition, containerImages }];
    }),
    failures: [],
  };
};

const stopServiceDeployment: Operation = (input, state) => {
  const { deployment } = deploymentOf(input, state);
  if (TERMINAL.has(deployment.status) || deployment.status.startsWith('ROLLBACK'))
    throw new Refusal('ConflictException', 'The service deployment cannot be stopped.');
  const isAbort = input['stopType'] === 'ABORT';
  deployment.status = isAbort ? 'STOP_REQUESTED' : 'ROLLBACK_REQUESTED';
  deployment.statusReason = 'A stop was requested.';
  if (deployment.course !== 'fails to roll back') deployment.course = 'rolls back';
  return { serviceDeploymentArn: deployment.arn };
};

const continueServiceDeployment: Operation = (input, state) => {
  const { deployment } = deploymentOf(input, state);
  if (deployment.hook?.id !== input['hookId'] || deployment.hook?.status !== 'AWAITING_ACTION')
    throw new Refusal('InvalidParameterException', 'The hook is not waiting for an action.');
  const isOn = (input['action'] ?? 'CONTINUE') === 'CONTINUE';
  deployment.hook.status = isOn ? 'SUCCEEDED' : 'FAILED';
  if (!isOn) {
    deployment.status = 'ROLLBACK_REQUESTED';
    deployment.rollbackReason = 'A lifecycle hook was rolled back.';
    deployment.course = 'rolls back';
  }
  return { serviceDeploymentArn: deployment.arn };
};

export const ECS_OPERATIONS: Readonly<Record<string, Operation>> = {
  DescribeServices: describeServices,
  DescribeTaskDefinition: describeTaskDefinition,
  RegisterTaskDefinition: registerTaskDefinition,
  UpdateService: updateService,
  ListServiceDeployments: listServiceDeployments,
  DescribeServiceDeployments: describeServiceDeployments,
  DescribeServiceRevisions: describeServiceRevisions,
  StopServiceDeployment: stopServiceDeployment,
  ContinueServiceDeployment: continueServiceDeployment,
};
