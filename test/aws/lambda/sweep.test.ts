import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sweep } from '../../../functions/lambda/work/sweep.ts';
import { type StatusFacts, sweepCache } from '../../../shared/aws/s3/sweep-cache.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { reconcile } from '../../../shared/reconcile/reconcile.ts';
import { requestReconcile, suspend } from '../../../shared/reconcile/suspend.ts';
import type { Source } from '../../../shared/source/source.ts';
import { sweepKey } from '../../../shared/store/layout.ts';
import { countedStore, totalOf } from '../../support/aws-server/bucket-over-store.ts';
import { imageOf, openWorld, pushImage, sourceOf } from '../../support/memory-sources.ts';
import { MemoryQueue } from '../../trigger/samples.ts';

const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `s${String(at).padStart(3, '0')}`);

/** Sources that follow a tag each, all landed. */
async function landed(count: number) {
  const world = openWorld();
  const sources = new Map<string, Source>(
    names(count).map((name) => [name, sourceOf({ name, ref: { tag: name } })]),
  );
  const image = imageOf({ 'a.txt': 'one' });
  for (const [name, source] of sources) {
    pushImage(world.registry, name, image);
    await reconcile({ source, trigger: 'schedule' }, world);
  }
  world.asked();
  const counted = countedStore(world.store.objects);
  const queue = new MemoryQueue();
  const ids = [...sources.values()].map(({ namespace, name }) => ({ namespace, name }));
  /** As one process sweeps; without `memory`, one that has just started. */
  const run = async (
    memory = new Map<string, StatusFacts>(),
    registry: Partial<typeof world.registry> = {},
  ) => {
    counted.reset();
    const cache = sweepCache({ ...counted, memory });
    const reader = Object.assign(Object.create(world.registry), registry) as typeof world.registry;
    const deps = {
      sourceOf: ({ name }: { readonly name: string }) => sources.get(name),
      registry: reader,
      cache,
      queue,
      clock: world.clock,
    };
    const report = await sweep(ids, deps, AbortSignal.timeout(60_000));
    return {
      ...report,
      enqueued: queue.messages.splice(0).map(({ name }) => name),
      asked: world.asked().length,
    };
  };
  const look = (name: string) =>
    reconcile({ source: sources.get(name) ?? sourceOf(), trigger: 'webhook' }, world);
  return { world, sources, counted, run, look };
}

test('a sweep of 100 unchanged sources asks each registry once, and S3 at most ten times', async () => {
  const { counted, run } = await landed(100);
  await run();
  const memory = new Map<string, StatusFacts>();
  const started = await run(memory);
  assert.deepEqual([started.unchanged, started.enqueued, started.asked], [100, [], 100]);
  assert.ok(
    totalOf(counted.requests) <= 5,
    `a process that has just started: ${JSON.stringify(counted.requests)}`,
  );
  const warm = await run(memory);
  assert.deepEqual([warm.unchanged, warm.enqueued, warm.asked], [100, [], 100]);
  assert.deepEqual({ ...counted.requests }, { get: 0, put: 0, list: 1 });
});

test('a push is seen, and the source alone is looked at', async () => {
  const { world, run } = await landed(5);
  const memory = new Map<string, StatusFacts>();
  await run(memory);
  pushImage(world.registry, 's003', imageOf({ 'a.txt': 'two' }));
  assert.deepEqual((await run(memory)).enqueued, ['s003']);
});

test('what another worker landed is not taken for what was remembered', async () => {
  const { world, counted, run, look } = await landed(5);
  const memory = new Map<string, StatusFacts>();
  await run(memory);
  pushImage(world.registry, 's001', imageOf({ 'a.txt': 'two' }));
  await look('s001');
  // Back again: the registry has what the sweep remembers, and the status does not.
  pushImage(world.registry, 's001', imageOf({ 'a.txt': 'one' }));
  assert.deepEqual((await run(memory)).enqueued, ['s001']);
  assert.deepEqual((await run(memory)).enqueued, ['s001'], 'until a look has landed it');
  await look('s001');
  assert.deepEqual((await run(memory)).enqueued, ['s001'], 'remembered no longer');
  assert.deepEqual((await run(memory)).enqueued, []);
  assert.deepEqual({ ...counted.requests }, { get: 0, put: 0, list: 1 });
});

test('a change between the question and the listing is not missed', async () => {
  const { world, run, look } = await landed(3);
  const memory = new Map<string, StatusFacts>();
  await run(memory);
  const two = imageOf({ 'a.txt': 'two' });
  const one = imageOf({ 'a.txt': 'one' });
  let isDone = false;
  const { enqueued } = await run(memory, {
    peek: async (repository, tag, options) => {
      const answer = await world.registry.peek(repository, tag, options);
      if (tag === 's002' && !isDone) {
        isDone = true;
        // Another worker lands a push after this registry answered, and the tag is moved back.
        pushImage(world.registry, 's002', two);
        await look('s002');
        pushImage(world.registry, 's002', one);
      }
      return answer;
    },
  });
  assert.deepEqual(enqueued, ['s002']);
});

test('facts in the bucket that are old are not believed', async () => {
  const { world, run, look } = await landed(4);
  await run();
  pushImage(world.registry, 's000', imageOf({ 'a.txt': 'two' }));
  await look('s000');
  pushImage(world.registry, 's000', imageOf({ 'a.txt': 'one' }));
  assert.deepEqual((await run()).enqueued, ['s000']);
});

test('facts in the bucket that are nonsense cost requests and nothing else', async () => {
  const { world, run } = await landed(4);
  for (const text of [
    '',
    'null',
    '[]',
    '{"formatVersion":1}',
    '{"formatVersion":99,"facts":{"web/s000":{}}}',
    '{"formatVersion":2,"facts":{"web/s000":{},"web/s001":null,"web/s002":{"version":"x"},"web/s003":7}}',
  ]) {
    for (const shard of ['0', '1', '2', '3']) {
      const stored = await world.store.objects.get(sweepKey(shard));
      await world.store.objects.replace(sweepKey(shard), Buffer.from(text), stored?.version);
    }
    assert.deepEqual((await run()).enqueued, [], text);
  }
});

test('whatever a reconcile would do more than ask is left to a reconcile', async () => {
  const { world, sources, run, look } = await landed(6);
  const memory = new Map<string, StatusFacts>();
  await run(memory);
  const { objects } = world.store;
  const at = (name: string) => ({ namespace: 'web', name });
  await requestReconcile(at('s000'), 'token', { objects, clock: world.clock });
  sources.set('s001', sourceOf({ name: 's001', ref: { tag: 's001' }, unpack: { mode: 'archive' } }));
  await suspend(at('s003'), { objects, clock: world.clock });
  sources.set('s004', sourceOf({ name: 's004', ref: { tag: 's004' }, suspend: true }));
  sources.delete('s005');
  await run(memory);
  const { enqueued, unchanged } = await run(memory);
  assert.ok(enqueued.includes('s000') && enqueued.includes('s001'));
  assert.ok(!enqueued.includes('s003') && !enqueued.includes('s004') && !enqueued.includes('s005'));
  assert.ok(unchanged >= 1);
  await look('s000');
});

test('a registry that fails is for a reconcile to record', async () => {
  const { run } = await landed(3);
  const { enqueued } = await run(new Map(), {
    peek: async () => Promise.reject(new LandfallError('REGISTRY_UNAVAILABLE', 'down')),
  });
  assert.deepEqual(enqueued, ['s000', 's001', 's002']);
});

test('a source that was never looked at is', async () => {
  const { sources, run } = await landed(1);
  sources.set('s000', sourceOf({ name: 'never', ref: { tag: 's000' } }));
  assert.deepEqual((await run()).enqueued, ['never']);
});

test('while webhooks work a sweep asks as rarely as the document allows, and every time once one fails to come', async () => {
  const { world, sources, run, look } = await landed(1);
  const memory = new Map<string, StatusFacts>();
  const source = sources.get('s000') ?? assert.fail();
  sources.set('s000', { ...source, intervalMs: 60_000, maxIntervalMs: 3_600_000 });
  const sweeps = async (minutes: number): Promise<number> => {
    let asked = 0;
    for (let minute = 0; minute < minutes; minute++) {
      world.clock.advance(60_000);
      const report = await run(memory);
      asked += report.asked;
      for (const name of report.enqueued)
        await reconcile({ source: sources.get(name) ?? source, trigger: 'schedule' }, world);
    }
    return asked;
  };
  assert.equal(await sweeps(10), 10);
  pushImage(world.registry, 's000', imageOf({ 'a.txt': 'two' }));
  await look('s000');
  world.asked();
  const patient = await sweeps(180);
  assert.ok(patient >= 3 && patient <= 12, `asked ${patient} times in 3 hours`);
  pushImage(world.registry, 's000', imageOf({ 'a.txt': 'three' }));
  await sweeps(66);
  world.asked();
  assert.equal(await sweeps(10), 10);
});

test('of the sources of a registry that is asked too much one is looked at, and the others wait', async () => {
  const { run } = await landed(20);
  const memory = new Map<string, StatusFacts>();
  const limited = { peek: () => Promise.reject(new LandfallError('RATE_LIMITED', 'too many')) };
  const report = await run(memory, limited);
  assert.deepEqual([report.unchanged, report.enqueued.length], [19, 1]);
  assert.equal(report.known.size, 0, 'of those that wait nobody has said that they are where they were');
  const next = await run(memory);
  assert.deepEqual([next.enqueued, next.known.size], [[], 20]);
});
