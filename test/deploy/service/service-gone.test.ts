import assert from 'node:assert/strict';
import { test } from 'node:test';
import { begun, serviceWorld } from './service-world.ts';

test('a look at a service that is gone meanwhile says so', async (t) => {
  const world = await serviceWorld(t);
  world.ecs.state.course = 'never';
  const run = await begun(world, 'b');
  world.service.deployments.length = 0;
  world.service.status = 'INACTIVE';
  assert.partialDeepStrictEqual(await world.look(run, 'b'), {
    state: 'failed',
    hint: 'Create it again, or remove the deploy.',
  });
});
