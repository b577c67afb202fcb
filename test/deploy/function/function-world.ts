import type { TestContext } from 'node:test';
import type { LambdaServer } from '../../../aws-stand-ins/lambda/lambda-server.ts';
import {
  type FakeFunction,
  makeFunction,
  publishVersion,
  zipCode,
} from '../../../aws-stand-ins/lambda/lambda-state.ts';
import { functionDeploy } from '../../../shared/deploy/function/function-deploy.ts';
import type { FunctionResult } from '../../../shared/deploy/function/function-progress.ts';
import {
  type FunctionSettings,
  functionSettings,
} from '../../../shared/deploy/function/function-settings.ts';
import type { FunctionContext } from '../../../shared/deploy/function/function-visit.ts';
import type { ArtifactLocation } from '../../../shared/deploy/kit/deploy-context.ts';
import { SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { type Drive, type Driven, driveKind } from '../../support/deploys/drive-kind.ts';
import { kindContext } from '../../support/deploys/kind-context.ts';
import { lambdaServerFor } from '../../support/servers/stand-ins.ts';

export const OLD = Buffer.from('old zip');
export const NEW = { 'app.zip': 'new zip' };
export const PREFIX = 'artifacts/sha256/ab/default/files/';

export interface CodeRevision {
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  readonly settings?: object;
  readonly run?: number;
  readonly applied?: { readonly result: FunctionResult };
  readonly location?: ArtifactLocation;
  readonly kill?: Drive<FunctionSettings, never, FunctionResult>['kill'];
  readonly onRunning?: (message: string) => void;
}

export interface FunctionWorld {
  readonly server: LambdaServer;
  readonly clock: SleepingClock;
  readonly made: FakeFunction;
  readonly log: string[];
  deploy(revision?: CodeRevision): Promise<Driven<FunctionResult>>;
  context(revision?: CodeRevision): FunctionContext;
}

/** A function `web` whose alias `live` is at its version 1. */
export async function functionWorld(t: TestContext): Promise<FunctionWorld> {
  const clock = new SleepingClock();
  const server = await lambdaServerFor(t, () => clock.now());
  const { state } = server;
  const made = makeFunction(state, 'web', zipCode(OLD));
  publishVersion(state, made);
  made.aliases.set('live', { version: '1', weights: {}, revision: 1 });
  const log: string[] = [];
  const optionsOf = ({ files = NEW, settings = {}, run = 1, applied, location }: CodeRevision) => {
    for (const [path, content] of Object.entries(files))
      state.objects.set(`landfall-store/${PREFIX}${path}`, Buffer.from(content));
    return {
      ...{ kind: 'function', clock, run, files, log },
      settings: functionSettings.parse({ function: 'web', zip: 'app.zip', alias: 'live', ...settings }),
      ...(applied !== undefined && { applied }),
      ...(location !== undefined && { location }),
    };
  };
  return {
    ...{ server, clock, made, log },
    context: (revision = {}) => kindContext({ ...optionsOf(revision), aws: accessAt(server.url, clock) }),
    deploy: (revision = {}) =>
      driveKind({
        ...{ kind: functionDeploy, url: server.url, clock, kill: revision.kill },
        contextOf: (aws) => kindContext({ ...optionsOf(revision), aws }),
        ...(revision.onRunning !== undefined && { onRunning: revision.onRunning }),
      }),
  };
}
