import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { turn } from '../../../aws-stand-ins/cloudformation/stack-life.ts';
import { stackDeploy } from '../../../shared/deploy/stack/stack-deploy.ts';
import { accessAt, Killed } from '../../support/deploys/aws-access.ts';
import { saidBy } from '../../support/deploys/drive-kind.ts';
import { madeStack, type StackWorld, stackWorld, TOPIC, TWO, templateOf } from './stack-world.ts';

function stackOf(world: StackWorld) {
  const stack = world.server.stack('network');
  assert.ok(stack);
  return stack;
}

/** The deploy of a second revision, up to a change set that is made. */
async function changeSetMade(world: StackWorld, settings: object = {}) {
  const context = world.context({ resources: TWO, run: 2, settings });
  const begun = await stackDeploy.step(context);
  assert.ok(begun.state === 'running' && begun.progress.phase === 'made');
  world.clock.advance(60_000);
  return {
    context,
    begun: { ...begun, progress: begun.progress },
    changeSet: stackOf(world).changeSets.at(-1),
  };
}

describe('a change set that others are in the way of', () => {
  test('is made anew where theirs has made it obsolete, and is taken away', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    const { context, begun, changeSet } = await changeSetMade(world);
    assert.ok(changeSet);
    changeSet.executionStatus = 'OBSOLETE';
    const next = await stackDeploy.look?.(context, begun.progress);
    assert.ok(next?.state === 'running' && next.progress.phase === 'made');
    assert.notEqual(next.progress.changeSet, begun.progress.changeSet);
    assert.equal(world.server.count('DeleteChangeSet'), 1);
    assert.ok(!stackOf(world).changeSets.includes(changeSet));
  });

  for (const status of ['UPDATE_COMPLETE', 'UPDATE_IN_PROGRESS'])
    test(`is told as tried again where theirs took its place once it was executed: ${status}`, async (t) => {
      const world = await stackWorld(t);
      await madeStack(world);
      const { context, begun } = await changeSetMade(world);
      const executed = await stackDeploy.look?.(context, begun.progress);
      assert.ok(executed?.state === 'running');
      const stack = stackOf(world);
      stack.changeSets.length = 0;
      stack.changeSetId = 'arn:aws:cloudformation:eu-central-1:1:changeSet/theirs/1';
      world.server.state.due.length = 0;
      turn(world.server.state, stack, { status, token: 'theirs' });
      await assert.rejects(async () => stackDeploy.look?.(context, executed.progress), {
        code: 'DEPLOY_UNAVAILABLE',
        message: /somebody else updated it right after this deploy/,
      });
    });

  test('is gone on with where a visit that was killed has made it, and its token is forgotten', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    const { context, begun, changeSet } = await changeSetMade(world);
    Object.assign(changeSet ?? {}, { token: undefined });
    assert.deepEqual(await stackDeploy.step(context), begun);
    assert.equal(stackOf(world).changeSets.length, 2);
  });

  for (const status of ['DeleteChangeSet', 'DescribeStackEvents'])
    test(`is undone though ${status} is denied`, async (t) => {
      const world = await stackWorld(t);
      await madeStack(world);
      const { context, begun } = await changeSetMade(world);
      world.server.denied.set(status, 'not authorized');
      const undone = await stackDeploy.undo?.(context, begun.progress);
      assert.deepEqual(undone, { state: 'succeeded', message: 'stack network is as it was' });
    });

  test('is not told as undone where the visit that does it is killed', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    const { context, begun } = await changeSetMade(world);
    const aws = accessAt(world.server.url, world.clock, { kill: { at: 2, when: 'before' } });
    await assert.rejects(async () => stackDeploy.undo?.({ ...context, aws }, begun.progress), Killed);
  });
});

describe('a stack that cannot be looked at', () => {
  for (const [code, message] of [
    ['AccessDenied', 'role landfall does not exist, or may not'],
    ['ValidationError', 'the name is none'],
  ] as const)
    test(`is not taken for one that is to be made: ${code}`, async (t) => {
      const world = await stackWorld(t);
      await madeStack(world);
      const failure = { kind: 'error', status: 400, code, message } as const;
      world.server.fault({ ...failure, operation: 'DescribeStacks', times: 9 });
      await assert.rejects(world.deploy({ resources: TWO, run: 2 }), {
        message: new RegExp(`DescribeStacks: .*${message}`),
      });
      assert.equal(world.server.count('CreateChangeSet'), 1);
    });
});

describe('a stack that is undone', () => {
  async function executed(world: StackWorld) {
    const { context, begun } = await changeSetMade(world);
    const next = await stackDeploy.look?.(context, begun.progress);
    assert.ok(next?.state === 'running' && next.progress.phase === 'executed');
    return { context, progress: next.progress };
  }

  test('is left to be made: there is nothing to turn back to', async (t) => {
    const world = await stackWorld(t);
    const { context, progress } = await executed(world);
    const undone = await stackDeploy.undo?.(context, progress);
    assert.equal(saidBy(undone), 'stack network is CREATE_IN_PROGRESS');
    assert.equal(world.server.count('CancelUpdateStack'), 0);
  });

  test('is as it is where it had ended just then', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    const { context, progress } = await executed(world);
    world.clock.advance(60_000);
    assert.equal((await stackDeploy.undo?.(context, progress))?.state, 'succeeded');
    assert.equal(world.server.count('CancelUpdateStack'), 0);
  });

  test('says so where it cannot go back', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    const { context, progress } = await executed(world);
    const turned = await stackDeploy.undo?.(context, progress);
    assert.ok(turned?.state === 'running' && turned.progress.phase === 'cancelled');
    world.server.state.due.length = 0;
    turn(world.server.state, stackOf(world), { status: 'UPDATE_ROLLBACK_FAILED', reason: 'Topic is gone' });
    await assert.rejects(async () => stackDeploy.look?.(context, turned.progress), {
      code: 'DEPLOY_FAILED',
      message: 'stack network is UPDATE_ROLLBACK_FAILED: Topic is gone',
      hint: /continue-update-rollback/,
    });
  });

  test('is as it was where somebody has deleted it meanwhile', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    const { context, progress } = await executed(world);
    const turned = await stackDeploy.undo?.(context, progress);
    assert.ok(turned?.state === 'running');
    world.server.state.due.length = 0;
    turn(world.server.state, stackOf(world), { status: 'DELETE_COMPLETE' });
    const looked = await stackDeploy.look?.(context, turned.progress);
    assert.deepEqual(looked, { state: 'succeeded', message: 'stack network is as it was' });
  });
});

describe('a stack that a killed visit has begun', () => {
  test('is found at its change set, and not taken for one that somebody else works on', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    const { context, begun } = await changeSetMade(world);
    await stackDeploy.look?.(context, begun.progress);
    const again = await stackDeploy.step(context);
    assert.ok(again.state === 'running' && again.progress.phase === 'executed');
    assert.equal(again.progress.changeSet, stackOf(world).changeSetId);
  });

  test('is planned as one that is to be made while it is only a name', async (t) => {
    const world = await stackWorld(t);
    await changeSetMade(world);
    assert.equal(stackOf(world).status, 'REVIEW_IN_PROGRESS');
    const { summary } = await stackDeploy.plan(world.context({ resources: TWO, run: 2 }));
    assert.equal(summary, '2 to create');
  });
});

describe('a stack that is deleted', () => {
  test('to be made anew is asked for again where the request was lost', async (t) => {
    const world = await stackWorld(t);
    world.server.state.failing.set('Topic', { reason: 'denied' });
    await world.deploy({});
    const { id: stack } = stackOf(world);
    const context = world.context({ run: 2, settings: { recreate: true } });
    const looked = await stackDeploy.look?.(context, { phase: 'deleting', stack });
    assert.ok(looked?.state === 'running' && looked.progress.phase === 'deleting');
    assert.equal(world.server.count('DeleteStack'), 1);
    const again = await stackDeploy.look?.(context, looked.progress);
    assert.equal(saidBy(again), 'stack network is DELETE_IN_PROGRESS');
    assert.equal(world.server.count('DeleteStack'), 1);
  });
});

describe('the parameters of a stack', () => {
  const Parameters = { Size: { Type: 'String' }, Name: { Type: 'String' } };
  const files = (size: string) => ({
    'template.json': templateOf(TOPIC, { Parameters }),
    'p.json': JSON.stringify({ Size: size, Name: 'of the artifact' }),
  });
  const parametersFile = { path: 'p.json', allow: ['Size', 'Name'] };
  const there = (world: StackWorld) =>
    Object.fromEntries(
      stackOf(world).content?.parameters.map((each) => [each.ParameterKey, each.ParameterValue]) ?? [],
    );

  test('are those of a file of the artifact, and of the document where it has them', async (t) => {
    const world = await stackWorld(t);
    await world.deploy({
      files: files('3'),
      settings: { parametersFile, parameters: { Name: 'of the document' } },
    });
    assert.deepEqual(there(world), { Size: '3', Name: 'of the document' });
  });

  test('stay as the stack has them where the document says so', async (t) => {
    const world = await stackWorld(t);
    await world.deploy({ files: files('3'), settings: { parametersFile } });
    const settings = { parameters: { Name: 'another' }, keepParameters: ['Size'] };
    assert.equal((await world.deploy({ files: files('4'), settings, run: 2 })).end.state, 'succeeded');
    assert.deepEqual(there(world), { Size: '3', Name: 'another' });
  });
});

const TOPICS = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`Topic${index}`, TOPIC.Topic]));
const TABLE = 'AWS::DynamoDB::Table';

for (const [page, resources, loss] of [
  ['first', { Table: { Type: TABLE, Properties: {} }, ...TOPICS }, 'replace'],
  ['last', TOPICS, 'remove'],
] as const)
  test(`what a change set would lose is seen on its ${page} page`, async (t) => {
    const world = await stackWorld(t);
    await world.deploy({ resources: { Table: { Type: TABLE } } });
    world.server.state.failing.set('replace Table', { reason: '' });
    const message = `stack network: the change set would ${loss} ${TABLE} Table`;
    await assert.rejects(world.deploy({ resources, run: 2 }), { code: 'DEPLOY_FAILED', message });
    assert.equal(world.server.state.executions.length, 1);
  });
