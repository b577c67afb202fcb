import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { functionDeploy } from '../../../shared/deploy/function/function-deploy.ts';
import { functionPermissions } from '../../../shared/deploy/function/function-permissions.ts';
import { functionSettings } from '../../../shared/deploy/function/function-settings.ts';
import { readCode } from '../../../shared/deploy/function/wanted-code.ts';
import { FUNCTION_ZIP_BYTES } from '../../../shared/limits.ts';
import { OCI_INDEX } from '../../../shared/oci/media-types.ts';
import { functionWorld } from './function-world.ts';

const IMAGE = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/web';

describe('the document of a function', () => {
  const refused = [
    ['an ARN for a name', { function: 'arn:aws:lambda:eu-central-1:123456789012:function:web' }],
    ['an image with a tag', { image: `${IMAGE}:1.0` }],
    ['an image of another registry', { image: 'ghcr.io/team/web' }],
    ['an alias that is a version', { alias: '7' }],
    ['a weight of 0', { shift: [{ weight: 0, for: '5m' }] }],
    ['a weight of 100', { shift: [{ weight: 100, for: '5m' }] }],
    [
      'weights that fall',
      {
        shift: [
          { weight: 50, for: '5m' },
          { weight: 10, for: '5m' },
        ],
      },
    ],
    [
      'weights that stay',
      {
        shift: [
          { weight: 50, for: '5m' },
          { weight: 50, for: '5m' },
        ],
      },
    ],
    ['a zip and an image', { zip: 'app.zip', image: IMAGE }],
    ['steps, and no alias', { alias: undefined, shift: [{ weight: 50, for: '5m' }] }],
    ['alarms, and no alias', { alias: undefined, alarms: ['errors'] }],
    ['a step of more than a day', { shift: [{ weight: 50, for: '1441m' }] }],
    ['a step of a second', { shift: [{ weight: 50, for: '1s' }] }],
    ['a step without its time', { shift: [{ weight: 50 }] }],
    ['an absolute zip', { zip: '/app.zip' }],
  ] as const;
  for (const [what, changes] of refused) {
    test(`is refused with ${what}`, () => {
      assert.equal(functionSettings.safeParse({ function: 'web', alias: 'live', ...changes }).success, false);
    });
  }

  test('reads back as it was written', () => {
    const shift = [
      { weight: 1, for: '24h' },
      { weight: 99, for: '1m' },
    ];
    const settings = functionSettings.parse({ function: 'web', shift, alias: 'live' });
    assert.deepEqual(functionSettings.parse(JSON.parse(JSON.stringify(settings))), settings);
  });
});

describe('the code of a revision', () => {
  test('is not an index, of which Lambda takes none', async (t) => {
    const world = await functionWorld(t);
    const context = world.context({ settings: { zip: undefined, image: IMAGE } });
    const record = { ...context.artifact.record, mediaType: OCI_INDEX };
    const index = { ...context, artifact: { ...context.artifact, record } };
    await assert.rejects(readCode(index), { code: 'DEPLOY_FAILED', hint: /platform: linux\/arm64/ });
  });

  test('goes by a request from a store in another region', async (t) => {
    const world = await functionWorld(t);
    const context = world.context();
    const far = { ...context, origin: { ...context.origin, region: 'us-east-1' } };
    const source = await (await readCode(far)).source();
    assert.ok('zip' in source);
  });

  test('is not larger than a request, where Lambda cannot read the store', async (t) => {
    const world = await functionWorld(t);
    const location = { in: 'directory', directory: '/store' } as const;
    const context = world.context({ location });
    const codeOf = async (size: number) => {
      const files = context.artifact.files.map((file) => ({ ...file, size }));
      return (await readCode({ ...context, artifact: { ...context.artifact, files } })).source();
    };
    assert.ok('zip' in (await codeOf(FUNCTION_ZIP_BYTES)));
    await assert.rejects(codeOf(FUNCTION_ZIP_BYTES + 1), {
      code: 'DEPLOY_FAILED',
      message: /52428801 bytes/,
    });
  });
});

describe('what a deploy of a function would do', () => {
  const WRITES = /^(Update|Publish|Create|Delete)/;

  test('is told, and nothing is written', async (t) => {
    const world = await functionWorld(t);
    const plan = await functionDeploy.plan(world.context());
    assert.deepEqual(
      plan.changes.map(({ action, what }) => `${action} ${what}`),
      ['update code of function web', 'update alias live of function web'],
    );
    assert.ok(world.server.calls.every(({ operation }) => !WRITES.test(operation)));
  });

  test('is nothing where it is as it is to be', async (t) => {
    const world = await functionWorld(t);
    await world.deploy();
    assert.deepEqual(await functionDeploy.plan(world.context({ run: 2 })), {
      changes: [],
      summary: 'nothing to change',
    });
  });

  test('is to move the alias, where somebody moved it back', async (t) => {
    const world = await functionWorld(t);
    await world.deploy();
    Object.assign(world.made.aliases.get('live') ?? {}, { version: '1' });
    const { changes } = await functionDeploy.plan(world.context({ run: 2 }));
    assert.deepEqual(changes, [
      { action: 'update', what: 'alias live of function web', why: 'it is at version 1' },
    ]);
  });

  test('is to make the alias, where there is none', async (t) => {
    const world = await functionWorld(t);
    const { changes } = await functionDeploy.plan(world.context({ settings: { alias: 'fresh' } }));
    assert.deepEqual(
      changes.map(({ action }) => action),
      ['update', 'create'],
    );
  });

  test('is nothing to one that is not there', async (t) => {
    const world = await functionWorld(t);
    const { changes, summary } = await functionDeploy.plan(
      world.context({ settings: { function: 'nobody' } }),
    );
    assert.deepEqual(changes, []);
    assert.match(summary, /there is no function nobody/);
  });
});

describe('the role of a function', () => {
  const origin = { partition: 'aws', account: '123456789012', region: 'eu-central-1', bucket: 'b' };
  const actionsOf = (settings: object) =>
    functionPermissions(functionSettings.parse({ function: 'web', ...settings }), origin).flatMap(
      ({ actions }) => actions,
    );

  test('has no part for what the document does not ask for', () => {
    const actions = ['lambda:GetFunction', 'lambda:GetFunctionConfiguration', 'lambda:UpdateFunctionCode'];
    assert.deepEqual(actionsOf({}), actions);
    assert.ok(actionsOf({ image: IMAGE }).includes('ecr:BatchGetImage'));
    assert.ok(actionsOf({ alias: 'live', alarms: ['a'] }).includes('cloudwatch:DescribeAlarms'));
  });

  test('names the repository of its image alone', () => {
    const settings = functionSettings.parse({ function: 'web', image: IMAGE });
    const ecr = functionPermissions(settings, origin).find(({ actions }) =>
      actions.includes('ecr:BatchGetImage'),
    );
    assert.deepEqual(ecr?.resources, ['arn:aws:ecr:eu-central-1:123456789012:repository/team/web']);
  });

  test('may do what is called', async (t) => {
    const world = await functionWorld(t);
    const settings = { shift: [{ weight: 10, for: '1m' }], alarms: ['errors'] };
    world.server.state.alarms.set('errors', 'OK');
    await world.deploy({ settings });
    const may = new Set(actionsOf({ alias: 'live', ...settings }).map((action) => action.split(':')[1]));
    for (const { operation } of world.server.calls) assert.ok(may.has(operation), operation);
  });
});
