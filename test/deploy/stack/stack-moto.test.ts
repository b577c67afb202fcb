import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import type { AwsAccess } from '../../../shared/deploy/kit/aws-access.ts';
import { stackDeploy } from '../../../shared/deploy/stack/stack-deploy.ts';
import type { StackResult } from '../../../shared/deploy/stack/stack-progress.ts';
import type { StackSettings } from '../../../shared/deploy/stack/stack-settings.ts';
import { SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { driveKind } from '../../support/deploys/drive-kind.ts';
import { kindContext } from '../../support/deploys/kind-context.ts';
import { motoFor, motoSkip } from '../../support/servers/moto.ts';
import { settingsOf, TOPIC, TWO, templateOf } from './stack-world.ts';

/** moto makes change sets at once and knows no tokens: what it tells is whether another one reads our requests so. */
test('moto makes, changes and leaves a stack as it is asked to', { skip: motoSkip }, async (t) => {
  const url = await motoFor(t);
  const clock = new SleepingClock();
  const contextOf = (resources: object, run: number, aws: AwsAccess) =>
    kindContext<StackSettings, StackResult>({
      ...{ kind: 'stack', aws, clock, run, files: { 'template.json': templateOf(resources) } },
      settings: settingsOf({ tags: { team: 'web' } }),
    });
  const deploy = (resources: object, run: number) =>
    driveKind({ kind: stackDeploy, url, clock, contextOf: (aws) => contextOf(resources, run, aws) });
  const namesOf = async (): Promise<readonly string[]> => {
    const client = new CloudFormationClient(accessAt(url, clock).settings);
    const found = await client.send(new DescribeStackResourcesCommand({ StackName: 'network' }));
    return (found.StackResources ?? []).map(({ LogicalResourceId = '' }) => LogicalResourceId).toSorted();
  };

  const first = await deploy(TOPIC, 1);
  assert.equal(first.end.state, 'succeeded');
  assert.deepEqual(await namesOf(), ['Topic']);
  assert.equal((await deploy(TWO, 2)).end.state, 'succeeded');
  assert.deepEqual(await namesOf(), ['Queue', 'Topic']);
  const same = await deploy(TWO, 3);
  assert.equal(same.end.state === 'succeeded' && same.end.message, 'nothing to change');
  const { changes } = await stackDeploy.plan(contextOf(TOPIC, 4, accessAt(url, clock)));
  assert.deepEqual(
    changes.map(({ action, what }) => `${action} ${what}`),
    ['delete AWS::SQS::Queue Queue'],
  );
});
