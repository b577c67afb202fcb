import type { TestContext } from 'node:test';
import {
  type CloudFormationServer,
  startCloudFormation,
} from '../../../aws-stand-ins/cloudformation/cloudformation-server.ts';
import { type EcsServer, startEcsServer } from '../../../aws-stand-ins/ecs/ecs-server.ts';
import { type LambdaServer, startLambdaServer } from '../../../aws-stand-ins/lambda/lambda-server.ts';

/** Ends a stand-in with its test. */
async function untilEnd<T extends { close(): Promise<void> }>(
  t: TestContext,
  starting: Promise<T>,
): Promise<T> {
  const server = await starting;
  t.after(() => server.close());
  return server;
}

export const cloudFormationFor = (t: TestContext, now: () => number): Promise<CloudFormationServer> =>
  untilEnd(t, startCloudFormation(now));

export const lambdaServerFor = (t: TestContext, now: () => number): Promise<LambdaServer> =>
  untilEnd(t, startLambdaServer(now));

export const ecsServerFor = (t: TestContext): Promise<EcsServer> => untilEnd(t, startEcsServer());
