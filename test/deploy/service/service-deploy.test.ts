import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonValue } from '../../../shared/deploy/kit/json-value.ts';
import { serviceDeploy } from '../../../shared/deploy/service/service-deploy.ts';
import { RUN_IMAGE, serviceKindWorld } from './service-kind-world.ts';
import { imageOf } from './service-world.ts';

const ANSWER = { by: 'ada@host', at: '2026-11-29T10:00:00.000Z', reason: 'seen' } as const;

type World = Awaited<ReturnType<typeof serviceKindWorld>>;

/** Begins, and looks once ECS has come so far. */
async function begin({ contextOf, ecs }: World, steps: number) {
  const begun = await serviceDeploy.step(contextOf());
  assert.ok(begun.state === 'running');
  ecs.advance(steps);
  const look = async (progress: JsonValue, options = {}) =>
    serviceDeploy.look?.(contextOf(options), progress as typeof begun.progress);
  return { begun, look };
}

describe('a service as a kind of deploy', () => {
  test('plans by its document, rolls to the digest of the revision, and has then nothing to do', async (t) => {
    const world = await serviceKindWorld(t);
    const { revision } = world.contextOf();
    const { changes } = await serviceDeploy.plan(world.contextOf());
    const image = `${RUN_IMAGE}@${revision.digest}`;
    assert.deepEqual(changes, [
      { action: 'update', what: 'container api', why: `${imageOf('a')} → ${image}` },
    ]);
    assert.equal(world.ecs.count('RegisterTaskDefinition'), 0);
    assert.equal((await world.deploy()).end.state, 'succeeded');
    assert.deepEqual((await serviceDeploy.plan(world.contextOf())).changes, []);
    const again = await world.deploy({ run: 1 });
    assert.equal(again.visits, 1);
    assert.equal(world.ecs.count('UpdateService'), 1);
  });

  for (const when of ['before', 'after'] as const)
    test(`killed ${when} each of its calls comes to the same, with one revision and one deployment`, async (t) => {
      const { calls } = await (await serviceKindWorld(t)).deploy();
      for (let at = 1; at <= calls; at += 1) {
        const world = await serviceKindWorld(t);
        const { end, wasKilled } = await world.deploy({ kill: { at, when } });
        assert.ok(wasKilled, `call ${at}`);
        assert.equal(end.state, 'succeeded', `call ${at}`);
        assert.equal(world.ecs.state.taskDefinitions.size, 2, `call ${at}`);
        assert.equal(world.service.deployments.length, 2, `call ${at}`);
      }
    });

  test('says that its circuit breaker rolled it back, with the reason of ECS', async (t) => {
    const world = await serviceKindWorld(t);
    world.ecs.state.course = 'rolls back';
    const { end } = await world.deploy();
    assert.ok(end.state === 'rolledBack');
    assert.match(end.error.message, /circuit breaker/);
    assert.match(end.error.hint ?? '', /describe-tasks/);
    assert.match(world.service.taskDefinition, /api:1$/);
  });

  test('fails where somebody else has deployed since, and leaves theirs alone', async (t) => {
    const world = await serviceKindWorld(t);
    world.ecs.state.course = 'never';
    const { begun, look } = await begin(world, 1);
    world.ecs.roll(world.service, begun.progress.before);
    world.ecs.advance(1);
    await assert.rejects(look(begun.progress), { code: 'DEPLOY_FAILED', message: /newer deployment/ });
    const calls = world.ecs.calls.length;
    const undone = await serviceDeploy.undo?.(world.contextOf(), begun.progress);
    assert.equal(undone?.state, 'succeeded');
    const changing = /^(Update|Stop|Register)/;
    assert.deepEqual(
      world.ecs.calls.slice(calls).filter(({ operation }) => changing.test(operation)),
      [],
    );
  });
});

describe('a deploy of a service that is taken back', () => {
  test('is stopped with a rollback, and has ended once ECS says that it is back', async (t) => {
    const world = await serviceKindWorld(t);
    world.ecs.state.course = 'never';
    const { begun, look } = await begin(world, 1);
    const undone = await serviceDeploy.undo?.(world.contextOf(), begun.progress);
    assert.ok(undone?.state === 'running');
    world.ecs.advance(1);
    assert.equal((await look(undone.progress))?.state, 'running');
    world.ecs.advance(1);
    assert.equal((await look(undone.progress))?.state, 'rolledBack');
    assert.match(world.service.taskDefinition, /api:1$/);
  });

  test('goes back by a deployment of its own where it had ended', async (t) => {
    const world = await serviceKindWorld(t);
    const { begun, look } = await begin(world, 3);
    const undone = await serviceDeploy.undo?.(world.contextOf(), begun.progress);
    assert.ok(undone?.state === 'running');
    world.ecs.advance(3);
    const back = await look(undone.progress);
    assert.equal(back?.state === 'succeeded' && back.message, 'the service runs what it ran before');
  });

  test('has nothing to go back to where it never began', async (t) => {
    const world = await serviceKindWorld(t);
    assert.equal((await serviceDeploy.undo?.(world.contextOf(), null))?.state, 'succeeded');
    assert.equal(world.ecs.calls.length, 0);
  });
});

describe('a pause of a service', () => {
  const paused = async (t: Parameters<typeof serviceKindWorld>[0]) => {
    const world = await serviceKindWorld(t);
    world.ecs.state.course = 'pauses';
    const { begun, look } = await begin(world, 1);
    const asked = await look(begun.progress);
    assert.ok(asked?.state === 'running');
    assert.equal(asked.asks, true);
    assert.match(asked.message, /waits for approval at POST_TEST_TRAFFIC_SHIFT/);
    return { world, look, begun, asked };
  };

  for (const [decision, action, end] of [
    ['approved', 'CONTINUE', 'succeeded'],
    ['rejected', 'ROLLBACK', 'rolledBack'],
  ] as const)
    test(`that is ${decision} is answered with ${action}, once, and says by whom`, async (t) => {
      const { world, look, asked } = await paused(t);
      const log: string[] = [];
      const told = await look(asked.progress, { answer: { ...ANSWER, decision }, log });
      assert.ok(told?.state === 'running');
      assert.deepEqual(log, [`ada@host ${decision} the pause: seen`]);
      const sent = world.ecs.calls.filter(({ operation }) => operation === 'ContinueServiceDeployment');
      assert.deepEqual(
        sent.map(({ input }) => input['action']),
        [action],
      );
      world.ecs.advance(3);
      assert.equal((await look(told.progress))?.state, end);
    });

  test('is not answered with what was said of another one', async (t) => {
    const { world, look, asked, begun } = await paused(t);
    for (const progress of [begun.progress, { ...asked.progress, hook: 'an-earlier-pause' }]) {
      const told = await look(progress, { answer: { ...ANSWER, decision: 'approved' } });
      assert.ok(told?.state === 'running');
      assert.equal(told.asks, true);
    }
    assert.equal(world.ecs.count('ContinueServiceDeployment'), 0);
  });

  test('that ended by itself meanwhile is no failure of who answers', async (t) => {
    const { world, look, asked } = await paused(t);
    const refusal = { kind: 'error', status: 400, code: 'InvalidParameterException', message: 'not waiting' };
    world.ecs.fault({ ...refusal, operation: 'ContinueServiceDeployment', times: 1 } as never);
    const told = await look(asked.progress, { answer: { ...ANSWER, decision: 'approved' } });
    assert.equal(told?.state === 'running' && told.message, 'the pause has ended by itself');
  });
});
