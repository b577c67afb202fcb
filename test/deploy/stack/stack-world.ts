import type { TestContext } from 'node:test';
import type { CloudFormationServer } from '../../../aws-stand-ins/cloudformation/cloudformation-server.ts';
import type { ArtifactLocation } from '../../../shared/deploy/kit/deploy-context.ts';
import { stackDeploy } from '../../../shared/deploy/stack/stack-deploy.ts';
import type { StackResult } from '../../../shared/deploy/stack/stack-progress.ts';
import { type StackSettings, stackSettings } from '../../../shared/deploy/stack/stack-settings.ts';
import type { StackContext } from '../../../shared/deploy/stack/stack-visit.ts';
import { SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { type Drive, type Driven, driveKind } from '../../support/deploys/drive-kind.ts';
import { kindContext } from '../../support/deploys/kind-context.ts';
import { cloudFormationFor } from '../../support/servers/stand-ins.ts';

const ROLE = 'arn:aws:iam::123456789012:role/network';

export const settingsOf = (changes: object = {}): StackSettings =>
  stackSettings.parse({ stack: 'network', template: 'template.json', executionRole: ROLE, ...changes });

export const templateOf = (resources: object, rest: object = {}): string =>
  JSON.stringify({ ...rest, Resources: resources });

export const TOPIC = { Topic: { Type: 'AWS::SNS::Topic' } };
export const TWO = { ...TOPIC, Queue: { Type: 'AWS::SQS::Queue' } };

export interface Revision {
  readonly resources?: object;
  readonly files?: Readonly<Record<string, string>>;
  readonly settings?: object;
  readonly run?: number;
  readonly applied?: { readonly result: StackResult };
  readonly location?: ArtifactLocation;
  readonly kill?: Drive<StackSettings, never, StackResult>['kill'];
  readonly onRunning?: (message: string) => void;
}

export interface StackWorld {
  readonly server: CloudFormationServer;
  readonly clock: SleepingClock;
  readonly log: string[];
  deploy(revision: Revision): Promise<Driven<StackResult>>;
  /** For one visit. */
  context(revision: Revision): StackContext;
}

export async function stackWorld(t: TestContext): Promise<StackWorld> {
  const clock = new SleepingClock();
  const server = await cloudFormationFor(t, () => clock.now());
  const log: string[] = [];
  const optionsOf = ({ resources = TOPIC, files, settings = {}, run = 1, applied, location }: Revision) => ({
    ...{ kind: 'stack', settings: settingsOf(settings), clock, run, log },
    files: files ?? { 'template.json': templateOf(resources) },
    ...(applied !== undefined && { applied }),
    ...(location !== undefined && { location }),
  });
  return {
    ...{ server, clock, log },
    context: (revision) => kindContext({ ...optionsOf(revision), aws: accessAt(server.url, clock) }),
    deploy: (revision) =>
      driveKind({
        ...{ kind: stackDeploy, url: server.url, clock, kill: revision.kill },
        contextOf: (aws) => kindContext({ ...optionsOf(revision), aws }),
        ...(revision.onRunning !== undefined && { onRunning: revision.onRunning }),
      }),
  };
}

/** The stack as it is after a first revision. */
export async function madeStack(world: StackWorld): Promise<StackResult> {
  const { end } = await world.deploy({});
  if (end.state !== 'succeeded' || end.result === undefined) throw new Error(end.state);
  return end.result;
}
