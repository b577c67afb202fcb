import { LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { ServiceDeployments, ServiceTarget, ServiceView } from './service-target.ts';
import {
  type ImageChange,
  imageChanges,
  isSameDefinition,
  nextTaskDefinition,
  type ServiceImages,
} from './task-definition.ts';

/** What is under way at a service, as a ledger keeps it. */
export interface ServiceRun {
  /** ARN of the task definition that is to run. */
  readonly taskDefinition: string;
  /** The one that ran before: where undo goes. */
  readonly before: string;
  /** ARN of the deployment that was the newest when ours was begun: what is older is none of it. Empty: there was none. */
  readonly after: string;
}

export interface ServicePorts {
  readonly target: ServiceTarget;
  readonly deployments: ServiceDeployments;
}

export interface ServiceWish {
  /** Of the deploy, for messages. */
  readonly deploy: string;
  readonly images: ServiceImages;
}

export interface ServicePlan {
  /** None: nothing is registered and nothing is begun. */
  readonly changes: readonly ImageChange[];
  readonly before: string;
}

const failed = (deploy: string, why: string, hint: string): LandfallError =>
  new LandfallError('DEPLOY_FAILED', `deploy ${deploy}: ${why}`, { hint });

/** What a deploy cannot do anything with. */
function checkService(view: ServiceView | undefined, deploy: string, place: string): ServiceView {
  if (view === undefined || view.status === 'INACTIVE')
    throw failed(deploy, `there is no service ${place}`, 'Create the service first: a deploy only rolls it.');
  if (view.status !== 'ACTIVE')
    throw failed(
      deploy,
      `service ${place} is ${view.status}`,
      'Somebody deletes it: remove the deploy, too.',
    );
  if (view.controller !== 'ECS')
    throw failed(
      deploy,
      `service ${place} has the deployment controller ${view.controller}, and only ECS is supported`,
      'Change deploymentController to ECS; blue/green, linear and canary are strategies of it.',
    );
  return view;
}

/** @throws LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE */
export async function planService(
  { deploy, images }: ServiceWish,
  { target }: Pick<ServicePorts, 'target'>,
  options: CallOptions,
): Promise<ServicePlan> {
  const view = checkService(await target.service(options), deploy, target.place);
  const described = await target.taskDefinition(view.taskDefinition, options);
  return { changes: imageChanges(described, images, deploy), before: view.taskDefinition };
}

/**
 * Registers a revision of the service's own task definition and begins to roll to it. Undefined: its images are these
 * already. A try that was cut off anywhere is taken up where it was: what it registered is used, what it began is found.
 * @throws LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE
 */
export async function startService(
  { deploy, images }: ServiceWish,
  { target, deployments }: ServicePorts,
  options: CallOptions,
): Promise<ServiceRun | undefined> {
  const view = checkService(await target.service(options), deploy, target.place);
  const before = view.taskDefinition;
  const described = await target.taskDefinition(before, options);
  if (imageChanges(described, images, deploy).length === 0)
    return beganBefore(before, { target, deployments }, options);
  const next = nextTaskDefinition(described, images);
  const newest = await target.taskDefinition(String(next['family']), options);
  const taskDefinition = isSameDefinition(newest, next)
    ? String(newest.definition['taskDefinitionArn'])
    : await target.register(next, options);
  const [last] = await deployments.newest(options);
  await target.update(taskDefinition, options);
  return { taskDefinition, before, after: last?.arn ?? '' };
}

const UNDER_WAY: ReadonlySet<string> = new Set(['PENDING', 'IN_PROGRESS']);

/** The service has these images: either they run, or a try that wrote nothing down has begun to roll to them. */
async function beganBefore(
  taskDefinition: string,
  { deployments }: ServicePorts,
  options: CallOptions,
): Promise<ServiceRun | undefined> {
  const [last, ...earlier] = await deployments.newest(options);
  if (last === undefined || !UNDER_WAY.has(last.status)) return undefined;
  const good = earlier.find(({ status }) => status === 'SUCCESSFUL');
  const revision = good && (await deployments.revision(good.target, options));
  return {
    taskDefinition,
    before: revision?.taskDefinition ?? taskDefinition,
    after: earlier[0]?.arn ?? '',
  };
}

/** What a look is about while a service goes back: the deployment that was stopped, or one of its own. */
export type ServiceUndo = { readonly isBack: false } | (ServiceRun & { readonly isBack: true });

/**
 * Goes back to what ran before: what is under way is stopped with a rollback, what has ended is followed by a deployment
 * of its own. Null: there is nothing to go back to, or somebody else has deployed since.
 */
export async function undoService(
  { taskDefinition, before }: ServiceRun,
  { target, deployments }: ServicePorts,
  options: CallOptions,
): Promise<ServiceUndo | null> {
  const [last] = await deployments.newest(options);
  const revision = last && (await deployments.revision(last.target, options));
  if (last === undefined || revision?.taskDefinition !== taskDefinition) return null;
  if (UNDER_WAY.has(last.status) && (await deployments.rollBack(last.arn, options))) return { isBack: false };
  if (before === taskDefinition) return null;
  if ((await target.service(options))?.taskDefinition === before) return { isBack: false };
  await target.update(before, options);
  return { taskDefinition: before, before, after: last.arn, isBack: true };
}
