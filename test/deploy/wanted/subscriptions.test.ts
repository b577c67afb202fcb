import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LandfallError } from '../../../shared/errors.ts';
import { failingStore } from '../../support/stores/failing-store.ts';
import { type Applying, entryOf, generations, kindsWith, openDeployWorld } from '../deploy-world.ts';
import { advancing, subscribe } from './subscribed.ts';

const busy = (): LandfallError => new LandfallError('DEPLOY_UNAVAILABLE', 'busy');

describe('subscribed deploys', () => {
  test('run for each generation, one after the other', async () => {
    const world = openDeployWorld();
    const { accept, idle, outcomes } = subscribe(world);
    for (const text of ['1', '2', '3']) {
      accept(await world.land({ 'a.txt': text }));
      await idle();
    }
    assert.deepEqual(generations(world), [1, 2, 3]);
    assert.deepEqual(outcomes(), ['applied', 'applied', 'applied']);
  });

  test('that get a burst apply what is current when their turn comes', async () => {
    const world = openDeployWorld();
    const { accept, idle } = subscribe(world);
    for (const text of ['1', '2', '3']) accept(await world.land({ 'a.txt': text }));
    await idle();
    const ran = generations(world);
    assert.deepEqual(ran, [...new Set(ran)].sort());
    assert.equal(ran.at(-1), 3);
  });

  test('never run twice at once for a source, and do not wait for another', async () => {
    const world = openDeployWorld();
    let running = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const command = async ({ deploy }: Applying): Promise<void> => {
      if (deploy.name === 'other') return gate.resolve();
      running += 1;
      most = Math.max(most, running);
      await gate.promise;
      running -= 1;
    };
    const kinds = kindsWith(command);
    const { accept, idle } = subscribe(world, [entryOf(), entryOf({ name: 'other' })], { kinds });
    const event = await world.land({ 'a.txt': '1' });
    for (let times = 0; times < 3; times += 1) accept(event);
    await idle();
    assert.equal(most, 1);
  });

  test('are only those whose pattern and source want the event', async () => {
    const world = openDeployWorld();
    const pattern = { detail: { changes: { paths: [{ prefix: 'app/' }] } } };
    const { accept, idle } = subscribe(world, [
      entryOf({ pattern }),
      entryOf({ name: 'elsewhere', source: 'api/*' }),
    ]);
    accept(await world.land({ 'docs/a.txt': '1' }));
    await idle();
    assert.deepEqual(generations(world), []);
    accept(await world.land({ 'docs/a.txt': '1', 'app/b.txt': '1' }));
    await idle();
    assert.deepEqual(
      world.applied.map(({ deploy }) => deploy.name),
      ['app'],
    );
  });
});

describe('a subscribed deploy that cannot', () => {
  test('at the moment is run again for ever, waiting longer each time up to minutes, and tells of it ever more rarely', async () => {
    const world = openDeployWorld();
    world.failures.push(...Array.from({ length: 20 }, busy));
    const { clock, waits } = advancing(world);
    const { accept, idle, outcomes, reports } = subscribe(world, [entryOf()], { clock });
    accept(await world.land({ 'a.txt': '1' }));
    await idle();
    assert.deepEqual(outcomes(), [...Array(20).fill('failed'), 'applied']);
    assert.ok((waits[0] ?? 0) <= 1_000 && (waits[3] ?? 0) >= 4_000, String(waits));
    for (const wait of waits.slice(10)) assert.ok(wait >= 150_000 && wait <= 300_000, String(waits));
    const told = reports.flatMap(({ isRepeated }, at) => (isRepeated ? [] : [at + 1]));
    assert.deepEqual(told, [1, 2, 4, 8, 16, 21]);
  });

  test('at the moment says in its ledger when it is tried again', async () => {
    const world = openDeployWorld();
    world.failures.push(busy(), busy());
    const nexts: (string | null | undefined)[] = [];
    const clock = {
      now: () => world.clock.now(),
      sleep: async (milliseconds: number): Promise<void> => {
        const { next, attempts } = (await world.ledger()).failure ?? {};
        nexts.push(next);
        assert.equal(attempts, nexts.length);
        assert.equal(Date.parse(next ?? ''), Math.floor(world.clock.now() + milliseconds));
        world.clock.advance(milliseconds);
      },
    };
    const { accept, idle } = subscribe(world, [entryOf()], { clock });
    accept(await world.land({ 'a.txt': '1' }));
    await idle();
    assert.equal(nexts.length, 2);
    assert.equal((await world.ledger()).failure, null);
  });

  test('at the moment tries at once when a new revision comes, and does not wait its time out', async () => {
    const world = openDeployWorld();
    world.failures.push(busy());
    const slept = Promise.withResolvers<void>();
    const clock = {
      now: () => world.clock.now(),
      sleep: (_: number, signal?: AbortSignal) =>
        new Promise<void>((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
          slept.resolve();
        }),
    };
    const { accept, idle } = subscribe(world, [entryOf()], { clock });
    accept(await world.land({ 'a.txt': '1' }));
    await slept.promise;
    accept(await world.land({ 'a.txt': '2' }));
    await idle();
    assert.deepEqual(generations(world), [1, 2]);
  });

  test('ever is not run again', async () => {
    const world = openDeployWorld();
    world.failures.push(new LandfallError('DEPLOY_FAILED', 'broken'));
    const { accept, idle, outcomes } = subscribe(world);
    const event = await world.land({ 'a.txt': '1' });
    accept(event);
    accept(event);
    await idle();
    assert.deepEqual(outcomes(), ['failed', 'failed-before']);
  });

  test('read its secret is run again by the next start: the secret may be there now', async () => {
    const world = openDeployWorld();
    world.failures.push(new LandfallError('CREDENTIAL_UNREADABLE', 'not there'));
    const event = await world.land({ 'a.txt': '1' });
    const before = subscribe(world);
    before.accept(event);
    await before.idle();
    assert.deepEqual(before.outcomes(), ['failed'], 'not by itself');
    const after = subscribe(world);
    await after.enqueueAll();
    await after.idle();
    assert.deepEqual(after.outcomes(), ['applied']);
  });

  for (const [what, pattern] of [
    ['read its status', /^get sources/],
    ['read its ledger', /^get deploys/],
    ['write its ledger', /^replace deploys/],
  ] as const) {
    test(`${what} at the moment is run again`, async () => {
      const world = openDeployWorld();
      const store = failingStore(world.store, pattern, 'STORE_UNAVAILABLE', 1);
      const { accept, idle, outcomes } = subscribe(world, [entryOf()], { store });
      accept(await world.land({ 'a.txt': '1' }));
      await idle();
      assert.deepEqual(outcomes(), ['failed', 'applied']);
      assert.deepEqual(generations(world), [1]);
    });
  }

  test('because another worker was first sees that it is done', async () => {
    const world = openDeployWorld();
    const store = failingStore(world.store, /^replace deploys/, 'STORE_CONFLICT', 1);
    const { accept, idle, outcomes } = subscribe(world, [entryOf()], { store });
    accept(await world.land({ 'a.txt': '1' }));
    await idle();
    assert.deepEqual(outcomes(), ['failed', 'applied']);
  });

  test('any more, since Landfall stops, is not run again', async () => {
    const world = openDeployWorld();
    const stop = new AbortController();
    world.failures.push(busy());
    const clock = {
      now: () => world.clock.now(),
      sleep: async (): Promise<void> => {
        stop.abort();
        throw stop.signal.reason;
      },
    };
    const { accept, idle, outcomes } = subscribe(world, [entryOf()], { clock, signal: stop.signal });
    accept(await world.land({ 'a.txt': '1' }));
    await idle();
    assert.deepEqual(outcomes(), ['failed']);
    assert.deepEqual(generations(world), [1]);
  });
});

describe('deploys that look at what is current', () => {
  test('apply what was landed while nobody listened', async () => {
    const world = openDeployWorld();
    for (const text of ['1', '2']) await world.land({ 'a.txt': text });
    const { enqueueAll, idle } = subscribe(world);
    await enqueueAll();
    await idle();
    assert.deepEqual(generations(world), [2]);
    await enqueueAll();
    await idle();
    assert.deepEqual(generations(world), [2], 'and what is applied stays so');
  });

  test('do not miss a change that matters to them because a later one does not', async () => {
    const world = openDeployWorld();
    const entry = entryOf({ path: 'app', pattern: { detail: { changes: { paths: [{ prefix: 'app/' }] } } } });
    await world.land({ 'app/a.txt': '1', 'docs/b.txt': '1' });
    await world.land({ 'app/a.txt': '1', 'docs/b.txt': '2' });
    const { enqueueAll, idle } = subscribe(world, [entry]);
    await enqueueAll();
    await idle();
    assert.deepEqual(generations(world), [2], 'what is current, whose app/ is the one of generation 1');
    assert.deepEqual(world.applied[0]?.event.detail['generation'], 2);
  });

  test('run each source that a glob names', async () => {
    const world = openDeployWorld();
    await world.land({ 'a.txt': '1' });
    await world.look({ name: 'other' });
    const { enqueueAll, idle } = subscribe(world);
    await enqueueAll();
    await idle();
    assert.deepEqual(
      world.applied.map(({ event }) => event.detail['name']),
      ['site', 'other'],
    );
  });
});

test('where each source is reconciled once, what waits is left waiting, and nobody stays for it', async () => {
  const world = openDeployWorld();
  const windows = [{ is: 'allow', cron: '0 2 * * *', timeZone: 'UTC', forMs: 3_600_000 }] as const;
  const { accept, idle, outcomes } = subscribe(world, [entryOf({ windows })], { tries: 3 });
  accept(await world.land({ 'a.txt': '1' }));
  await idle();
  assert.deepEqual(outcomes(), ['waiting']);
  assert.deepEqual(generations(world), []);
});

test('where each source is reconciled once, a deploy that fails at the moment has so many tries', async () => {
  const world = openDeployWorld();
  for (let time = 0; time < 5; time += 1) world.failures.push(busy());
  const { clock, waits } = advancing(world);
  const { accept, idle, outcomes } = subscribe(world, [entryOf()], { tries: 3, clock });
  accept(await world.land({ 'a.txt': '1' }));
  await idle();
  assert.deepEqual([outcomes(), waits.length], [['failed', 'failed', 'failed'], 2]);
});
