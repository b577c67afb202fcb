import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { planService } from '../../../shared/deploy/service/service-step.ts';
import { isSameDefinition, nextTaskDefinition } from '../../../shared/deploy/service/task-definition.ts';
import { SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { motoFor, motoSkip } from '../../support/servers/moto.ts';
import { DEFINITION, imageOf, portsWith, serviceWish } from './service-world.ts';

/** moto has no service deployments: what it tells is whether another one reads what we register and update so. */
test('moto registers what we made of its own, and updates the service', { skip: motoSkip }, async (t) => {
  const url = await motoFor(t);
  const client = new ECSClient(accessAt(url, new SleepingClock()).settings);
  await client.send(new CreateClusterCommand({ clusterName: 'prod' }));
  const tags = [{ key: 'team', value: 'web' }];
  await client.send(
    new RegisterTaskDefinitionCommand({
      ...(DEFINITION as object),
      family: 'api',
      containerDefinitions: DEFINITION.containerDefinitions as never,
      tags,
    }),
  );
  await client.send(
    new CreateServiceCommand({
      cluster: 'prod',
      serviceName: 'api',
      taskDefinition: 'api:1',
      desiredCount: 0,
    }),
  );
  const { target } = portsWith({ url });
  assert.equal((await planService(serviceWish('a'), { target }, {})).changes.length, 0);
  const { changes, before } = await planService(serviceWish('b'), { target }, {});
  assert.deepEqual(changes, [{ container: 'api', before: imageOf('a'), after: imageOf('b') }]);
  const next = nextTaskDefinition(await target.taskDefinition(before), serviceWish('b').images);
  const arn = await target.register(next);
  assert.match(arn, /task-definition\/api:2$/);
  const described = await target.taskDefinition('api');
  assert.ok(isSameDefinition(described, next), 'a try that was cut off finds what it registered');
  assert.deepEqual(described.tags, tags);
  await target.update(arn);
  assert.equal((await target.service())?.taskDefinition, arn);
  assert.deepEqual((await planService(serviceWish('b'), { target }, {})).changes, []);
});
