import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Course } from '../../../aws-stand-ins/ecs/ecs-state.ts';
import { answerPause } from '../../../shared/deploy/service/service-look.ts';
import { planService, undoService } from '../../../shared/deploy/service/service-step.ts';
import { begun, DEFINITION, imageOf, serviceWish, serviceWorld } from './service-world.ts';

describe('a deploy of a service', () => {
  test('registers what ran before with another image in the named container alone, and rolls to it', async (t) => {
    const world = await serviceWorld(t);
    const run = await begun(world, 'b');
    assert.match(run.taskDefinition, /task-definition\/api:2$/);
    assert.match(run.before, /task-definition\/api:1$/);
    const stored = world.ecs.state.taskDefinitions.get(run.taskDefinition);
    assert.ok(stored);
    const [api, sidecar] = stored.definition['containerDefinitions'] as readonly object[];
    assert.deepEqual(api, { ...DEFINITION.containerDefinitions[0], image: imageOf('b') });
    assert.deepEqual(sidecar, DEFINITION.containerDefinitions[1]);
    assert.deepEqual(stored?.tags, [{ key: 'team', value: 'web' }]);
    assert.equal(world.service.taskDefinition, run.taskDefinition);
  });

  for (const strategy of ['ROLLING', 'BLUE_GREEN', 'LINEAR', 'CANARY'])
    test(`leaves it to the service how it rolls: ${strategy}`, async (t) => {
      const world = await serviceWorld(t);
      world.service.strategy = strategy;
      const run = await begun(world, 'b');
      const update = world.ecs.calls.find(({ operation }) => operation === 'UpdateService')?.input;
      assert.deepEqual(update, {
        cluster: 'prod',
        service: 'api',
        taskDefinition: run.taskDefinition,
      });
      world.ecs.advance(3);
      assert.equal((await world.look(run, 'b')).state, 'succeeded');
      assert.equal(world.service.strategy, strategy);
    });

  test('sends keys of RegisterTaskDefinition and no other of what is described', async (t) => {
    const { ecs, start } = await serviceWorld(t);
    await start('b');
    const input = ecs.calls.find(({ operation }) => operation === 'RegisterTaskDefinition')?.input;
    assert.ok(input);
    for (const key of ['revision', 'status', 'requiresAttributes', 'compatibilities', 'registeredBy'])
      assert.ok(!Object.hasOwn(input, key), key);
    assert.equal(input['executionRoleArn'], DEFINITION.executionRoleArn);
  });

  test('makes no revision and no deployment where the images are these already', async (t) => {
    const { ecs, start, ports } = await serviceWorld(t);
    assert.equal(await start('a'), undefined);
    assert.deepEqual((await planService(serviceWish('a'), ports, {})).changes, []);
    assert.equal(ecs.count('RegisterTaskDefinition') + ecs.count('UpdateService'), 0);
  });

  test('plans what changes, and changes nothing', async (t) => {
    const { ecs, ports } = await serviceWorld(t);
    const { changes } = await planService(serviceWish('b'), ports, {});
    assert.deepEqual(changes, [{ container: 'api', before: imageOf('a'), after: imageOf('b') }]);
    assert.equal(ecs.count('RegisterTaskDefinition') + ecs.count('UpdateService'), 0);
  });

  test('is told by the deployment, not by the service, whatever it comes to', async (t) => {
    const ends: readonly (readonly [Course, string, RegExp])[] = [
      ['succeeds', 'succeeded', /runs it/],
      ['never', 'running', /IN_PROGRESS/],
      ['rolls back', 'rolled back', /circuit breaker/],
      ['fails to roll back', 'failed', /could not go back/],
      ['pauses', 'waiting', /approval at POST_TEST_TRAFFIC_SHIFT, until 2026/],
    ];
    for (const [course, state, message] of ends) {
      const world = await serviceWorld(t);
      world.ecs.state.course = course;
      const run = await begun(world, 'b');
      assert.equal((await world.look(run, 'b')).state, 'running', course);
      world.ecs.advance(4);
      const verdict = await world.look(run, 'b');
      assert.equal(verdict.state, state, course);
      assert.match(verdict.message, message);
    }
  });

  test('finds its deployment although ECS still names the one before', async (t) => {
    const world = await serviceWorld(t);
    world.ecs.state.lag = 3;
    const run = await begun(world, 'b');
    world.ecs.advance(3);
    assert.equal((await world.look(run, 'b')).state, 'succeeded');
  });

  test('does not take an earlier deployment of the same task definition, which failed, for its own', async (t) => {
    const world = await serviceWorld(t);
    world.ecs.state.course = 'rolls back';
    const failed = await begun(world, 'b');
    world.ecs.advance(4);
    assert.equal((await world.look(failed, 'b')).state, 'rolled back');
    world.ecs.state.course = 'succeeds';
    const again = await begun(world, 'b');
    assert.equal(again.taskDefinition, failed.taskDefinition);
    world.ecs.state.unlisted = 1;
    assert.deepEqual(await world.look(again, 'b'), {
      state: 'running',
      message: 'ECS does not list the deployment yet',
    });
    world.ecs.advance(3);
    assert.equal((await world.look(again, 'b')).state, 'succeeded');
  });

  for (const [message, isListed] of [
    ['a newer deployment of the service took over', true],
    ['the service is at another task definition', false],
  ] as const)
    test(`says that ${message}`, async (t) => {
      const world = await serviceWorld(t);
      world.ecs.state.course = 'never';
      const run = await begun(world, 'b');
      world.ecs.roll(world.service, run.before);
      world.ecs.advance(2);
      if (!isListed) world.service.deployments.length = 0;
      assert.deepEqual(await world.look(run, 'b'), { state: 'superseded', message });
    });

  test('says that somebody stopped it', async (t) => {
    const world = await serviceWorld(t);
    world.ecs.state.course = 'never';
    const run = await begun(world, 'b');
    const [deployment] = world.service.deployments;
    assert.ok(deployment);
    deployment.status = 'STOP_REQUESTED';
    world.ecs.advance();
    const verdict = await world.look(run, 'b');
    assert.equal(verdict.state, 'failed');
    assert.match(verdict.message, /somebody stopped/);
  });

  test('is no success where the service runs another digest than was asked for', async (t) => {
    const world = await serviceWorld(t);
    const run = await begun(world, 'b');
    world.ecs.advance(3);
    const verdict = await world.look(run, 'c');
    assert.equal(verdict.state, 'failed');
    assert.match(verdict.message, /another image: api has sha256:bbb/);
  });

  test('answers a pause once, on and back', async (t) => {
    for (const isApproved of [true, false]) {
      const world = await serviceWorld(t);
      world.ecs.state.course = 'pauses';
      const run = await begun(world, 'b');
      world.ecs.advance();
      const verdict = await world.look(run, 'b');
      assert.ok(verdict.state === 'waiting');
      assert.equal(await answerPause(verdict.pause, isApproved, world.ports, {}), true);
      assert.equal(await answerPause(verdict.pause, isApproved, world.ports, {}), false);
      world.ecs.advance(3);
      assert.equal((await world.look(run, 'b')).state, isApproved ? 'succeeded' : 'rolled back');
    }
  });
});

describe('what a deploy of a service undoes', () => {
  test('stops what is under way with a rollback, once', async (t) => {
    const world = await serviceWorld(t);
    world.ecs.state.course = 'never';
    const run = await begun(world, 'b');
    world.ecs.advance();
    assert.deepEqual(await undoService(run, world.ports, {}), { isBack: false });
    const stop = world.ecs.calls.find(({ operation }) => operation === 'StopServiceDeployment');
    assert.equal(stop?.input['stopType'], 'ROLLBACK');
    world.ecs.advance(3);
    assert.equal(world.service.taskDefinition, run.before);
    assert.deepEqual(await undoService(run, world.ports, {}), { isBack: false });
    assert.equal(world.ecs.count('UpdateService'), 1);
  });

  test('rolls what has succeeded back by a deployment of its own', async (t) => {
    const world = await serviceWorld(t);
    const run = await begun(world, 'b');
    world.ecs.advance(3);
    assert.equal((await undoService(run, world.ports, {}))?.isBack, true);
    assert.equal(world.service.taskDefinition, run.before);
  });

  test('leaves alone what somebody else has deployed since', async (t) => {
    const world = await serviceWorld(t);
    const run = await begun(world, 'b');
    world.ecs.advance(3);
    const other = await begun(world, 'c');
    assert.equal(await undoService(run, world.ports, {}), null);
    assert.equal(world.service.taskDefinition, other.taskDefinition);
  });
});

describe('a service that no deploy can roll', () => {
  const cases: readonly (readonly [
    string,
    (world: Awaited<ReturnType<typeof serviceWorld>>) => void,
    string,
    RegExp,
  ])[] = [
    [
      'a missing one',
      ({ ecs }) =>
        ecs.state.services.set('prod/other', ecs.state.services.get('prod/api') as never) &&
        ecs.state.services.delete('prod/api'),
      'DEPLOY_FAILED',
      /no service prod\/api/,
    ],
    [
      'one that is deleted',
      ({ service }) => Object.assign(service, { status: 'DRAINING' }),
      'DEPLOY_FAILED',
      /is DRAINING/,
    ],
    [
      "CodeDeploy's",
      ({ service }) => Object.assign(service, { controller: 'CODE_DEPLOY' }),
      'DEPLOY_FAILED',
      /CODE_DEPLOY/,
    ],
    [
      'one of task sets',
      ({ service }) => Object.assign(service, { controller: 'EXTERNAL' }),
      'DEPLOY_FAILED',
      /EXTERNAL/,
    ],
    ['a missing cluster', ({ ecs }) => ecs.state.services.clear(), 'DEPLOY_FAILED', /no service/],
    [
      'a denied role',
      ({ ecs }) =>
        ecs.fault({
          kind: 'error',
          operation: 'RegisterTaskDefinition',
          times: 9,
          status: 400,
          code: 'AccessDeniedException',
          message: 'User is not authorized to perform: iam:PassRole',
        }),
      'DEPLOY_FAILED',
      /PassRole/,
    ],
    [
      'a refused definition',
      ({ ecs }) =>
        ecs.fault({
          kind: 'error',
          operation: 'RegisterTaskDefinition',
          times: 9,
          status: 400,
          code: 'ClientException',
          message: 'Too many revisions',
        }),
      'DEPLOY_FAILED',
      /Too many revisions/,
    ],
    [
      'throttling that stays',
      ({ ecs }) =>
        ecs.fault({
          kind: 'error',
          operation: 'DescribeServices',
          times: 9,
          status: 400,
          code: 'ThrottlingException',
          message: 'Rate exceeded',
        }),
      'DEPLOY_UNAVAILABLE',
      /Rate exceeded/,
    ],
  ];
  for (const [what, prepare, code, message] of cases) {
    test(`says of ${what} why: ${code}`, async (t) => {
      const world = await serviceWorld(t);
      prepare(world);
      await assert.rejects(world.start('b'), (error: { code: string; message: string }) => {
        assert.equal(error.code, code, error.message);
        assert.match(error.message, message);
        return true;
      });
      assert.equal(world.ecs.count('UpdateService'), 0);
    });
  }

  test('names the containers that there are', async (t) => {
    const { ports } = await serviceWorld(t);
    const wish = { deploy: 'api', images: { web: imageOf('b') } };
    await assert.rejects(planService(wish, ports, {}), /no container web, only api, sidecar/);
  });

  test('gets through a throttle that passes', async (t) => {
    const world = await serviceWorld(t);
    for (const operation of ['DescribeServices', 'UpdateService'])
      world.ecs.fault({ kind: 'error', operation, times: 2, status: 400, code: 'ThrottlingException' });
    assert.ok(await world.start('b'));
  });
});
