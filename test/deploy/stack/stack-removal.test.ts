import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { updateByOther } from '../../../aws-stand-ins/cloudformation/stack-life.ts';
import { stackDeploy } from '../../../shared/deploy/stack/stack-deploy.ts';
import type { StackProgress, StackResult } from '../../../shared/deploy/stack/stack-progress.ts';
import type { StackContext, StackStep } from '../../../shared/deploy/stack/stack-visit.ts';
import { madeStack, type StackWorld, stackWorld, TWO } from './stack-world.ts';

type Begin = (context: StackContext) => Promise<StackStep> | undefined;

/** Begins, and looks until it has ended. */
async function ended(
  world: StackWorld,
  begin: Begin,
  applied?: { readonly result: StackResult },
): Promise<StackStep> {
  const context = world.context({ run: 9, ...(applied !== undefined && { applied }) });
  let visited = await begin(context);
  assert.ok(visited);
  while (visited.state === 'running') {
    world.clock.advance(visited.lookAgainMs);
    visited = await stackDeploy.look?.(context, visited.progress);
    assert.ok(visited);
  }
  return visited;
}

const remove: Begin = (context) => stackDeploy.remove?.(context, null);

describe('a stack is taken away', () => {
  test('where this deploy made it: by its ARN, as the role of the document', async (t) => {
    const world = await stackWorld(t);
    const result = await madeStack(world);
    assert.equal((await ended(world, remove, { result })).state, 'succeeded');
    assert.equal(world.server.stack('network'), undefined);
    const deleted = world.server.calls.find(({ operation }) => operation === 'DeleteStack')?.input;
    assert.equal(deleted?.['StackName'], result.stack);
    assert.equal(deleted?.['RoleARN'], 'arn:aws:iam::123456789012:role/network');
  });

  test('not one that was there before, or of which nothing is known', async (t) => {
    const world = await stackWorld(t);
    const { stack } = await madeStack(world);
    const { end } = await world.deploy({ resources: TWO, run: 2 });
    assert.deepEqual(end.state === 'succeeded' && end.result, { stack, isOurs: false });
    await ended(world, remove, { result: { stack, isOurs: false } });
    await ended(world, remove);
    assert.equal(world.server.count('DeleteStack'), 0);
  });

  test('not another of the same name that came later', async (t) => {
    const world = await stackWorld(t);
    const result = await madeStack(world);
    await ended(world, remove, { result });
    const later = await world.deploy({ run: 2 });
    assert.equal(later.end.state, 'succeeded');
    assert.equal((await ended(world, remove, { result })).state, 'succeeded');
    assert.equal(world.server.stack('network')?.status, 'CREATE_COMPLETE');
  });

  test('not one that is protected against termination', async (t) => {
    const world = await stackWorld(t);
    const result = await madeStack(world);
    const stack = world.server.stack('network');
    assert.ok(stack);
    stack.isProtected = true;
    await assert.rejects(ended(world, remove, { result }), { code: 'DEPLOY_FAILED', message: /protected/ });
    assert.equal(world.server.count('DeleteStack'), 0);
  });

  test('after an update that is under way', async (t) => {
    const world = await stackWorld(t);
    const result = await madeStack(world);
    const stack = world.server.stack('network');
    assert.ok(stack);
    updateByOther(world.server.state, stack);
    assert.equal((await ended(world, remove, { result })).state, 'succeeded');
    assert.equal(stack.status, 'DELETE_COMPLETE');
  });

  test('or says which resource holds it', async (t) => {
    const world = await stackWorld(t);
    const result = await madeStack(world);
    world.server.state.failing.set('Topic', { reason: 'it has subscribers' });
    await assert.rejects(ended(world, remove, { result }), {
      code: 'DEPLOY_FAILED',
      message: /DELETE_FAILED: AWS::SNS::Topic Topic: it has subscribers/,
    });
  });
});

describe('what is under way is undone', () => {
  async function underWay(world: StackWorld, until: string): Promise<StackProgress> {
    const context = world.context({ resources: TWO, run: 9 });
    let visited = await stackDeploy.step(context);
    while (visited.state === 'running' && !visited.message.includes(until)) {
      world.clock.advance(visited.lookAgainMs);
      const progress: StackProgress = visited.progress;
      visited = (await stackDeploy.look?.(context, progress)) ?? visited;
    }
    assert.ok(visited.state === 'running');
    return visited.progress;
  }

  test('an update that takes too long is turned back', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    const progress = await underWay(world, 'executed');
    assert.equal((await ended(world, (context) => stackDeploy.undo?.(context, progress))).state, 'succeeded');
    assert.equal(world.server.stack('network')?.status, 'UPDATE_ROLLBACK_COMPLETE');
  });

  test('a change set that nobody executed goes, and the stack is as it was', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    const progress = await underWay(world, 'change set');
    assert.equal((await ended(world, (context) => stackDeploy.undo?.(context, progress))).state, 'succeeded');
    assert.equal(world.server.stack('network')?.changeSets.length, 1);
    assert.equal(world.server.count('CancelUpdateStack'), 0);
  });

  test('nothing, where nothing was begun', async (t) => {
    const world = await stackWorld(t);
    assert.equal((await ended(world, (context) => stackDeploy.undo?.(context, null))).state, 'succeeded');
    assert.equal(world.server.calls.length, 0);
  });
});
