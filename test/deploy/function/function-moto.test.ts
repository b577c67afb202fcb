import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functionDeploy } from '../../../shared/deploy/function/function-deploy.ts';
import type { FunctionResult } from '../../../shared/deploy/function/function-progress.ts';
import {
  type FunctionSettings,
  functionSettings,
} from '../../../shared/deploy/function/function-settings.ts';
import { openLambda } from '../../../shared/deploy/function/lambda-client.ts';
import type { AwsAccess } from '../../../shared/deploy/kit/aws-access.ts';
import { stackDeploy } from '../../../shared/deploy/stack/stack-deploy.ts';
import type { StackResult } from '../../../shared/deploy/stack/stack-progress.ts';
import type { StackSettings } from '../../../shared/deploy/stack/stack-settings.ts';
import { SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { driveKind } from '../../support/deploys/drive-kind.ts';
import { kindContext } from '../../support/deploys/kind-context.ts';
import { motoFor, motoSkip } from '../../support/servers/moto.ts';
import { settingsOf, templateOf } from '../stack/stack-world.ts';

const RESOURCES = {
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
    },
  },
  Web: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'web',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Code: { ZipFile: 'exports.handler = async () => 0;' },
    },
  },
};

/** moto compares no revisions and is done at once: what it tells is whether another one reads our requests so. */
test('moto makes a function by a stack, and takes its code and its alias', { skip: motoSkip }, async (t) => {
  const url = await motoFor(t);
  const clock = new SleepingClock();
  const files = { 'template.json': templateOf(RESOURCES), 'index.js': 'exports.handler = async () => 1;' };
  const made = await driveKind({
    ...{ kind: stackDeploy, url, clock },
    contextOf: (aws: AwsAccess) =>
      kindContext<StackSettings, StackResult>({
        ...{ kind: 'stack', aws, clock, files },
        settings: settingsOf({ capabilities: ['CAPABILITY_IAM'] }),
      }),
  });
  assert.equal(made.end.state, 'succeeded');
  const deploy = (code: string, run: number) =>
    driveKind({
      ...{ kind: functionDeploy, url, clock },
      contextOf: (aws: AwsAccess) =>
        kindContext<FunctionSettings, FunctionResult>({
          ...{ kind: 'function', aws, clock, run, files: { 'index.js': code } },
          settings: functionSettings.parse({ function: 'web', alias: 'live' }),
          location: { in: 'directory', directory: '/store' },
        }),
    });
  const first = await deploy('exports.handler = async () => 1;', 1);
  assert.deepEqual(first.end.state === 'succeeded' && first.end.result, { version: '1', isAliasOurs: true });
  const second = await deploy('exports.handler = async () => 2;', 2);
  assert.deepEqual(second.end.state === 'succeeded' && second.end.result?.version, '2');
  const again = await deploy('exports.handler = async () => 2;', 3);
  assert.deepEqual(again.end.state === 'succeeded' && again.end.result?.version, '2');
  const { aliases } = openLambda(accessAt(url, clock));
  assert.equal((await aliases.get('web', 'live'))?.version, '2');
});
