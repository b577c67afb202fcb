import { createHash } from 'node:crypto';

const ECS_REGION = 'eu-central-1';
const ACCOUNT = '123456789012';

export type Json = Readonly<Record<string, unknown>>;

/** How the next deployment of a service goes on from IN_PROGRESS. */
export type Course =
  /** It becomes stable. */
  | 'succeeds'
  /** Tasks start and stop, and no circuit breaker is configured. */
  | 'never'
  /** The circuit breaker rolls it back: the service is stable again, on what ran before. */
  | 'rolls back'
  /** Neither the new revision nor the one before runs. */
  | 'fails to roll back'
  /** A PAUSE hook waits for ContinueServiceDeployment. */
  | 'pauses';

export interface FakeDeployment {
  readonly arn: string;
  readonly createdAt: number;
  readonly target: string;
  readonly source: string;
  course: Course;
  status: string;
  statusReason: string | undefined;
  rollbackReason: string | undefined;
  hook: { readonly id: string; status: string } | undefined;
  finishedAt: number | undefined;
}

export interface FakeService {
  readonly name: string;
  readonly cluster: string;
  readonly arn: string;
  status: string;
  controller: string;
  strategy: string;
  taskDefinition: string;
  /** Newest first. */
  deployments: FakeDeployment[];
}

interface FakeRevision {
  readonly taskDefinition: string;
  readonly images: readonly { readonly containerName: string; readonly image: string }[];
}

/** What ECS holds; tests look at it and change it. */
export interface EcsState {
  readonly services: Map<string, FakeService>;
  /** By ARN; tags beside. */
  readonly taskDefinitions: Map<string, { readonly definition: Json; readonly tags: readonly Json[] }>;
  /** Service revisions by ARN. */
  readonly revisions: Map<string, FakeRevision>;
  /** Of deployments that are begun from now on. */
  course: Course;
  /** How many answers still name the deployment before the one that was begun. */
  lag: number;
  /** How many lists leave out the newest deployment. */
  unlisted: number;
  /** Registries answer tags with these: `image` to digest. */
  readonly digests: Map<string, string>;
}

export const arnOf = (kind: string, ...parts: readonly string[]): string =>
  `arn:aws:ecs:${ECS_REGION}:${ACCOUNT}:${kind}/${parts.join('/')}`;

/** ECS's ids of deployments and revisions have 21 characters. */
export const idOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 21);

export const createEcsState = (): EcsState => ({
  services: new Map(),
  taskDefinitions: new Map(),
  revisions: new Map(),
  course: 'succeeds',
  lag: 0,
  unlisted: 0,
  digests: new Map(),
});

/** Runs until ContinueServiceDeployment, another deployment or StopServiceDeployment. */
export const TERMINAL: ReadonlySet<string> = new Set([
  ...['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'],
]);

const BREAKER = 'Service deployment rolled back because the circuit breaker threshold was exceeded.';

function finish(deployment: FakeDeployment, status: string, at: number): void {
  deployment.status = status;
  deployment.finishedAt = at;
}

function rollBack(service: FakeService, deployment: FakeDeployment, state: EcsState, at: number): void {
  if (deployment.course === 'fails to roll back') {
    deployment.statusReason = 'The service revision to roll back to could not be started.';
    finish(deployment, 'ROLLBACK_FAILED', at);
    return;
  }
  service.taskDefinition = state.revisions.get(deployment.source)?.taskDefinition ?? service.taskDefinition;
  finish(deployment, 'ROLLBACK_SUCCESSFUL', at);
}

function goOn(deployment: FakeDeployment, at: number): void {
  const { course, hook } = deployment;
  const isDone = course === 'succeeds' || (course === 'pauses' && hook?.status === 'SUCCEEDED');
  if (isDone) finish(deployment, 'SUCCESSFUL', at);
  if (course !== 'rolls back' && course !== 'fails to roll back') return;
  deployment.status = 'ROLLBACK_IN_PROGRESS';
  deployment.rollbackReason = BREAKER;
  deployment.statusReason = BREAKER;
}

function advanceOne(service: FakeService, deployment: FakeDeployment, state: EcsState, at: number): void {
  const { status, course } = deployment;
  if (status === 'PENDING') deployment.status = 'IN_PROGRESS';
  if (status === 'PENDING' && course === 'pauses')
    deployment.hook = { id: idOf(deployment.arn), status: 'AWAITING_ACTION' };
  if (status === 'STOP_REQUESTED') finish(deployment, 'STOPPED', at);
  if (status === 'ROLLBACK_REQUESTED') deployment.status = 'ROLLBACK_IN_PROGRESS';
  if (status === 'ROLLBACK_IN_PROGRESS') rollBack(service, deployment, state, at);
  if (status === 'IN_PROGRESS') goOn(deployment, at);
}

/** One step of every deployment, as time would bring it. */
export function advanceAll(state: EcsState, at: number): void {
  for (const service of state.services.values())
    for (const deployment of service.deployments) advanceOne(service, deployment, state, at);
}
