import type { TestContext } from 'node:test';
import type { EcsServer } from '../../../aws-stand-ins/ecs/ecs-server.ts';
import type { AwsAccess } from '../../../shared/deploy/kit/aws-access.ts';
import type { DeployAnswer, DeployContext } from '../../../shared/deploy/kit/deploy-context.ts';
import { serviceDeploy } from '../../../shared/deploy/service/service-deploy.ts';
import { type ServiceSettings, serviceSettings } from '../../../shared/deploy/service/service-settings.ts';
import { SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { accessAt, type Kill } from '../../support/deploys/aws-access.ts';
import { driveKind } from '../../support/deploys/drive-kind.ts';
import { kindContext } from '../../support/deploys/kind-context.ts';
import { ecsServerFor } from '../../support/servers/stand-ins.ts';
import { DEFINITION } from './service-world.ts';

export const RUN_IMAGE = 'registry.example/web/api';

export interface ServiceVisitOptions {
  readonly run?: number;
  readonly answer?: DeployAnswer | null;
  readonly document?: object;
  readonly aws?: AwsAccess;
  readonly log?: string[];
}

/** The kind over a service that runs, as the engine visits it. */
export async function serviceKindWorld(t: TestContext, url?: string) {
  const ecs: EcsServer = await ecsServerFor(t);
  const service = ecs.serve({ cluster: 'prod', name: 'api', definition: DEFINITION });
  const clock = new SleepingClock();
  const at = url ?? ecs.url;
  const contextOf = ({
    run = 1,
    answer = null,
    document = {},
    aws = accessAt(at, clock),
    log = [],
  }: ServiceVisitOptions = {}): DeployContext<ServiceSettings> =>
    kindContext<ServiceSettings, null>({
      ...{ kind: 'service', files: {}, aws, clock, run, log, answer },
      settings: serviceSettings.parse({
        ...{ cluster: 'prod', service: 'api', containers: ['api'], repository: RUN_IMAGE },
        ...document,
      }),
    });
  return {
    ...{ ecs, service, clock, contextOf },
    /** Time passes at ECS between two visits. */
    deploy: (options: ServiceVisitOptions & { readonly kill?: Kill } = {}) =>
      driveKind({
        ...{ kind: serviceDeploy, url: at, clock, kill: options.kill },
        contextOf: (aws) => contextOf({ ...options, aws }),
        onRunning: () => ecs.advance(),
      }),
  };
}
