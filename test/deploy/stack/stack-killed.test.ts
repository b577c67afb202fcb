import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { madeStack, type Revision, stackWorld, TWO } from './stack-world.ts';

/** How a deploy ends in a world of its own, where it is killed at one of its calls. */
describe('a deploy of a stack that is killed at any of its calls is finished, and executes once', () => {
  const cases: readonly (readonly [string, Revision, boolean])[] = [
    ['a stack that is made', {}, false],
    ['a stack that is changed', { resources: TWO, run: 2 }, true],
    ['nothing to change', { run: 2 }, true],
  ];
  for (const [what, revision, isThere] of cases) {
    for (const when of ['before', 'after'] as const) {
      test(`${what}, killed ${when} each call`, async (t) => {
        const calm = await stackWorld(t);
        if (isThere) await madeStack(calm);
        const { calls } = await calm.deploy(revision);
        const wanted = calm.server.state.executions.length;
        for (let at = 1; at <= calls; at += 1) {
          const world = await stackWorld(t);
          if (isThere) await madeStack(world);
          const { end, wasKilled } = await world.deploy({ ...revision, kill: { at, when } });
          assert.ok(wasKilled, `call ${at}`);
          assert.equal(end.state, 'succeeded', `call ${at}`);
          assert.equal(world.server.state.executions.length, wanted, `call ${at}`);
          const resources = world.server.stack('network')?.content?.template;
          assert.equal(resources, calm.server.stack('network')?.content?.template, `call ${at}`);
        }
      });
    }
  }

  test('and one that fails is told as failed once, with its reason', async (t) => {
    for (const when of ['before', 'after'] as const) {
      for (let at = 1; at <= 9; at += 1) {
        const world = await stackWorld(t);
        const result = await madeStack(world);
        world.server.state.failing.set('Queue', { reason: 'no such attribute' });
        const revision = { resources: TWO, run: 2, applied: { result }, kill: { at, when } };
        const { end } = await world.deploy(revision);
        assert.equal(end.state, 'rolledBack', `${when} call ${at}`);
        assert.equal(world.server.state.executions.length, 2);
      }
    }
  });
});
