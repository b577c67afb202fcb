import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { functionDeploy } from '../../../shared/deploy/function/function-deploy.ts';
import type { FunctionProgress } from '../../../shared/deploy/function/function-progress.ts';
import { saidBy } from '../../support/deploys/drive-kind.ts';
import { type CodeRevision, type FunctionWorld, functionWorld } from './function-world.ts';

const CONFLICT = 'ResourceConflictException';

const look = async (world: FunctionWorld, progress: FunctionProgress, revision: CodeRevision = {}) =>
  functionDeploy.look?.(world.context(revision), progress);

describe('a function that others are at', () => {
  test('is waited for while it is made', async (t) => {
    const world = await functionWorld(t);
    world.made.activeAt = world.clock.now() + 20_000;
    const { end, messages } = await world.deploy();
    assert.equal(messages[0], 'function web is being changed by somebody else');
    assert.equal(end.state, 'succeeded');
    assert.equal(world.server.count('UpdateFunctionCode'), 1);
  });

  test('has its code taken by the next look, where a visit that was killed had given it', async (t) => {
    const world = await functionWorld(t);
    const first = await functionDeploy.step(world.context());
    assert.ok(first.state === 'running' && first.progress.phase === 'code');
    const again = await functionDeploy.step(world.context());
    assert.deepEqual(again, first);
    assert.equal(saidBy(await look(world, first.progress)), 'function web takes the code');
    assert.equal(world.server.state.uploads.length, 1);
  });

  test('has its version made by the next look, where it is changed just then', async (t) => {
    const world = await functionWorld(t);
    const failure = { kind: 'error', status: 409, code: CONFLICT } as const;
    world.server.fault({ ...failure, operation: 'PublishVersion', times: 1 });
    const { end, messages } = await world.deploy();
    assert.ok(messages.includes('function web is being changed'), messages.join('\n'));
    assert.equal(end.state, 'succeeded');
    assert.equal(world.made.versions.length, 2);
  });

  test('has the alias that somebody else made just then moved', async (t) => {
    const world = await functionWorld(t);
    const failure = { kind: 'error', status: 409, code: CONFLICT } as const;
    world.server.fault({ ...failure, operation: 'CreateAlias', times: 1 });
    const settings = { alias: 'fresh' };
    const onRunning = (message: string): void => {
      if (message === 'alias fresh was made by somebody else')
        world.made.aliases.set('fresh', { version: '1', weights: {}, revision: 1 });
    };
    const { end } = await world.deploy({ settings, onRunning });
    assert.deepEqual(end.state === 'succeeded' && end.result, { version: '2', isAliasOurs: false });
    assert.equal(world.made.aliases.get('fresh')?.version, '2');
  });
});

describe('what is refused of a function is told, and not tried again as if it were a race', () => {
  for (const [operation, revision] of [
    ['UpdateFunctionCode', {}],
    ['PublishVersion', {}],
    ['CreateAlias', { settings: { alias: 'fresh' } }],
    ['UpdateAlias', {}],
  ] as const)
    test(operation, async (t) => {
      const world = await functionWorld(t);
      world.server.denied.set(operation, `not authorized to perform: lambda:${operation}`);
      const message = new RegExp(`not authorized to perform: lambda:${operation}`);
      await assert.rejects(world.deploy(revision), { code: 'DEPLOY_FAILED', message });
    });

  test('and what Lambda has no time for is tried again later', async (t) => {
    const world = await functionWorld(t);
    const failure = { kind: 'error', status: 429, code: 'TooManyRequestsException' } as const;
    world.server.fault({ ...failure, operation: 'UpdateFunctionCode', times: 99 });
    await assert.rejects(world.deploy(), { code: 'DEPLOY_UNAVAILABLE' });
  });

  test('and where an alarm has gone off, of the way back', async (t) => {
    const world = await functionWorld(t);
    await world.deploy();
    world.server.state.alarms.set('errors', 'ALARM');
    world.server.denied.set('UpdateAlias', 'not authorized');
    const settings = { shift: [{ weight: 10, for: '5m' }], alarms: ['errors'] };
    const progress = { phase: 'alias', version: '2', from: '1', at: 0, since: world.clock.now() } as const;
    await assert.rejects(look(world, progress, { settings }), { code: 'DEPLOY_FAILED' });
  });

  test('and of an undo', async (t) => {
    const world = await functionWorld(t);
    await world.deploy();
    world.server.denied.set('UpdateAlias', 'not authorized');
    const progress = { phase: 'alias', version: '2', from: '1', at: 0, since: 0 } as const;
    await assert.rejects(async () => functionDeploy.undo?.(world.context(), progress), {
      code: 'DEPLOY_FAILED',
    });
  });
});

describe('a version that Lambda cannot make ready', () => {
  for (const activeMs of [0, 60_000])
    test(`is told with its reason, ${activeMs === 0 ? 'at once' : 'by a later look'}; the alias stays`, async (t) => {
      const world = await functionWorld(t);
      world.server.state.takes.activeMs = activeMs;
      world.server.state.versionFault = 'FunctionError';
      await assert.rejects(world.deploy(), {
        code: 'DEPLOY_FAILED',
        message: 'version 2 of function web is Failed: FunctionError: as the test has it',
      });
      assert.deepEqual(world.server.state.moves, []);
    });
});

for (const reason of [undefined, ''])
  test(`what Lambda gives no reason for is told by its code alone: ${JSON.stringify(reason)}`, async (t) => {
    const world = await functionWorld(t);
    Object.assign(world.server.state, { faultReason: reason, nextFault: 'ImageAccessDenied' });
    await assert.rejects(world.deploy(), {
      message: 'function web could not take the code: ImageAccessDenied',
    });
  });

test('code is given for the architecture that the document names, and else for the one there is', async (t) => {
  for (const architecture of ['arm64', undefined] as const) {
    const world = await functionWorld(t);
    await world.deploy({ settings: { ...(architecture !== undefined && { architecture }) } });
    const sent = world.server.calls.find(({ operation }) => operation === 'UpdateFunctionCode')?.input;
    assert.deepEqual(sent?.['Architectures'], architecture && [architecture]);
  }
});

describe('a function that is taken back', () => {
  const undone = async (world: FunctionWorld, progress: FunctionProgress | null, revision: CodeRevision) =>
    functionDeploy.undo?.(world.context(revision), progress);
  const none = { settings: { alias: undefined } };

  for (const progress of [null, { phase: 'waiting' }] as const)
    test(`without an alias is as it was where nothing was begun: ${progress?.phase}`, async (t) => {
      const end = await undone(await functionWorld(t), progress, none);
      assert.equal(saidBy(end), 'function web is as it was');
    });

  test('and of which nobody called anything before has nothing to move', async (t) => {
    const world = await functionWorld(t);
    const progress = { phase: 'version', version: '2' } as const;
    const end = await undone(world, progress, {});
    assert.equal(saidBy(end), 'nothing of function web was called before');
    assert.deepEqual(world.server.state.moves, []);
  });

  test('goes on back where it was on its way', async (t) => {
    const world = await functionWorld(t);
    await world.deploy();
    const end = await look(world, { phase: 'back', from: '1' });
    assert.equal(saidBy(end), 'alias live is at version 1 again');
    assert.equal(world.server.state.moves.at(-1), '1');
  });

  for (const [what, alias, moves] of [
    ['has no alias any more', undefined, 0],
    ['is there already', { version: '1', weights: {}, revision: 5 }, 0],
    ['has another version with a part', { version: '1', weights: { 2: 0.5 }, revision: 5 }, 1],
  ] as const)
    test(`is back where it ${what}`, async (t) => {
      const world = await functionWorld(t);
      await world.deploy();
      const before = world.server.state.moves.length;
      if (alias === undefined) world.made.aliases.delete('live');
      else world.made.aliases.set('live', { ...alias });
      assert.equal((await look(world, { phase: 'back', from: '1' }))?.state, 'succeeded');
      assert.equal(world.server.state.moves.length - before, moves);
    });
});

test('an alias that goes with its deploy is gone also where somebody took it away before', async (t) => {
  const world = await functionWorld(t);
  const fresh = { settings: { alias: 'fresh' } };
  const { end } = await world.deploy(fresh);
  assert.ok(end.state === 'succeeded' && end.result);
  const failure = { kind: 'error', status: 404, code: 'ResourceNotFoundException' } as const;
  world.server.fault({ ...failure, operation: 'DeleteAlias', times: 1 });
  const context = world.context({ ...fresh, applied: { result: end.result } });
  assert.equal((await functionDeploy.remove?.(context, null))?.state, 'succeeded');
});
