import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { turn } from '../../../aws-stand-ins/cloudformation/stack-life.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { madeStack, stackWorld, TOPIC, TWO, templateOf } from './stack-world.ts';

async function failureOf(work: Promise<unknown>): Promise<LandfallError> {
  // In a list, as a promise that is thrown would be waited for.
  const [error] = await work.then(
    () => [],
    (thrown: unknown) => [thrown],
  );
  assert.ok(error instanceof LandfallError, String(error));
  return error;
}

describe('a stack that fails says why, and what to do', () => {
  test('with the resource that failed first, not those that were cancelled with it; and goes back', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    world.server.state.failing.set('Queue', { reason: 'Queue quota exceeded' });
    const resources = { Alarm: { Type: 'AWS::CloudWatch::Alarm' }, ...TWO };
    const { end } = await world.deploy({ resources, run: 2 });
    assert.ok(end.state === 'rolledBack');
    assert.equal(end.error.code, 'DEPLOY_FAILED');
    assert.equal(
      end.error.message,
      'stack network is UPDATE_ROLLBACK_COMPLETE: AWS::SQS::Queue Queue: Queue quota exceeded',
    );
    assert.match(end.error.hint ?? '', /push another revision; the stack is as it was/);
    assert.ok(world.log.some((line) => line.includes('UPDATE_FAILED AWS::SQS::Queue Queue: Queue quota')));
  });

  test('and the next revision goes over UPDATE_ROLLBACK_COMPLETE', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    world.server.state.failing.set('Queue', { reason: 'no' });
    await world.deploy({ resources: TWO, run: 2 });
    world.server.state.failing.clear();
    assert.equal((await world.deploy({ resources: TWO, run: 3 })).end.state, 'succeeded');
  });

  test('where its first creation failed: it is left, with what to do', async (t) => {
    const world = await stackWorld(t);
    world.server.state.failing.set('Topic', { reason: 'denied' });
    const { end } = await world.deploy({});
    assert.ok(end.state === 'rolledBack');
    assert.match(end.error.message, /^stack network is ROLLBACK_COMPLETE: AWS::SNS::Topic Topic: denied$/);
    world.server.state.failing.clear();
    const error = await failureOf(world.deploy({ run: 2 }));
    assert.match(error.hint ?? '', /Delete the stack.*recreate: true/);
    assert.equal(world.server.count('DeleteStack'), 0);
  });

  test('and is deleted and made anew where the document says so', async (t) => {
    const world = await stackWorld(t);
    world.server.state.failing.set('Topic', { reason: 'denied' });
    await world.deploy({});
    const dead = world.server.stack('network');
    world.server.state.failing.clear();
    const { end } = await world.deploy({ run: 2, settings: { recreate: true } });
    assert.equal(end.state, 'succeeded');
    assert.equal(dead?.status, 'DELETE_COMPLETE');
    assert.notEqual(world.server.stack('network')?.id, dead?.id);
  });

  test('but not one that somebody else made', async (t) => {
    const world = await stackWorld(t);
    world.server.state.failing.set('Topic', { reason: 'denied' });
    await world.deploy({});
    const dead = world.server.stack('network');
    assert.ok(dead);
    for (const id of [undefined, 'arn:aws:cloudformation:eu-central-1:1:changeSet/landfall-by-hand/1']) {
      dead.changeSetId = id;
      const error = await failureOf(world.deploy({ run: 2, settings: { recreate: true } }));
      assert.match(error.message, /was not made by Landfall/);
    }
    assert.equal(world.server.count('DeleteStack'), 0);
  });

  test('but not one that is protected against termination', async (t) => {
    const world = await stackWorld(t);
    world.server.state.failing.set('Topic', { reason: 'denied' });
    await world.deploy({});
    const dead = world.server.stack('network');
    assert.ok(dead);
    dead.isProtected = true;
    const error = await failureOf(world.deploy({ run: 2, settings: { recreate: true } }));
    assert.match(error.message, /protected against termination/);
    assert.equal(world.server.count('DeleteStack'), 0);
  });

  test('where the way back fails, too: a person is told how to go on', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    world.server.state.failing.set('Queue', { reason: 'no', rollbackReason: 'Topic is gone' });
    const error = await failureOf(world.deploy({ resources: TWO, run: 2 }));
    assert.match(error.message, /UPDATE_ROLLBACK_FAILED: AWS::SQS::Queue Queue: no/);
    assert.match(error.hint ?? '', /continue-update-rollback/);
    const again = await failureOf(world.deploy({ resources: TWO, run: 3 }));
    assert.match(again.message, /UPDATE_ROLLBACK_FAILED: Topic is gone/);
  });

  for (const status of ['UPDATE_FAILED', 'CREATE_FAILED', 'DELETE_FAILED', 'SOMETHING_OF_TOMORROW']) {
    test(`and nothing is done to one that is ${status}`, async (t) => {
      const world = await stackWorld(t);
      await madeStack(world);
      const stack = world.server.stack('network');
      assert.ok(stack);
      turn(world.server.state, stack, { status });
      assert.match((await failureOf(world.deploy({ run: 2 }))).message, new RegExp(status));
      assert.equal(world.server.state.executions.length, 1);
    });
  }

  test('with what early validation found, which only its events tell', async (t) => {
    const world = await stackWorld(t);
    world.server.state.changeSetFault = {
      reason: 'The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation].',
      detail: 'the bucket name is taken',
    };
    const error = await failureOf(world.deploy({}));
    assert.match(error.message, /EarlyValidation[^;]*; Assets: the bucket name is taken$/);
    const asked = world.server.calls.find(({ operation }) => operation === 'DescribeEvents');
    assert.match(String(asked?.input['ChangeSetName']), /^arn:/);
    assert.equal(world.server.count('DeleteChangeSet'), 1);
  });

  test('and says so where that is denied', async (t) => {
    const world = await stackWorld(t);
    world.server.state.changeSetFault = { reason: 'validation failed' };
    world.server.denied.set('DescribeEvents', 'no cloudformation:DescribeEvents');
    const error = await failureOf(world.deploy({}));
    assert.match(error.message, /validation failed \(its events.*no cloudformation:DescribeEvents/);
  });

  test('where it needs a capability that the document does not give', async (t) => {
    const world = await stackWorld(t);
    const resources = { Role: { Type: 'AWS::IAM::Role' } };
    const error = await failureOf(world.deploy({ resources }));
    assert.match(error.message, /Requires capabilities : \[CAPABILITY_IAM\]/);
    assert.match(error.hint ?? '', /capabilities of the deploy/);
    const settings = { capabilities: ['CAPABILITY_NAMED_IAM'] };
    assert.equal((await world.deploy({ resources, run: 2, settings })).end.state, 'succeeded');
  });

  test('where its role may not be passed', async (t) => {
    const world = await stackWorld(t);
    world.server.denied.set(
      'CreateChangeSet',
      'User: x is not authorized to perform: iam:PassRole on resource: y',
    );
    const error = await failureOf(world.deploy({}));
    assert.equal(error.code, 'DEPLOY_FAILED');
    assert.match(error.hint ?? '', /pass arn:aws:iam::123456789012:role\/network to cloudformation/);
  });

  test('where its role cannot be assumed', async (t) => {
    const world = await stackWorld(t);
    world.server.denied.set('CreateChangeSet', 'Role arn:x:role/network is invalid or cannot be assumed');
    const error = await failureOf(world.deploy({}));
    assert.equal(error.code, 'DEPLOY_FAILED');
    assert.match(error.hint ?? '', /assume arn:aws:iam::123456789012:role\/network/);
  });

  for (const [what, resources, verb] of [
    ['removed', TOPIC, 'remove'],
    [
      'changed so that it is replaced',
      { ...TOPIC, Table: { Type: 'AWS::DynamoDB::Table', Properties: {} } },
      'replace',
    ],
  ] as const) {
    test(`before a table is ${what}, unless the document lets it go`, async (t) => {
      const world = await stackWorld(t);
      await world.deploy({ resources: { ...TOPIC, Table: { Type: 'AWS::DynamoDB::Table' } } });
      world.server.state.failing.set('replace Table', { reason: '' });
      const error = await failureOf(world.deploy({ resources, run: 2 }));
      assert.match(error.message, new RegExp(`would ${verb} AWS::DynamoDB::Table Table`));
      assert.equal(world.server.state.executions.length, 1);
      assert.equal(world.server.count('DeleteChangeSet'), 1);
      const settings = { mayLose: ['Table'] };
      assert.equal((await world.deploy({ resources, run: 3, settings })).end.state, 'succeeded');
    });
  }

  test('but not before one that its policy keeps', async (t) => {
    const world = await stackWorld(t);
    const Table = { Type: 'AWS::DynamoDB::Table', DeletionPolicy: 'Retain' };
    await world.deploy({ resources: { ...TOPIC, Table } });
    assert.equal((await world.deploy({ run: 2 })).end.state, 'succeeded');
  });

  test('where somebody deletes it meanwhile', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    const onRunning = (message: string): void => {
      const stack = world.server.state.stacks[0];
      if (message.includes('executed') && stack !== undefined) {
        world.server.state.due.length = 0;
        turn(world.server.state, stack, { status: 'DELETE_COMPLETE' });
      }
    };
    const error = await failureOf(world.deploy({ resources: TWO, run: 2, onRunning }));
    assert.match(error.message, /somebody deleted it/);
  });

  test('where a template is refused', async (t) => {
    const world = await stackWorld(t);
    const files = { 'template.json': templateOf(TOPIC, { Parameters: { Size: { Type: 'String' } } }) };
    const error = await failureOf(world.deploy({ files }));
    assert.match(error.message, /Parameters: \[Size\] must have values/);
  });
});
