import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startService } from '../../../shared/deploy/service/service-step.ts';
import { begun, portsWith, serviceWish, serviceWorld } from './service-world.ts';

describe('a try of a service that was cut off', () => {
  const cuts = [
    { operation: 'RegisterTaskDefinition', effect: false },
    { operation: 'RegisterTaskDefinition', effect: true },
    { operation: 'UpdateService', effect: false },
    { operation: 'UpdateService', effect: true },
  ];
  for (const { operation, effect } of cuts) {
    test(`${effect ? 'after' : 'before'} ${operation} registers one revision and begins one deployment`, async (t) => {
      const world = await serviceWorld(t);
      const killed = new AbortController();
      const meanwhile = async () => killed.abort();
      world.ecs.fault({ kind: 'cut', operation, effect, times: 1, meanwhile });
      const { signal } = killed;
      await assert.rejects(startService(serviceWish('b'), portsWith(world.ecs, signal), {}));
      const run = await begun(world, 'b');
      assert.equal(world.ecs.state.taskDefinitions.size, 2);
      assert.equal(world.service.deployments.length, 2);
      assert.match(run.before, /api:1$/);
      assert.equal(world.service.taskDefinition, run.taskDefinition);
      world.ecs.advance(4);
      assert.equal((await world.look(run, 'b')).state, 'succeeded');
    });
  }
});
