import type { TestContext } from 'node:test';
import type { EcsServer } from '../../../aws-stand-ins/ecs/ecs-server.ts';
import type { FakeService } from '../../../aws-stand-ins/ecs/ecs-state.ts';
import { openEcsService } from '../../../shared/deploy/service/ecs-client.ts';
import { lookAtService, type ServiceVerdict } from '../../../shared/deploy/service/service-look.ts';
import {
  type ServicePorts,
  type ServiceRun,
  startService,
} from '../../../shared/deploy/service/service-step.ts';
import { SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { ecsServerFor } from '../../support/servers/stand-ins.ts';

export const imageOf = (digit: string): string => `registry.example/web/api@sha256:${digit.repeat(64)}`;

/** Shaped after DescribeTaskDefinition's example, with keys that RegisterTaskDefinition does not take added by the stand-in. */
export const DEFINITION = {
  family: 'api',
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  requiresCompatibilities: ['FARGATE'],
  executionRoleArn: 'arn:aws:iam::123456789012:role/execution',
  containerDefinitions: [
    {
      name: 'api',
      image: imageOf('a'),
      essential: true,
      portMappings: [{ containerPort: 8080, protocol: 'tcp' }],
      environment: [{ name: 'TZ', value: 'UTC' }],
    },
    { name: 'sidecar', image: 'public.ecr.aws/proxy/envoy:v1', essential: false },
  ],
};

export interface ServiceWorld {
  readonly ecs: EcsServer;
  readonly service: FakeService;
  readonly ports: ServicePorts;
  start(digit: string): Promise<ServiceRun | undefined>;
  look(run: ServiceRun, digit: string): Promise<ServiceVerdict>;
}

export const serviceWish = (digit: string) => ({ deploy: 'api', images: { api: imageOf(digit) } });

export const portsWith = ({ url }: Pick<EcsServer, 'url'>, signal?: AbortSignal): ServicePorts =>
  openEcsService(
    { cluster: 'prod', service: 'api' },
    accessAt(url, new SleepingClock(), signal === undefined ? {} : { signal }),
  );

/** A service that runs image `a`. */
export async function serviceWorld(t: TestContext): Promise<ServiceWorld> {
  const ecs = await ecsServerFor(t);
  const tags = [{ key: 'team', value: 'web' }];
  const service = ecs.serve({ cluster: 'prod', name: 'api', definition: DEFINITION, tags });
  const ports = portsWith(ecs);
  return {
    ...{ ecs, service, ports },
    start: (digit) => startService(serviceWish(digit), ports, {}),
    look: (run, digit) => lookAtService(run, serviceWish(digit).images, ports, {}),
  };
}

/** For tests in which it has to have begun. */
export async function begun(world: ServiceWorld, digit: string): Promise<ServiceRun> {
  const run = await world.start(digit);
  if (run === undefined) throw new Error('nothing was begun');
  return run;
}
