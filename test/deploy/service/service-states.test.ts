import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FakeDeployment } from '../../../aws-stand-ins/ecs/ecs-state.ts';
import { startService, undoService } from '../../../shared/deploy/service/service-step.ts';
import { imageChanges, nextTaskDefinition } from '../../../shared/deploy/service/task-definition.ts';
import { begun, imageOf, portsWith, serviceWish, serviceWorld } from './service-world.ts';

type World = Awaited<ReturnType<typeof serviceWorld>>;

/** A second revision, at a deployment that ECS has told this of. */
async function at(world: World, told: Partial<FakeDeployment>) {
  world.ecs.state.course = 'never';
  const run = await begun(world, 'b');
  const [deployment] = world.service.deployments;
  assert.ok(deployment);
  Object.assign(deployment, told);
  return { run, deployment };
}

describe('what a deployment of ECS has come to', () => {
  const cases: readonly (readonly [Partial<FakeDeployment>, string, string])[] = [
    [{ status: 'PENDING' }, 'running', 'the deployment is PENDING'],
    [{ status: 'IN_PROGRESS', statusReason: 'slow' }, 'running', 'the deployment is IN_PROGRESS: slow'],
    [{ status: 'SUCCESSFUL' }, 'succeeded', 'the service runs it'],
    [{ status: 'STOPPED' }, 'failed', 'somebody stopped the deployment'],
    [
      { status: 'ROLLBACK_REQUESTED', statusReason: 'asked' },
      'running',
      'ECS goes back to what ran before: asked',
    ],
    [{ status: 'ROLLBACK_IN_PROGRESS' }, 'running', 'ECS goes back to what ran before'],
    [
      { status: 'ROLLBACK_SUCCESSFUL', rollbackReason: 'unwell', statusReason: 'other' },
      'rolled back',
      'ECS went back to what ran before: unwell',
    ],
    [{ status: 'ROLLBACK_FAILED' }, 'failed', 'ECS could not go back to what ran before'],
    [{ status: 'OF_TOMORROW' }, 'running', 'the deployment is OF_TOMORROW'],
  ];
  for (const [told, state, message] of cases)
    test(`is ${state} where it is ${told.status}`, async (t) => {
      const world = await serviceWorld(t);
      const { run } = await at(world, told);
      assert.partialDeepStrictEqual(await world.look(run, 'b'), { state, message });
    });

  test('is running again once a person has answered its pause, before it goes on', async (t) => {
    const world = await serviceWorld(t);
    world.ecs.state.course = 'pauses';
    const run = await begun(world, 'b');
    world.ecs.advance();
    assert.equal((await world.look(run, 'b')).state, 'waiting');
    const [deployment] = world.service.deployments;
    assert.ok(deployment?.hook);
    deployment.hook.status = 'SUCCEEDED';
    assert.deepEqual(await world.look(run, 'b'), {
      state: 'running',
      message: 'the deployment is IN_PROGRESS, POST_TEST_TRAFFIC_SHIFT',
    });
  });

  test('is well where ECS tells no digest of a container', async (t) => {
    const world = await serviceWorld(t);
    const { run, deployment } = await at(world, { status: 'SUCCESSFUL' });
    world.ecs.state.revisions.set(deployment.target, { taskDefinition: run.taskDefinition, images: [] });
    assert.equal((await world.look(run, 'b')).state, 'succeeded');
  });

  test('is not known yet of one of which ECS does not tell what it brings', async (t) => {
    const world = await serviceWorld(t);
    const { run } = await at(world, { target: '' });
    const message = 'ECS does not list the deployment yet';
    assert.deepEqual(await world.look(run, 'b'), { state: 'running', message });
  });
});

test('a service that was deleted is none, as one that never was', async (t) => {
  const world = await serviceWorld(t);
  world.service.status = 'INACTIVE';
  await assert.rejects(world.start('b'), {
    code: 'DEPLOY_FAILED',
    message: /there is no service prod\/api$/,
  });
});

describe('a try that wrote nothing down', () => {
  test('is gone on with where ECS rolls to its images', async (t) => {
    const world = await serviceWorld(t);
    const run = await begun(world, 'b');
    assert.deepEqual(await world.start('b'), run);
    world.ecs.advance();
    assert.deepEqual(await world.start('b'), run);
    world.ecs.advance(3);
    assert.equal(await world.start('b'), undefined, 'it runs them');
  });

  test('has nothing to go back to where nothing ran well before', async (t) => {
    const world = await serviceWorld(t);
    const [first] = world.service.deployments;
    assert.ok(first);
    first.status = 'STOPPED';
    const run = await begun(world, 'b');
    const again = await begun(world, 'b');
    assert.deepEqual(again, { ...run, before: run.taskDefinition });
    world.ecs.advance(4);
    assert.equal(await undoService(again, world.ports, {}), null);
  });

  test('has nothing of ECS in it where that tells of no deployment', async (t) => {
    const world = await serviceWorld(t);
    world.service.deployments.length = 0;
    assert.equal(await startService(serviceWish('a'), world.ports, {}), undefined);
    assert.partialDeepStrictEqual(await begun(world, 'b'), { after: '' });
  });
});

describe('an undo of a service', () => {
  test('goes back by a deployment of its own where the one to be stopped ends just then', async (t) => {
    const world = await serviceWorld(t);
    const { run } = await at(world, { status: 'IN_PROGRESS' });
    const failure = { kind: 'error', status: 400, code: 'ConflictException' } as const;
    world.ecs.fault({ ...failure, operation: 'StopServiceDeployment', times: 1 });
    assert.partialDeepStrictEqual(await undoService(run, world.ports, {}), {
      isBack: true,
      taskDefinition: run.before,
    });
    assert.equal(world.service.taskDefinition, run.before);
  });

  test('is refused as what was asked', async (t) => {
    const world = await serviceWorld(t);
    const { run } = await at(world, { status: 'IN_PROGRESS' });
    const failure = { kind: 'error', status: 400, code: 'AccessDeniedException', message: 'no' } as const;
    world.ecs.fault({ ...failure, operation: 'StopServiceDeployment', times: 9 });
    await assert.rejects(undoService(run, portsWith(world.ecs), {}), {
      code: 'DEPLOY_FAILED',
      message: /service prod\/api: stop its deployment: /,
    });
  });

  test('has nothing to do where there is no deployment', async (t) => {
    const world = await serviceWorld(t);
    const { run } = await at(world, {});
    world.service.deployments.length = 0;
    assert.equal(await undoService(run, world.ports, {}), null);
  });
});

describe('the next revision of a task definition', () => {
  const described = (containerDefinitions: object[], tags: Record<string, string>[] = []) => ({
    definition: { family: 'api', revision: 3, containerDefinitions: containerDefinitions as never },
    tags,
  });

  test('has the tags that people gave it, and none that ECS puts there itself', () => {
    const tags = [
      { key: 'aws:cloudformation:stack-name', value: 'x' },
      { key: 'team', value: 'web' },
    ];
    assert.deepEqual(nextTaskDefinition(described([], tags), {})['tags'], tags.slice(1));
    const own = nextTaskDefinition(described([], tags.slice(0, 1)), {});
    assert.ok(!Object.hasOwn(own, 'tags'));
  });

  test('is not made where a container is missing, and says which there are', () => {
    const wanted = { api: imageOf('b') };
    for (const [there, names] of [
      [[], 'none'],
      [
        [
          { name: 'web', image: 'a' },
          { name: 'log', image: 'b' },
        ],
        'web, log',
      ],
    ] as const)
      assert.throws(() => imageChanges(described([...there]), wanted, 'shop'), {
        code: 'DEPLOY_FAILED',
        message: `deploy shop: the task definition has no container api, only ${names}`,
      });
  });
});
