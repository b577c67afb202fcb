import { registerTaskDefinition } from '../../../aws-stand-ins/ecs/ecs-operations.ts';
import type { EcsServer } from '../../../aws-stand-ins/ecs/ecs-server.ts';
import { serviceDeploy } from '../../../shared/deploy/service/service-deploy.ts';
import { serviceSettings } from '../../../shared/deploy/service/service-settings.ts';
import type { ContestedSubject } from '../../conformance/contested-kind.ts';
import type { OpenKind } from '../../conformance/deploy-kind.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { gatedAws } from '../../support/deploys/gated-kind.ts';
import { ecsServerFor } from '../../support/servers/stand-ins.ts';
import { DEFINITION } from '../service/service-world.ts';

const OPERATIONS = ['DescribeServices', 'DescribeTaskDefinition', 'RegisterTaskDefinition', 'UpdateService'];

const imageIn = (definition: unknown): string => {
  const { containerDefinitions } = definition as { containerDefinitions: { name: string; image: string }[] };
  return containerDefinitions.find(({ name }) => name === 'api')?.image ?? '';
};

const THEIRS = `r.example/site@sha256:${'e'.repeat(64)}`;

interface ServiceSubject extends ContestedSubject {
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
    others: {
      shows: THEIRS,
      act: () => {
        const { containerDefinitions, ...rest } = DEFINITION;
        const theirs = containerDefinitions.map((each) =>
          each.name === 'api' ? { ...each, image: THEIRS } : each,
        );
        const made = registerTaskDefinition({ ...rest, containerDefinitions: theirs }, ecs.state, Date.now());
        ecs.roll(
          service,
          String((made['taskDefinition'] as { taskDefinitionArn: string }).taskDefinitionArn),
        );
      },
    },
    silence: () => {
      for (const operation of OPERATIONS) ecs.fault({ operation, times: 99, kind: 'stall' });
    },
    advance: () => ecs.advance(),
  };
};
