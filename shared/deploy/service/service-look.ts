import type { CallOptions } from '../../kernel/call-options.ts';
import type { ServicePorts, ServiceRun } from './service-step.ts';
import type { ServiceDeployment, ServiceRevision } from './service-target.ts';
import type { ServiceImages } from './task-definition.ts';

/** What a look at a service finds. Messages are for people, with what to do where there is something. */
export type ServiceVerdict =
  | { readonly state: 'running'; readonly message: string }
  /** A PAUSE hook of the service waits for somebody. */
  | {
      readonly state: 'waiting';
      readonly message: string;
      readonly pause: { readonly deployment: string; readonly hookId: string };
    }
  | { readonly state: 'succeeded'; readonly message: string }
  | { readonly state: 'superseded'; readonly message: string }
  /** The service runs what it ran before. */
  | { readonly state: 'rolled back'; readonly message: string; readonly hint: string }
  | { readonly state: 'failed'; readonly message: string; readonly hint: string };

interface SeenDeployment {
  readonly deployment: ServiceDeployment;
  /** Of its target; undefined where ECS does not tell. */
  readonly revision: ServiceRevision | undefined;
  /** Another one was begun after it, to another task definition. */
  readonly isNewest: boolean;
}

const because = (reason: string): string => (reason === '' ? '' : `: ${reason.slice(0, 500)}`);

const LOOK_AT_TASKS = 'See why its tasks stop: aws ecs describe-tasks, and the log of its containers.';

/** Digest and name of a container that runs another image than was asked for. */
function otherImage(images: ServiceImages, { digests }: ServiceRevision): string | undefined {
  return Object.entries(images)
    .filter(([container, image]) => {
      const digest = digests[container];
      return digest !== undefined && digest !== image.slice(image.indexOf('@') + 1);
    })
    .map(([container]) => `${container} has ${digests[container]}`)
    .at(0);
}

function judgeEnded(seen: SeenDeployment, images: ServiceImages): ServiceVerdict {
  const { revision } = seen;
  const other = revision && otherImage(images, revision);
  if (other !== undefined)
    return {
      state: 'failed',
      message: `the deployment succeeded with another image: ${other}`,
      hint: 'Run the deploy again; see who else changes the task definition.',
    };
  return { state: 'succeeded', message: 'the service runs it' };
}

/** Pauses are asked about by people; all else goes on by itself. */
function judgeUnderWay({ arn, status, reason, stage, pause }: ServiceDeployment): ServiceVerdict {
  if (pause === undefined) {
    const at = stage === undefined ? status : `${status}, ${stage}`;
    return { state: 'running', message: `the deployment is ${at}${because(reason)}` };
  }
  const until = pause.expiresAt === undefined ? '' : `, until ${new Date(pause.expiresAt).toISOString()}`;
  return {
    state: 'waiting',
    message: `a hook of the service waits for approval at ${stage ?? status}${until}`,
    pause: { deployment: arn, hookId: pause.hookId },
  };
}

/**
 * What a deployment has come to. A service that is stable after a rollback is a deploy that failed.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
 */
function judgeDeployment(seen: SeenDeployment, images: ServiceImages): ServiceVerdict {
  const { deployment, isNewest } = seen;
  const { status, reason } = deployment;
  switch (status) {
    case 'PENDING':
    case 'IN_PROGRESS':
      return judgeUnderWay(deployment);
    case 'SUCCESSFUL':
      return judgeEnded(seen, images);
    case 'STOP_REQUESTED':
    case 'STOPPED':
      if (!isNewest) return { state: 'superseded', message: 'a newer deployment of the service took over' };
      return {
        state: 'failed',
        message: `somebody stopped the deployment${because(reason)}`,
        hint: 'Run the deploy again once it may go on.',
      };
    case 'ROLLBACK_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS':
      return { state: 'running', message: `ECS goes back to what ran before${because(reason)}` };
    case 'ROLLBACK_SUCCESSFUL':
      return {
        state: 'rolled back',
        message: `ECS went back to what ran before${because(reason)}`,
        hint: LOOK_AT_TASKS,
      };
    case 'ROLLBACK_FAILED':
      return {
        state: 'failed',
        message: `ECS could not go back to what ran before${because(reason)}`,
        hint: `The service may run neither. ${LOOK_AT_TASKS}`,
      };
    default:
      // A status of later: an hour of looks is better than a deploy that is called failed while it runs.
      return { state: 'running', message: `the deployment is ${status}${because(reason)}` };
  }
}

/**
 * The deployment that brings our task definition: ECS may list it a while after it was begun. An earlier one may have
 * brought the same, and failed.
 */
async function findOurs(
  { taskDefinition, after }: ServiceRun,
  { deployments }: ServicePorts,
  options: CallOptions,
): Promise<SeenDeployment | undefined> {
  const newest = await deployments.newest(options);
  for (const [at, deployment] of newest.entries()) {
    if (deployment.arn === after) return undefined;
    const revision = await deployments.revision(deployment.target, options);
    if (revision?.taskDefinition === taskDefinition) return { deployment, revision, isNewest: at === 0 };
  }
  return undefined;
}

/** @throws LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE */
export async function lookAtService(
  run: ServiceRun,
  images: ServiceImages,
  ports: ServicePorts,
  options: CallOptions,
): Promise<ServiceVerdict> {
  const ours = await findOurs(run, ports, options);
  if (ours !== undefined) return judgeDeployment(ours, images);
  const view = await ports.target.service(options);
  if (view?.status !== 'ACTIVE')
    return {
      state: 'failed',
      message: `service ${ports.target.place} is not there any more`,
      hint: 'Create it again, or remove the deploy.',
    };
  if (view.taskDefinition !== run.taskDefinition)
    return { state: 'superseded', message: 'the service is at another task definition' };
  return { state: 'running', message: 'ECS does not list the deployment yet' };
}

/** A person's answer to a pause. False: it does not wait any more. */
export const answerPause = (
  { deployment, hookId }: { readonly deployment: string; readonly hookId: string },
  isApproved: boolean,
  { deployments }: Pick<ServicePorts, 'deployments'>,
  options: CallOptions,
): Promise<boolean> =>
  deployments.answer({ deployment, hookId, action: isApproved ? 'CONTINUE' : 'ROLLBACK' }, options);
