import * as z from 'zod/mini';
import { defineDeploy } from '../kit/define-deploy.ts';
import type { DeployContext, RemoveContext } from '../kit/deploy-context.ts';
import { deployFailed } from '../kit/failures.ts';
import type { StepResult } from '../kit/step-result.ts';
import { answerPause, lookAtService, type ServiceVerdict } from './service-look.ts';
import { SERVICE_EVENTS, servicePermissions, serviceWakes } from './service-permissions.ts';
import { type ServiceSettings, serviceSettings } from './service-settings.ts';
import { planService, type ServicePorts, startService, undoService } from './service-step.ts';
import type { ServiceImages } from './task-definition.ts';

type Context = DeployContext<ServiceSettings>;

const serviceProgress = z.object({
  taskDefinition: z.string(),
  before: z.string(),
  after: z._default(z.string(), ''),
  /** The pause of which somebody was asked. */
  hook: z._default(z.nullable(z.string()), null),
  /** It goes back, by a deployment of its own. */
  isBack: z._default(z.boolean(), false),
});

type ServiceProgress = z.infer<typeof serviceProgress>;
type ServiceStepResult = StepResult<ServiceProgress, null>;

/** ECS tells of how a deployment goes on; what it does not tell of is looked at twice a minute. */
const LOOK_MS = 30_000;
/** A person takes longer, and the answer has it look at once. */
const ASKED_LOOK_MS = 5 * 60_000;

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

const running = (progress: ServiceProgress, message: string): ServiceStepResult => ({
  state: 'running',
  progress,
  message,
  lookAgainMs: LOOK_MS,
});

/** Asks a person of a pause; the answer to this one, and no other, is handed on. */
async function answered(
  context: Context,
  progress: ServiceProgress,
  { pause, message }: Extract<ServiceVerdict, { readonly state: 'waiting' }>,
  ports: ServicePorts,
): Promise<ServiceStepResult> {
  const { answer, log } = context;
  if (answer !== null && progress.hook === pause.hookId) {
    const { decision, by, reason } = answer;
    const isOpen = await answerPause(pause, decision === 'approved', ports, context);
    log(`${by} ${decision} the pause${reason === null ? '' : `: ${reason}`}`);
    return running(
      { ...progress, hook: null },
      isOpen ? `${by} ${decision} the pause` : 'the pause has ended by itself',
    );
  }
  return {
    state: 'running',
    progress: { ...progress, hook: pause.hookId },
    message,
    lookAgainMs: ASKED_LOOK_MS,
    waitsFor: 'a person: landfall approve or reject',
    asks: true,
  };
}

async function look(context: Context, progress: ServiceProgress): Promise<ServiceStepResult> {
  const ports = await portsOf(context);
  const { isBack } = progress;
  // What it goes back to has images of its own.
  const verdict = await lookAtService(progress, isBack ? {} : imagesOf(context), ports, context);
  const { state, message } = verdict;
  if (state === 'waiting') return answered(context, progress, verdict, ports);
  if (state === 'running') return running(progress, message);
  if (state === 'succeeded')
    return { state: 'succeeded', message: isBack ? 'the service runs what it ran before' : message };
  if (state === 'superseded')
    throw deployFailed(message, { hint: 'Run the deploy again where its revision should win.' });
  const error = deployFailed(message, { hint: verdict.hint });
  if (state === 'failed') throw error;
  return { state: 'rolledBack', error };
}

async function undo(context: Context, run: ServiceProgress | null): Promise<ServiceStepResult> {
  const undone = run && (await undoService(run, await portsOf(context), context));
  if (run === null || undone === null)
    return { state: 'succeeded', message: 'there is nothing to go back to' };
  return running({ ...run, ...undone, hook: null }, 'ECS goes back to what ran before');
}

/** Rolls a service of ECS to an image by its digest. */
export const serviceDeploy = defineDeploy<ServiceSettings, ServiceProgress>({
  kind: 'service',
  settings: serviceSettings,
  progress: serviceProgress,
  permissions: servicePermissions,
  events: SERVICE_EVENTS,
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
    const wish = { deploy: context.deploy.name, images: imagesOf(context) };
    const run = await startService(wish, await portsOf(context), context);
    if (run === undefined) return { state: 'succeeded', message: 'the images are these already' };
    return running({ ...run, hook: null, isBack: false }, 'the deployment is begun');
  },
  look,
  undo,
});
