import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { updateByOther } from '../../../aws-stand-ins/cloudformation/stack-life.ts';
import { madeStack, stackWorld, TOPIC, TWO, templateOf } from './stack-world.ts';

describe('a stack is made and changed', () => {
  test('by a change set of its own run, as the role of the document, with rollback on', async (t) => {
    const world = await stackWorld(t);
    const { end } = await world.deploy({ settings: { tags: { team: 'web' } } });
    assert.equal(end.state, 'succeeded');
    assert.equal(world.server.stack('network')?.status, 'CREATE_COMPLETE');
    const created = world.server.calls.find(({ operation }) => operation === 'CreateChangeSet')?.input;
    assert.equal(created?.['ChangeSetType'], 'CREATE');
    assert.match(String(created?.['ChangeSetName']), /^landfall-0{23}1-[0-9a-f]{16}$/);
    assert.equal(created?.['RoleARN'], 'arn:aws:iam::123456789012:role/network');
    assert.deepEqual(created?.['Tags'], [{ Key: 'team', Value: 'web' }]);
    const executed = world.server.calls.find(({ operation }) => operation === 'ExecuteChangeSet')?.input;
    assert.equal(executed?.['DisableRollback'], 'false');
    assert.equal(executed?.['ClientRequestToken'], `landfall-${'1'.padStart(24, '0')}`);
  });

  test('and what it tells of itself is in the log, each line once and oldest first', async (t) => {
    const world = await stackWorld(t);
    await world.deploy({});
    assert.deepEqual(
      world.log.map((line) => line.replace(/^\S+ /, '')),
      [
        'CREATE_IN_PROGRESS AWS::CloudFormation::Stack network: User Initiated',
        'CREATE_COMPLETE AWS::SNS::Topic Topic',
        'CREATE_COMPLETE AWS::CloudFormation::Stack network',
      ],
    );
  });

  test('with the next revision by an update', async (t) => {
    const world = await stackWorld(t);
    const result = await madeStack(world);
    const { end } = await world.deploy({ resources: TWO, run: 2, applied: { result } });
    assert.deepEqual(end, {
      state: 'succeeded',
      result: { stack: result.stack, isOurs: true },
      message: 'stack network is UPDATE_COMPLETE',
    });
    assert.equal(world.server.state.executions.length, 2);
  });

  for (const [what, rest] of [
    ['plain', {}],
    ['with a macro', { Transform: 'AWS::LanguageExtensions' }],
  ] as const) {
    test(`with nothing to change nothing is executed, and the change set goes (${what})`, async (t) => {
      const world = await stackWorld(t);
      const files = { 'template.json': templateOf(TOPIC, rest) };
      await world.deploy({ files });
      const { end } = await world.deploy({ files, run: 2 });
      assert.equal(end.state === 'succeeded' && end.message, 'nothing to change');
      assert.equal(world.server.state.executions.length, 1);
      assert.equal(world.server.count('DeleteChangeSet'), 1);
      assert.equal(world.server.stack('network')?.changeSets.length, 1);
    });
  }

  test('also where reads still tell what was before', async (t) => {
    const world = await stackWorld(t);
    const result = await madeStack(world);
    world.server.state.staleReads = 3;
    const { end } = await world.deploy({ resources: TWO, run: 2, applied: { result } });
    assert.equal(end.state, 'succeeded');
    assert.equal(world.server.state.staleReads, 0);
    assert.equal(world.server.state.executions.length, 2);
  });

  test('also where the stack does not name what was executed, well or not', async (t) => {
    const world = await stackWorld(t);
    world.server.state.namesChangeSets = false;
    const result = await madeStack(world);
    world.server.state.failing.set('Queue', { reason: 'no' });
    const failed = await world.deploy({ resources: TWO, run: 2, applied: { result } });
    assert.equal(failed.end.state, 'rolledBack');
    world.server.state.failing.clear();
    world.server.state.staleReads = 2;
    const { end } = await world.deploy({ resources: TWO, run: 3, applied: { result } });
    assert.equal(end.state, 'succeeded');
    assert.equal(world.server.state.executions.length, 3);
  });

  test('under a shell that an earlier try left', async (t) => {
    const world = await stackWorld(t);
    world.server.state.changeSetFault = { reason: 'Template error' };
    await assert.rejects(world.deploy({}), { code: 'DEPLOY_FAILED' });
    assert.equal(world.server.stack('network')?.status, 'REVIEW_IN_PROGRESS');
    world.server.state.changeSetFault = undefined;
    assert.equal((await world.deploy({ run: 2 })).end.state, 'succeeded');
  });

  test('after whoever else is at it, whom it never stops', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    const stack = world.server.stack('network');
    assert.ok(stack);
    updateByOther(world.server.state, stack);
    const { end, messages } = await world.deploy({ resources: TWO, run: 2 });
    assert.equal(messages[0], 'stack network is UPDATE_IN_PROGRESS, by somebody else');
    assert.equal(end.state, 'succeeded');
    assert.equal(world.server.count('CancelUpdateStack'), 0);
  });

  test('once, where somebody is faster with an update between our change set and its execution', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    const stack = world.server.stack('network');
    assert.ok(stack);
    let isOthers = false;
    const onRunning = (message: string): void => {
      if (isOthers || !message.startsWith('change set')) return;
      isOthers = true;
      updateByOther(world.server.state, stack);
    };
    const { end } = await world.deploy({ resources: TWO, run: 2, onRunning });
    assert.equal(end.state, 'succeeded');
    assert.equal(world.server.state.executions.length, 2);
  });

  test('though CloudFormation throttles, fails and loses answers', async (t) => {
    const world = await stackWorld(t);
    const { server } = world;
    for (const operation of [
      'CreateChangeSet',
      'DescribeStacks',
      'ExecuteChangeSet',
      'DescribeStackEvents',
    ]) {
      const message = 'Rate exceeded';
      server.fault({ operation, times: 2, kind: 'error', status: 400, code: 'Throttling', message });
      server.fault({ operation, times: 1, kind: 'cut', effect: true });
    }
    assert.equal((await world.deploy({})).end.state, 'succeeded');
    assert.equal(server.state.executions.length, 1);
  });

  test('though its events cannot be read', async (t) => {
    const world = await stackWorld(t);
    world.server.denied.set(
      'DescribeStackEvents',
      'not authorized to perform: cloudformation:DescribeStackEvents',
    );
    assert.equal((await world.deploy({})).end.state, 'succeeded');
    assert.match(world.log[0] ?? '', /^events of the stack are not read: .*not authorized/);
  });
});
