import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { imageCode, zipCode } from '../../../aws-stand-ins/lambda/lambda-state.ts';
import { sampleRevision } from '../../event/samples.ts';
import { functionWorld, NEW, OLD, PREFIX } from './function-world.ts';

describe('a function is given code', () => {
  test('from the zip in the store, which Lambda reads; then a version, then the alias', async (t) => {
    const world = await functionWorld(t);
    const { end } = await world.deploy();
    assert.deepEqual(end, {
      state: 'succeeded',
      result: { version: '2', isAliasOurs: false },
      message: 'alias live of function web is at version 2',
    });
    const sent = world.server.calls.find(({ operation }) => operation === 'UpdateFunctionCode')?.input;
    assert.equal(sent?.['S3Bucket'], 'landfall-store');
    assert.equal(sent?.['S3Key'], `${PREFIX}app.zip`);
    assert.equal(sent?.['RevisionId'], '1');
    assert.equal(world.made.aliases.get('live')?.version, '2');
    assert.deepEqual(world.server.state.uploads, [zipCode(Buffer.from('new zip')).sha256]);
  });

  test('in the request, from a store that is a folder', async (t) => {
    const world = await functionWorld(t);
    const location = { in: 'directory', directory: '/store' } as const;
    assert.equal((await world.deploy({ location })).end.state, 'succeeded');
    const sent = world.server.calls.find(({ operation }) => operation === 'UpdateFunctionCode')?.input;
    assert.equal(Buffer.from(String(sent?.['ZipFile']), 'base64').toString(), 'new zip');
  });

  test('as a zip of the artifact, where the document names none', async (t) => {
    const world = await functionWorld(t);
    const files = { 'index.js': 'exports.handler = 1;', 'bin/run.sh': '#!/bin/sh' };
    assert.equal((await world.deploy({ files, settings: { zip: undefined } })).end.state, 'succeeded');
    const sent = world.server.calls.find(({ operation }) => operation === 'UpdateFunctionCode')?.input;
    assert.equal(Buffer.from(String(sent?.['ZipFile']), 'base64').subarray(0, 2).toString(), 'PK');
  });

  test('as the image that the revision is, by its digest', async (t) => {
    const world = await functionWorld(t);
    const repository = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/web';
    const { digest } = sampleRevision(1);
    world.made.code = imageCode(`${repository}@sha256:${'0'.repeat(64)}`);
    const settings = { zip: undefined, image: repository };
    assert.equal((await world.deploy({ settings })).end.state, 'succeeded');
    assert.equal(world.made.code.image, `${repository}@${digest}`);
    const uploads = world.server.count('UpdateFunctionCode');
    assert.equal((await world.deploy({ settings })).end.state, 'succeeded');
    assert.equal(world.server.count('UpdateFunctionCode'), uploads);
  });

  test('not again, where it has it: nothing is uploaded, no version made, no alias moved', async (t) => {
    const world = await functionWorld(t);
    await world.deploy();
    const before = { versions: world.made.versions.length, moves: world.server.state.moves.length };
    const { end, calls } = await world.deploy({ run: 2 });
    assert.equal(end.state, 'succeeded');
    assert.equal(calls, 3);
    assert.equal(world.server.count('UpdateFunctionCode'), 1);
    assert.deepEqual(before, {
      versions: world.made.versions.length,
      moves: world.server.state.moves.length,
    });
  });

  test('without an alias no version is made', async (t) => {
    const world = await functionWorld(t);
    const { end } = await world.deploy({ settings: { alias: undefined } });
    assert.equal(end.state === 'succeeded' && end.message, 'function web has the code');
    assert.equal(world.server.count('PublishVersion'), 0);
  });

  test('and the alias is made where there is none, and is then ours', async (t) => {
    const world = await functionWorld(t);
    const { end } = await world.deploy({ settings: { alias: 'fresh' } });
    assert.deepEqual(end.state === 'succeeded' && end.result, { version: '2', isAliasOurs: true });
  });

  test('and the alias moves once the version is ready, as with SnapStart', async (t) => {
    const world = await functionWorld(t);
    world.server.state.takes.activeMs = 120_000;
    const { end, messages } = await world.deploy();
    assert.equal(end.state, 'succeeded');
    assert.ok(messages.includes('version 2 of function web is Pending'));
  });

  test('though somebody else changes it first: their change is waited for, and not lost', async (t) => {
    const world = await functionWorld(t);
    world.made.updatedAt = world.clock.now() + 20_000;
    world.made.configuration = 'memory 512';
    const { end, messages } = await world.deploy();
    assert.equal(end.state, 'succeeded');
    assert.equal(messages[0], 'function web is being changed by somebody else');
    assert.equal(world.made.versions.at(-1)?.configuration, 'memory 512');
  });

  test('though somebody changes it between our look and our request', async (t) => {
    const world = await functionWorld(t);
    world.server.fault({
      ...{ operation: 'GetFunction', times: 1, kind: 'cut', effect: true },
      meanwhile: async () => undefined,
    });
    world.server.fault({
      ...{ operation: 'UpdateFunctionCode', times: 1, kind: 'error', status: 412 },
      ...{ code: 'PreconditionFailedException', message: 'The Revision Id provided does not match' },
    });
    assert.equal((await world.deploy()).end.state, 'succeeded');
    assert.equal(world.server.state.uploads.length, 1);
  });

  test('though Lambda throttles, fails and loses answers', async (t) => {
    const world = await functionWorld(t);
    for (const operation of [
      'GetFunction',
      'UpdateFunctionCode',
      'PublishVersion',
      'GetAlias',
      'UpdateAlias',
    ]) {
      const code = 'TooManyRequestsException';
      world.server.fault({ operation, times: 1, kind: 'error', status: 429, code, message: 'Rate exceeded' });
      world.server.fault({ operation, times: 1, kind: 'error', status: 500, code: 'ServiceException' });
      world.server.fault({ operation, times: 1, kind: 'cut', effect: true });
    }
    assert.equal((await world.deploy()).end.state, 'succeeded');
    assert.equal(world.server.state.uploads.length, 1);
    assert.deepEqual(world.server.state.moves, ['2']);
  });
});

describe('a function that fails to take code says why', () => {
  const image = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/web';
  const cases = [
    ['there is none', { settings: { function: 'nobody' } }, /there is no function nobody/],
    ['the artifact has no such zip', { files: { 'b.zip': '' } }, /app.zip is not in the artifact/],
    ['it is made of a zip, and an image comes', { settings: { zip: undefined, image } }, /is made of a zip/],
    ['the artifact is empty', { files: {}, settings: { zip: undefined } }, /there is no file/],
  ] as const;
  for (const [what, revision, message] of cases) {
    test(`where ${what}`, async (t) => {
      const world = await functionWorld(t);
      await assert.rejects(world.deploy(revision), { code: 'DEPLOY_FAILED', message });
      assert.equal(world.server.state.uploads.length, 0);
    });
  }

  test('where Lambda could not take it, with its reason; and the alias stays', async (t) => {
    const world = await functionWorld(t);
    world.server.state.nextFault = 'InvalidZipFileException';
    await assert.rejects(world.deploy(), {
      code: 'DEPLOY_FAILED',
      message: /InvalidZipFileException: as the test/,
    });
    assert.deepEqual(world.server.state.moves, []);
  });

  test('and the same code is given again by a replay, since it was not taken', async (t) => {
    const world = await functionWorld(t);
    world.server.state.nextFault = 'ImageAccessDenied';
    await assert.rejects(world.deploy());
    assert.equal((await world.deploy({ run: 2 })).end.state, 'succeeded');
    assert.equal(world.server.state.uploads.length, 2);
  });

  test('where it has other bytes than the commit record says', async (t) => {
    const world = await functionWorld(t);
    const context = world.context();
    world.server.state.objects.set(`landfall-store/${PREFIX}app.zip`, Buffer.from('other'));
    const { functionDeploy } = await import('../../../shared/deploy/function/function-deploy.ts');
    await assert.rejects(functionDeploy.step(context), { code: 'STORE_CORRUPT' });
    assert.deepEqual(world.server.state.moves, []);
  });

  test('where the role may not', async (t) => {
    const world = await functionWorld(t);
    const message = 'User: r is not authorized to perform: lambda:UpdateFunctionCode on resource: web';
    world.server.denied.set('UpdateFunctionCode', message);
    await assert.rejects(world.deploy(), { code: 'DEPLOY_FAILED', message: /lambda:UpdateFunctionCode/ });
  });

  test('where there is no room for it', async (t) => {
    const world = await functionWorld(t);
    const code = 'CodeStorageExceededException';
    world.server.fault({ operation: 'UpdateFunctionCode', times: 9, kind: 'error', status: 400, code });
    await assert.rejects(world.deploy(), { code: 'DEPLOY_FAILED', hint: /Delete versions/ });
  });

  test('where somebody gives it other code right after: theirs stays, and it is told at once', async (t) => {
    const world = await functionWorld(t);
    const onRunning = (): void => {
      world.made.code = zipCode(OLD);
    };
    await assert.rejects(world.deploy({ onRunning }), { code: 'DEPLOY_FAILED', message: /somebody else/ });
    assert.equal(world.server.state.uploads.length, 1);
  });
});

describe('a deploy of a function that is killed at any of its calls is finished, and gives the code once', () => {
  const shift = [
    { weight: 10, for: '1m' },
    { weight: 50, for: '2m' },
  ];
  for (const [what, settings] of [
    ['at once', {}],
    ['by steps', { shift, alarms: ['errors'] }],
  ] as const) {
    for (const when of ['before', 'after'] as const) {
      test(`moving the alias ${what}, killed ${when} each call`, async (t) => {
        const calm = await functionWorld(t);
        calm.server.state.alarms.set('errors', 'OK');
        const { calls } = await calm.deploy({ settings, files: NEW });
        for (let at = 1; at <= calls; at += 1) {
          const world = await functionWorld(t);
          world.server.state.alarms.set('errors', 'OK');
          const { end, wasKilled } = await world.deploy({ settings, kill: { at, when } });
          assert.ok(wasKilled);
          assert.equal(end.state, 'succeeded', `call ${at}`);
          assert.equal(world.server.state.uploads.length, 1, `call ${at}`);
          assert.equal(world.made.versions.length, 2, `call ${at}`);
          assert.deepEqual(world.server.state.moves, calm.server.state.moves, `call ${at}`);
        }
      });
    }
  }
});
