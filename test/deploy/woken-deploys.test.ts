import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kindsOf } from '../../shared/deploy/kinds/deploy-kinds.ts';
import { until } from '../support/until.ts';
import { entryOf, kindsWith, openDeployWorld } from './deploy-world.ts';
import { type SlowTarget, slowKind, stillRunning } from './slow-kind.ts';
import { advancing, subscribe } from './subscribed.ts';

describe('deploys of one machine', () => {
  test('that wait for another begin as soon as that has applied, and not by time alone', async () => {
    const world = openDeployWorld();
    const slept: number[] = [];
    const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> => {
      slept.push(milliseconds);
      return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
    };
    const clock = { now: () => world.clock.now(), sleep };
    const first = Promise.withResolvers<void>();
    const ran: string[] = [];
    const kinds = kindsWith(async ({ deploy }) => {
      ran.push(deploy.name);
      if (deploy.name === 'data') await first.promise;
    });
    const entries = ['data', 'api', 'pages'].map((name, at, names) =>
      entryOf({ name, ...(at > 0 && { dependsOn: [names[at - 1] ?? ''] }) }),
    );
    const { accept, idle } = subscribe(world, entries, { kinds, clock });
    accept(await world.land({ 'a.txt': '1' }));
    await until('two that wait', () => slept.length === 2 || undefined);
    first.resolve();
    await idle();
    assert.deepEqual(ran, ['data', 'api', 'pages']);
  });

  test('whose target works on are looked at soon, then less and less often, and never less often than their kind asks', async () => {
    const world = openDeployWorld();
    const { clock, waits } = advancing(world);
    const target: SlowTarget = {
      calls: [],
      answers: Array.from({ length: 9 }, () => stillRunning('1', 30_000)),
    };
    const entry = entryOf({ kind: 'slow', settings: { target: 'web' }, timeoutMs: 3_600_000 });
    const { accept, idle, outcomes } = subscribe(world, [entry], {
      kinds: kindsOf([slowKind(target)]),
      clock,
    });
    accept(await world.land({ 'a.txt': '1' }));
    await idle();
    assert.equal(outcomes().at(-1), 'applied');
    assert.deepEqual(waits, [1_000, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });
});
