import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLLECT_EVERY_MS, collectDaily, FIRST_COLLECT_MS } from '../../local/collect-daily.ts';
import type { Clock } from '../../shared/clock.ts';
import { createLog } from '../../shared/log.ts';
import type { Store } from '../../shared/store/store.ts';
import { failingStore } from '../support/stores/failing-store.ts';
import { committed, openWorld, type World } from '../support/stores/memory-sources.ts';

/** Has `rounds` waits pass; before each of them `happen` is called. */
async function collecting(
  world: World,
  rounds: number,
  { store = world.store, happen = async () => {} }: { store?: Store; happen?: () => Promise<unknown> } = {},
) {
  const stop = new AbortController();
  const waits: number[] = [];
  const lines: string[] = [];
  const clock: Clock = {
    now: () => world.clock.now(),
    sleep: async (milliseconds) => {
      await happen();
      if (waits.length === rounds) stop.abort();
      else waits.push(milliseconds);
      world.clock.advance(milliseconds);
    },
  };
  const write = (line: string): void => void lines.push(line);
  const log = createLog({ format: 'json', level: 'debug', now: () => 0, write });
  await collectDaily({ store, clock, log, signal: stop.signal });
  return { waits, lines };
}

const artifacts = async ({ store }: World) => (await Array.fromAsync(store.artifacts.list())).length;

const only = { retain: { revisions: 1 } } as const;

async function land(world: World, text: string): Promise<void> {
  world.push('latest', { 'a.txt': text });
  committed(await world.look(only));
}

test('a serving process collects an hour after its start, and then once a day', async () => {
  const world = openWorld();
  for (const text of ['1', '2', '3']) await land(world, text);
  const { waits, lines } = await collecting(world, 3);
  assert.deepEqual(waits, [FIRST_COLLECT_MS, COLLECT_EVERY_MS, COLLECT_EVERY_MS]);
  assert.equal(await artifacts(world), 1);
  assert.match(lines.join('\n'), /"message":"collected".*"removed":2/);
});

test('what is landed between collects stays readable, and so does what it replaced until nothing names it', async () => {
  const world = openWorld();
  let landed = 0;
  const happen = async (): Promise<void> => {
    landed += 1;
    await land(world, String(landed));
    const { current } = await world.status();
    assert.ok(current);
    assert.notEqual(await world.store.artifacts.record(current), undefined);
  };
  await collecting(world, 4, { happen });
  assert.equal(landed, 5);
  const { current } = await world.status();
  assert.ok(current);
  assert.notEqual(await world.store.artifacts.record(current), undefined);
  assert.equal(await artifacts(world), 2, 'the last but one was looked at after the last collect');
});

test('a collect that fails is told, and the next day tries again', async () => {
  const world = openWorld();
  for (const text of ['1', '2']) await land(world, text);
  const store = failingStore(world.store, /^get sources/, 'STORE_UNAVAILABLE', 1);
  const { lines } = await collecting(world, 2, { store });
  assert.match(lines[0] ?? '', /"message":"collect failed".*STORE_UNAVAILABLE/);
  assert.match(lines[1] ?? '', /"message":"collected"/);
  assert.equal(await artifacts(world), 1);
});

for (const days of [2, -2]) {
  test(`a clock set by ${days} days does not have what was just used collected`, async () => {
    const world = openWorld();
    let steady = 0;
    const clock: Clock = {
      now: () => world.clock.now(),
      steady: () => steady,
      sleep: async (milliseconds) => {
        world.clock.advance(milliseconds);
        steady += milliseconds;
        if (steady > FIRST_COLLECT_MS) stop.abort();
        for (const text of ['1', '2']) await land(world, text);
        world.clock.advance(days * 24 * 3_600_000);
      },
    };
    const stop = new AbortController();
    await collectDaily({ store: world.store, clock, log: () => undefined, signal: stop.signal });
    assert.equal(await artifacts(world), 2);
  });
}
