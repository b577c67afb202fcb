import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stackDeploy } from '../../../shared/deploy/stack/stack-deploy.ts';
import { stackPermissions } from '../../../shared/deploy/stack/stack-permissions.ts';
import { stackSettings } from '../../../shared/deploy/stack/stack-settings.ts';
import { madeStack, settingsOf, stackWorld, TOPIC, TWO, templateOf } from './stack-world.ts';

const WRITES = /^(Create|Execute|Delete|Cancel)/;

describe('what a deploy of a stack would do', () => {
  test('is told before there is one', async (t) => {
    const world = await stackWorld(t);
    const plan = await stackDeploy.plan(world.context({ resources: TWO }));
    assert.deepEqual(plan, {
      changes: [
        { action: 'create', what: 'AWS::SQS::Queue Queue' },
        { action: 'create', what: 'AWS::SNS::Topic Topic' },
      ],
      summary: '2 to create',
    });
  });

  test('is nothing where it is as it is to be', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    assert.deepEqual(await stackDeploy.plan(world.context({ run: 2 })), {
      changes: [],
      summary: 'nothing to change',
    });
  });

  test('is each resource, parameter and tag that differs; and nothing is written', async (t) => {
    const world = await stackWorld(t);
    const Parameters = { Size: { Type: 'String', Default: '1' } };
    const before = {
      Topic: { Type: 'AWS::SNS::Topic' },
      Old: { Type: 'AWS::SQS::Queue' },
      Kind: { Type: 'A::B::C' },
    };
    await world.deploy({
      files: { 'template.json': templateOf(before, { Parameters }) },
      settings: { tags: { team: 'web', old: '1' }, parameters: { Size: 1 } },
    });
    const calls = world.server.calls.length;
    const after = {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { A: 1 } },
      Kind: { Type: 'A::B::D' },
      New: { Type: 'X::Y::Z' },
    };
    const plan = await stackDeploy.plan(
      world.context({
        files: { 'template.json': templateOf(after, { Parameters }) },
        settings: { tags: { team: 'ops' }, parameters: { Size: 2 } },
        run: 2,
      }),
    );
    assert.equal(plan.summary, '1 to create, 4 to update, 1 to replace, 1 to delete');
    assert.deepEqual(
      plan.changes.map(({ action, what }) => `${action} ${what}`),
      [
        'replace A::B::D Kind',
        'create X::Y::Z New',
        'delete AWS::SQS::Queue Old',
        'update AWS::SNS::Topic Topic',
        'update parameter Size',
        'update tag team',
        'update tag old',
      ],
    );
    assert.ok(world.server.calls.slice(calls).every(({ operation }) => !WRITES.test(operation)));
  });

  test('names no change where YAML only says the same resource in another order', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    const stack = world.server.stack('network');
    assert.ok(stack?.content);
    const yaml = (properties: string) =>
      `Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties: ${properties}\n`;
    stack.content = { ...stack.content, template: yaml('{ A: !Ref X, B: 2 }') };
    const same = world.context({ files: { 'template.json': yaml('{ B: 2, A: !Ref X }') }, run: 2 });
    assert.deepEqual((await stackDeploy.plan(same)).changes, [
      { action: 'update', what: 'template of stack network' },
    ]);
    const other = world.context({ files: { 'template.json': yaml('{ B: 2, A: !Ref Y }') }, run: 2 });
    assert.deepEqual((await stackDeploy.plan(other)).changes, [
      { action: 'update', what: 'AWS::SNS::Topic Topic' },
    ]);
  });

  test('says of a stack that is in the way what it is', async (t) => {
    const world = await stackWorld(t);
    world.server.state.failing.set('Topic', { reason: 'no' });
    await world.deploy({});
    const plan = await stackDeploy.plan(world.context({ resources: TOPIC, run: 2 }));
    assert.deepEqual(plan.changes, [
      { action: 'replace', what: 'stack network', why: 'it is ROLLBACK_COMPLETE' },
    ]);
  });
});

describe('the document of a stack', () => {
  const role = 'arn:aws:iam::123456789012:role/r';
  for (const [what, changes] of [
    ['no role', { executionRole: undefined }],
    ['a role by its name', { executionRole: 'network' }],
    ['a stack with a slash', { stack: 'a/b' }],
    ['AUTO_EXPAND, which change sets have no use for', { capabilities: ['CAPABILITY_AUTO_EXPAND'] }],
    ['a parameter that is a list', { parameters: { A: ['x'] } }],
    ['a file of parameters without what it may give', { parametersFile: { path: 'p.json' } }],
    ['an absolute template', { template: '/etc/passwd' }],
  ] as const) {
    test(`is refused with ${what}`, () => {
      const settings = { stack: 'network', template: 't.yaml', executionRole: role, ...changes };
      assert.equal(stackSettings.safeParse(settings).success, false);
    });
  }

  test('reads back as it was written', () => {
    const settings = settingsOf({ parameters: { A: 1 } });
    assert.deepEqual(stackSettings.parse(JSON.parse(JSON.stringify(settings))), settings);
  });
});

test('the role of a stack may do no more than it does, and that to its own stack', () => {
  const origin = { partition: 'aws', account: '123456789012', region: 'eu-central-1', bucket: 'b' };
  const permissions = stackPermissions(settingsOf(), origin);
  assert.ok(permissions.every(({ resources }) => !resources.includes('*')));
  const actions = permissions.flatMap((permission) => permission.actions);
  assert.ok(actions.every((action) => !action.includes('*')));
  const mayDelete = (settings: object): boolean =>
    stackDeploy
      .permissions?.(settingsOf(settings), origin)
      .some((permission) => permission.actions.includes('cloudformation:DeleteStack')) ?? false;
  assert.deepEqual([mayDelete({}), mayDelete({ recreate: true })], [false, true]);
  const pass = permissions.find((permission) => permission.actions.includes('iam:PassRole'));
  assert.deepEqual(pass?.resources, ['arn:aws:iam::123456789012:role/network']);
});
