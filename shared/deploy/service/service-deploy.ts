import * as z from 'zod/mini';
import { defineDeploy } from '../kit/define-deploy.ts';
import type { DeployContext, RemoveContext } from '../kit/deploy-context.ts';
import { deployFailed } from '../kit/failures.ts';
import type { StepResult } from '../kit/step-result.ts';
import { lookAtService, type ServiceVerdict } from './service-look.ts';
import { servicePermissions, serviceWakes } from './service-permissions.ts';
import { type ServiceSettings, serviceSettings } from './service-settings.ts';
import {
  planService,
  type ServicePorts,
  type ServiceRun,
  startService,
  undoService,
} from './service-step.ts';
import type { ServiceImages } from './task-definition.ts';

type Context = DeployContext<ServiceSettings>;

const progress = z.object({ taskDefinition: z.string(), before: z.string() });

const LOOK_MS = 15_000;

function imagesOf({ settings: { containers, repository }, event, revision }: Context): ServiceImages {
  const from = repository ?? event.detail.url.replace(/^oci:\/\//, '');
  return Object.fromEntries(containers.map((container) => [container, `${from}@${revision.digest}`]));
}

async function portsOf({
  settings: place,
  aws,
}: Pick<RemoveContext<ServiceSettings>, 'settings' | 'aws'>): Promise<ServicePorts> {
  const { openEcsService } = await import('./ecs-client.ts');
  return openEcsService(place, aws);
}

const running = (
  run: ServiceRun,
  message: string,
): StepResult<ServiceRun & Record<string, string>, null> => ({
  state: 'running',
  progress: { ...run },
  message,
  lookAgainMs: LOOK_MS,
});

function resultOf(
  verdict: ServiceVerdict,
  run: ServiceRun,
): StepResult<ServiceRun & Record<string, string>, null> {
  const { state, message } = verdict;
  if (state === 'running') return running(run, message);
  if (state === 'waiting')
    return {
      state: 'running',
      progress: { ...run },
      message,
      lookAgainMs: LOOK_MS,
      waitsFor: 'a person, to confirm the pause of the service',
    };
  if (state === 'succeeded') return { state: 'succeeded', message };
  if (state === 'superseded')
    throw deployFailed(message, { hint: 'Run the deploy again where its revision should win.' });
  const error = deployFailed(message, { hint: verdict.hint });
  if (state === 'failed') throw error;
  return { state: 'rolledBack', error };
}

/** Rolls a service of ECS to an image by its digest. */
export const serviceDeploy = defineDeploy<ServiceSettings, ServiceRun & Record<string, string>>({
  kind: 'service',
  settings: serviceSettings,
  progress,
  permissions: servicePermissions,
  wakes: serviceWakes,
  plan: async (context) => {
    const wish = { deploy: context.deploy.name, images: imagesOf(context) };
    const { changes } = await planService(wish, await portsOf(context), context);
    return {
      changes: changes.map(({ container, before, after }) => ({
        action: 'update',
        what: `container ${container}`,
        why: `${before} → ${after}`,
      })),
      summary: changes.length === 0 ? 'the images are these already' : `${changes.length} to update`,
    };
  },
  step: async (context) => {
    const run = await startService(
      { deploy: context.deploy.name, images: imagesOf(context) },
      await portsOf(context),
      context,
    );
    if (run === undefined) return { state: 'succeeded', message: 'the images are these already' };
    return running(run, 'the deployment is begun');
  },
  look: async (context, run) =>
    resultOf(await lookAtService(run, imagesOf(context), await portsOf(context), context), run),
  undo: async (context, run) => {
    if (run === null || !(await undoService(run, await portsOf(context), context)))
      return { state: 'succeeded', message: 'there is nothing to go back to' };
    return { state: 'succeeded', message: 'ECS goes back to what ran before' };
  },
});
