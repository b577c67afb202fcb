import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { functionDeploy } from '../../../shared/deploy/function/function-deploy.ts';
import type { FunctionProgress } from '../../../shared/deploy/function/function-progress.ts';
import { functionWorld } from './function-world.ts';

const shift = [
  { weight: 10, for: '5m' },
  { weight: 50, for: '10m' },
];
const settings = { shift, alarms: ['errors', 'latency'] };

async function guardedWorld(t: Parameters<typeof functionWorld>[0]) {
  const world = await functionWorld(t);
  world.server.state.alarms.set('errors', 'OK');
  world.server.state.alarms.set('latency', 'INSUFFICIENT_DATA');
  return world;
}

describe('an alias moves by steps', () => {
  test('each for its time, and its alarms are looked at each minute', async (t) => {
    const world = await guardedWorld(t);
    const began = world.clock.now();
    const { end } = await world.deploy({ settings });
    assert.equal(end.state, 'succeeded');
    assert.deepEqual(world.server.state.moves, ['1+2:0.1', '1+2:0.5', '2']);
    assert.ok(world.clock.now() - began >= 15 * 60_000);
    assert.ok(world.server.count('DescribeAlarms') >= 15);
    assert.deepEqual(world.log, ['version 2 has 10 % of alias live', 'version 2 has 50 % of alias live']);
  });

  test('and back, where an alarm goes off', async (t) => {
    const world = await guardedWorld(t);
    const onRunning = (message: string): void => {
      if (message.includes('50 %')) world.server.state.alarms.set('errors', 'ALARM');
    };
    const { end } = await world.deploy({ settings, onRunning });
    assert.ok(end.state === 'rolledBack');
    assert.match(
      end.error.message,
      /^alarm errors went off while version 2 of function web had 50 % of alias live$/,
    );
    assert.equal(end.error.code, 'DEPLOY_FAILED');
    assert.deepEqual(world.server.state.moves, ['1+2:0.1', '1+2:0.5', '1']);
    assert.deepEqual(world.made.aliases.get('live')?.weights, {});
  });

  test('and back though the alias is changed, or an answer lost, just then', async (t) => {
    const world = await guardedWorld(t);
    const onRunning = (message: string): void => {
      if (!message.includes('10 %') || world.server.state.alarms.get('errors') === 'ALARM') return;
      world.server.state.alarms.set('errors', 'ALARM');
      const code = 'PreconditionFailedException';
      world.server.fault({ operation: 'UpdateAlias', times: 1, kind: 'error', status: 412, code });
      world.server.fault({ operation: 'UpdateAlias', times: 1, kind: 'cut', effect: true });
    };
    assert.equal((await world.deploy({ settings, onRunning })).end.state, 'rolledBack');
    assert.equal(world.made.aliases.get('live')?.version, '1');
  });

  test('not before an alarm that is off already is on again', async (t) => {
    const world = await guardedWorld(t);
    world.server.state.alarms.set('errors', 'ALARM');
    const onRunning = (message: string): void => {
      if (!message.includes('is off already')) return;
      assert.deepEqual(world.server.state.moves, []);
      world.server.state.alarms.set('errors', 'OK');
    };
    assert.equal((await world.deploy({ settings, onRunning })).end.state, 'succeeded');
  });

  for (const there of [[], ['errors']])
    test(`not where alarms that are to guard it are not there, and ${there.length} are`, async (t) => {
      const world = await functionWorld(t);
      for (const name of there) world.server.state.alarms.set(name, 'OK');
      const missing = settings.alarms.filter((name) => !there.includes(name)).join(', ');
      await assert.rejects(world.deploy({ settings }), {
        code: 'DEPLOY_FAILED',
        message: new RegExp(`alarms that are not there: ${missing}`),
      });
      assert.deepEqual(world.server.state.moves, []);
    });

  for (const [what, alias] of [
    ['to another version', { version: '3', weights: {} }],
    ['back by hand', { version: '1', weights: {} }],
    ['to other weights', { version: '1', weights: { 2: 0.3 } }],
  ] as const) {
    test(`but stays where somebody else moves it meanwhile: ${what}`, async (t) => {
      const world = await guardedWorld(t);
      const onRunning = (message: string): void => {
        if (message.includes('10 %'))
          Object.assign(world.made.aliases.get('live') ?? {}, alias, { revision: 9 });
      };
      const failed = { code: 'DEPLOY_FAILED', message: /moved by somebody else/ };
      await assert.rejects(world.deploy({ settings, onRunning }), failed);
      const { version, weights } = world.made.aliases.get('live') ?? {};
      assert.deepEqual({ version, weights }, alias);
    });
  }

  test('and is done where somebody moved it all the way', async (t) => {
    const world = await guardedWorld(t);
    const onRunning = (message: string): void => {
      if (message.includes('10 %'))
        Object.assign(world.made.aliases.get('live') ?? {}, { version: '2', weights: {}, revision: 9 });
    };
    assert.equal((await world.deploy({ settings: { shift }, onRunning })).end.state, 'succeeded');
    assert.deepEqual(world.server.state.moves, ['1+2:0.1']);
  });
});

describe('a function is taken back', () => {
  async function undone(
    world: Awaited<ReturnType<typeof functionWorld>>,
    progress: FunctionProgress | null,
    revision: Parameters<typeof world.deploy>[0],
  ) {
    const context = world.context(revision);
    const visited = await functionDeploy.undo?.(context, progress);
    assert.ok(visited);
    return visited;
  }

  test('by its alias, to where that was before the run', async (t) => {
    const world = await functionWorld(t);
    await world.deploy();
    const progress = { phase: 'alias', version: '2', from: '1', at: 0, since: 0 } as const;
    const end = await undone(world, progress, { run: 2 });
    assert.deepEqual(end.state === 'succeeded' && end.result, { version: '1', isAliasOurs: false });
    assert.equal(world.made.aliases.get('live')?.version, '1');
  });

  test('or to what was applied, where the run told nothing yet', async (t) => {
    const world = await functionWorld(t);
    await world.deploy();
    const applied = { result: { version: '1', isAliasOurs: false } };
    assert.equal((await undone(world, null, { run: 2, applied })).state, 'succeeded');
    assert.equal(world.made.aliases.get('live')?.version, '1');
  });

  test('not without an alias: its earlier code is gone', async (t) => {
    const world = await functionWorld(t);
    const revision = { settings: { alias: undefined } };
    const progress = { phase: 'code', id: 'x' } as const;
    await assert.rejects(undone(world, progress, revision), {
      code: 'DEPLOY_FAILED',
      message: /cannot be taken back/,
    });
  });

  test('again, where its alias is changed just then', async (t) => {
    const world = await functionWorld(t);
    await world.deploy();
    const code = 'PreconditionFailedException';
    world.server.fault({ operation: 'UpdateAlias', times: 1, kind: 'error', status: 412, code });
    const progress = { phase: 'alias', version: '2', from: '1', at: 0, since: 0 } as const;
    const first = await undone(world, progress, { run: 2 });
    assert.ok(first.state === 'running');
    const then = await functionDeploy.look?.(world.context({ run: 2 }), first.progress);
    assert.equal(then?.state, 'succeeded');
    assert.equal(world.made.aliases.get('live')?.version, '1');
  });
});

describe('what a function leaves is taken away', () => {
  test('its alias, where this deploy made it', async (t) => {
    const world = await functionWorld(t);
    const fresh = { settings: { alias: 'fresh' } };
    const { end } = await world.deploy(fresh);
    assert.ok(end.state === 'succeeded' && end.result);
    await functionDeploy.remove?.(world.context({ ...fresh, applied: { result: end.result } }), null);
    assert.deepEqual([...world.made.aliases.keys()], ['live']);
  });

  test('and nothing that was there before', async (t) => {
    const world = await functionWorld(t);
    const { end } = await world.deploy();
    assert.ok(end.state === 'succeeded' && end.result);
    await functionDeploy.remove?.(world.context({ applied: { result: end.result } }), null);
    assert.deepEqual([...world.made.aliases.keys()], ['live']);
    assert.equal(world.server.count('DeleteAlias'), 0);
  });
});
