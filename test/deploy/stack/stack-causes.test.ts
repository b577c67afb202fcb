import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newStack } from '../../../aws-stand-ins/cloudformation/stack-state.ts';
import { madeStack, type StackWorld, stackWorld, TOPIC } from './stack-world.ts';

const NESTED = 'AWS::CloudFormation::Stack';

interface Failed {
  readonly logicalId: string;
  readonly type?: string;
  readonly physicalId?: string;
  readonly reason?: string;
  readonly status?: string;
  /** Milliseconds before the stack around it began; negative: after. */
  readonly before?: number;
}

/** A nested stack, with what it tells of itself, newest first. */
function nest(world: StackWorld, name: string, began: number, events: readonly Failed[]): string {
  const stack = newStack(world.server.state, name);
  for (const [index, { before = 0, reason, ...event }] of events.entries())
    stack.events.push({
      ...{ id: `${name}-${index}`, stackId: stack.id, at: began - before, token: 'of-cloudformation' },
      ...{ type: 'AWS::SNS::Topic', physicalId: '', status: 'CREATE_FAILED', reason, ...event },
    });
  return stack.id;
}

/** A second revision whose nested stack fails, with what that tells. */
async function failedWith(world: StackWorld, events: (began: number) => readonly Failed[]) {
  const result = await madeStack(world);
  world.server.state.failing.set('Web', { reason: 'Embedded stack was not successfully updated' });
  let isTold = false;
  const onRunning = (message: string): void => {
    const own = world.server.stack('network')?.events.find(({ status }) => status === 'UPDATE_IN_PROGRESS');
    if (isTold || own === undefined || !message.includes('UPDATE_IN_PROGRESS')) return;
    isTold = true;
    nest(world, 'network-Web', own.at, events(own.at));
  };
  const resources = { ...TOPIC, Web: { Type: NESTED } };
  const { end } = await world.deploy({ resources, run: 2, applied: { result }, onRunning });
  assert.ok(end.state === 'rolledBack');
  assert.ok(isTold);
  return end.error.message.replace('stack network is UPDATE_ROLLBACK_COMPLETE: ', '');
}

describe('a stack that fails in a nested one says what failed in that', () => {
  test('the oldest of this update, and neither what failed before nor what was cancelled with it', async (t) => {
    const told = await failedWith(await stackWorld(t), () => [
      { logicalId: 'After', reason: 'fails, too', before: -2 },
      { logicalId: 'Cancelled', reason: 'Resource creation cancelled', before: -1 },
      { logicalId: 'Topic', reason: 'no such topic' },
      { logicalId: 'Earlier', reason: 'of an update before', before: 1 },
    ]);
    assert.equal(told, 'AWS::SNS::Topic Topic: no such topic');
  });

  test('and in the ones within', async (t) => {
    const world = await stackWorld(t);
    const told = await failedWith(world, (began) => {
      const inner = nest(world, 'inner', began, [
        { logicalId: 'Queue', type: 'AWS::SQS::Queue', reason: 'no' },
      ]);
      return [{ logicalId: 'Inner', type: NESTED, physicalId: inner, reason: 'Embedded stack' }];
    });
    assert.equal(told, 'AWS::SQS::Queue Queue: no');
  });

  test('or that it failed, where that tells nothing', async (t) => {
    const told = await failedWith(await stackWorld(t), () => [
      { logicalId: 'Topic', status: 'CREATE_COMPLETE' },
    ]);
    assert.equal(told, `${NESTED} Web: Embedded stack was not successfully updated`);
  });
});

describe('the log of a stack has each of its lines once', () => {
  const lines = (world: StackWorld) => world.log.map((line) => line.split(' ').slice(1).join(' '));

  test('though it is looked at often, while nothing happens', async (t) => {
    const world = await stackWorld(t);
    Object.assign(world.server.state.takes, { executeMs: 600_000 });
    await world.deploy({});
    assert.deepEqual(lines(world), [
      `CREATE_IN_PROGRESS ${NESTED} network: User Initiated`,
      'CREATE_COMPLETE AWS::SNS::Topic Topic',
      `CREATE_COMPLETE ${NESTED} network`,
    ]);
  });

  test('though it tells pages of them, of which a later look has read some', async (t) => {
    const world = await stackWorld(t);
    const topics = Array.from({ length: 50 }, (_, index) => `Topic${index}`);
    const resources = Object.fromEntries(topics.map((name) => [name, TOPIC.Topic]));
    world.server.state.failing.set('Topic7', { reason: 'no' });
    Object.assign(world.server.state.takes, { executeMs: 600_000 });
    assert.equal((await world.deploy({ resources })).end.state, 'rolledBack');
    const told = lines(world);
    assert.deepEqual(told.slice(0, 3), [
      `CREATE_IN_PROGRESS ${NESTED} network: User Initiated`,
      'CREATE_FAILED AWS::SNS::Topic Topic7: no',
      'CREATE_FAILED AWS::SNS::Topic Topic0: Resource creation cancelled',
    ]);
    assert.deepEqual(
      told.slice(-2).map((line) => line.split(' ')[0]),
      ['ROLLBACK_IN_PROGRESS', 'ROLLBACK_COMPLETE'],
    );
    assert.deepEqual([told.length, new Set(told).size], [53, 53]);
  });
});
