import type { EcsServer } from '../../../aws-stand-ins/ecs/ecs-server.ts';
import { serviceDeploy } from '../../../shared/deploy/service/service-deploy.ts';
import { serviceSettings } from '../../../shared/deploy/service/service-settings.ts';
import type { KindSubject, OpenKind } from '../../conformance/deploy-kind.ts';
import { accessAt } from '../../support/aws-access.ts';
import { gatedAws } from '../../support/gated-kind.ts';
import { ecsServerFor } from '../../support/stand-ins.ts';
import { DEFINITION } from '../service/service-world.ts';

const OPERATIONS = ['DescribeServices', 'DescribeTaskDefinition', 'RegisterTaskDefinition', 'UpdateService'];

const imageIn = (definition: unknown): string => {
  const { containerDefinitions } = definition as { containerDefinitions: { name: string; image: string }[] };
  return containerDefinitions.find(({ name }) => name === 'api')?.image ?? '';
};

interface ServiceSubject extends KindSubject {
  readonly ecs: EcsServer;
}

/** A service that runs an image of before. */
export const openService: OpenKind<ServiceSubject> = async (t, { clock }) => {
  const ecs = await ecsServerFor(t);
  const service = ecs.serve({ cluster: 'prod', name: 'api', definition: DEFINITION });
  return {
    ecs,
    kindFor: () => serviceDeploy,
    aws: (gate, signal) => gatedAws(accessAt(ecs.url, clock, { signal }), gate),
    settings: serviceSettings.parse({ cluster: 'prod', service: 'api', containers: ['api'] }),
    files: (generation) => ({ 'a.txt': String(generation) }),
    current: () => imageIn(ecs.state.taskDefinitions.get(service.taskDefinition)?.definition),
    wanted: ({ digest }) => `r.example/site@${digest}`,
    taken: () => service.deployments.length + ecs.state.taskDefinitions.size,
    silence: () => {
      for (const operation of OPERATIONS) ecs.fault({ operation, times: 99, kind: 'stall' });
    },
    advance: () => ecs.advance(),
  };
};
