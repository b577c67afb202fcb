import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kindsOf } from '../../../shared/deploy/kinds/deploy-kinds.ts';
import { readRuns } from '../../../shared/deploy/visit/run-history.ts';
import { LandfallError } from '../../../shared/errors.ts';
import type { EventEnvelope } from '../../../shared/model/envelope.ts';
import { ID } from '../../support/stores/memory-sources.ts';
import { until } from '../../support/until.ts';
import { entryOf, kindsWith, openDeployWorld } from '../deploy-world.ts';
import { type SlowTarget, slowKind, stillRunning } from '../visit/slow-kind.ts';
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

  test('that wait for one that fails for good say so at once', async () => {
    const world = openDeployWorld();
    const slept: number[] = [];
    const stop = new AbortController();
    const sleep = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
      slept.push(milliseconds);
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
    };
    const clock = { now: () => world.clock.now(), sleep };
    const first = Promise.withResolvers<void>();
    const kinds = kindsWith(() => first.promise);
    const entries = [entryOf({ name: 'data' }), entryOf({ name: 'api', dependsOn: ['data'] })];
    const { accept, idle } = subscribe(world, entries, { kinds, clock, signal: stop.signal });
    accept(await world.land({ 'a.txt': '1' }));
    await until('one that waits', () => slept.length === 1 || undefined);
    first.reject(new LandfallError('DEPLOY_FAILED', 'no such table'));
    await until('the other to say it', async () => {
      const { waiting } = await world.ledger(entries[1]);
      return waiting?.message.endsWith('which fails: DEPLOY_FAILED') || undefined;
    });
    stop.abort();
    await idle();
  });

  test('have kept what a run said when they tell that it has ended', async () => {
    const world = openDeployWorld();
    const kept: (readonly unknown[])[] = [];
    const bus = {
      emit: async (events: readonly EventEnvelope[]): Promise<void> => {
        for (const { 'detail-type': type } of events)
          if (type === 'Deploy Succeeded' || type === 'Deploy Failed') {
            const runs = await readRuns(world.store.objects, 'app', ID);
            kept.push(runs.map(({ state, ended }) => [state, ended !== null]));
          }
      },
    };
    world.failures.push(new LandfallError('DEPLOY_FAILED', 'no such table'));
    const { accept, idle } = subscribe(world, [entryOf()], { bus });
    for (const text of ['1', '2']) {
      accept(await world.land({ 'a.txt': text }));
      await idle();
    }
    assert.deepEqual(kept, [
      [['Failed', true]],
      [
        ['Failed', true],
        ['Succeeded', true],
      ],
    ]);
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

  for (const [what, ending] of [
    ['has applied', undefined],
    ['has failed for good', new LandfallError('DEPLOY_FAILED', 'no such table')],
  ] as const)
    test(`begin with what came while a run was under way as soon as that ${what}`, async () => {
      const world = openDeployWorld();
      const asleep: (() => void)[] = [];
      const sleep = (_: number, signal?: AbortSignal): Promise<void> =>
        new Promise((resolve) => {
          asleep.push(resolve);
          signal?.addEventListener('abort', () => resolve());
        });
      const target: SlowTarget = { calls: [], answers: [stillRunning('1'), stillRunning('1')] };
      if (ending !== undefined) target.answers.push(ending);
      const entry = entryOf({ kind: 'slow', settings: { target: 'web' }, timeoutMs: 3_600_000 });
      const clock = { now: () => world.clock.now(), sleep };
      const { accept, idle } = subscribe(world, [entry], { kinds: kindsOf([slowKind(target)]), clock });
      accept(await world.land({ 'a.txt': '1' }));
      await until('the first run to be under way', () => asleep.length === 1 || undefined);
      accept(await world.land({ 'a.txt': '2' }));
      await until('that to be looked at for the second', () => asleep.length === 2 || undefined);
      asleep[1]?.();
      await until('the next look', () => asleep.length === 3 || undefined);
      asleep[2]?.();
      await idle();
      assert.equal((await world.ledger()).applied?.generation, 2);
    });
});
