import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod/mini';
import { kindsOf } from '../../../shared/deploy/kinds/deploy-kinds.ts';
import { defineDeploy } from '../../../shared/deploy/kit/define-deploy.ts';
import { openDeployWorld } from '../deploy-world.ts';

for (const [isThere, runs] of [
  [true, 1],
  [false, 2],
] as const)
  test(`what was applied and ${isThere ? 'stands as it was left is not' : 'is lost is'} applied again`, async () => {
    const world = openDeployWorld();
    let steps = 0;
    const kind = defineDeploy<object>({
      kind: 'command',
      settings: z.looseObject({}),
      plan: async () => ({ changes: [], summary: '' }),
      step: async () => {
        steps += 1;
        return { state: 'succeeded' };
      },
      stands: async () => isThere,
    });
    const deps = { kinds: kindsOf([kind]) };
    const event = await world.land({ 'a.txt': '1' });
    await world.deploy(event, { deps });
    await world.deploy(event, { deps });
    assert.equal(steps, runs);
  });
