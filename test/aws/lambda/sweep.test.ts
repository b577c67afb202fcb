import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markedObjects } from '../../../shared/aws/s3/status-mark.ts';
import type { StatusFacts } from '../../../shared/aws/s3/sweep-cache.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { reconcile } from '../../../shared/reconcile/reconcile.ts';
import { requestReconcile, resume, suspend } from '../../../shared/reconcile/suspend.ts';
import { MARK_KEY, sweepKey } from '../../../shared/store/layout.ts';
import { totalOf } from '../../support/aws-server/bucket-over-store.ts';
import { imageOf, pushImage, sourceOf } from '../../support/stores/memory-sources.ts';
import { landed } from '../support/swept.ts';

test('a sweep of 100 unchanged sources asks each registry once, and S3 at most ten times', async () => {
  const { counted, run } = await landed(100);
  await run();
  const memory = new Map<string, StatusFacts>();
  const started = await run(memory);
  assert.deepEqual([started.unchanged, started.enqueued, started.asked], [100, [], 100]);
  assert.ok(
    totalOf(counted.requests) <= 6,
    `a process that has just started: ${JSON.stringify(counted.requests)}`,
  );
  const warm = await run(memory);
  assert.deepEqual([warm.unchanged, warm.enqueued, warm.asked], [100, [], 100]);
  assert.deepEqual({ ...counted.requests }, { get: 1, put: 0, list: 0 }, 'whether a status was written');
});

test('while nobody writes a status, an hour of sweeps lists them six times', async () => {
  const { world, counted, run } = await landed(20);
  const memory = new Map<string, StatusFacts>();
  await run(memory);
  const hour = { get: 0, put: 0, list: 0 };
  for (let minute = 0; minute < 60; minute += 1) {
    world.clock.advance(60_000);
    assert.deepEqual((await run(memory)).enqueued, []);
    for (const name of ['get', 'put', 'list'] as const) hour[name] += counted.requests[name];
  }
  assert.deepEqual(hour, { get: 60, put: 0, list: 6 });
});

/** A status that moves on, while the registry has again what is remembered. */
async function movedAside(how: 'marked' | 'unmarked') {
  const opened = await landed(3);
  const { world, sources, run, look } = opened;
  const memory = new Map<string, StatusFacts>();
  await run(memory);
  pushImage(world.registry, 's001', imageOf({ 'a.txt': 'two' }));
  const unmarked = { source: sources.get('s001') ?? assert.fail(), trigger: 'webhook' } as const;
  await (how === 'marked' ? look('s001') : reconcile(unmarked, world));
  pushImage(world.registry, 's001', imageOf({ 'a.txt': 'one' }));
  return { ...opened, memory };
}

test('what was written by a tool that sets no mark is seen with the next listing, ten minutes later at most', async () => {
  const { world, run, memory } = await movedAside('unmarked');
  const until = async (minutes: number): Promise<readonly string[]> => {
    world.clock.advance(minutes * 60_000);
    return (await run(memory)).enqueued;
  };
  assert.deepEqual([await until(9), await until(1)], [[], ['s001']]);
});

test('a mark whose listing failed is not forgotten', async () => {
  const { counted, run, memory } = await movedAside('marked');
  const { versions } = counted.reader;
  counted.reader.versions = () => {
    throw new LandfallError('STORE_UNAVAILABLE', 'S3 is away');
  };
  await assert.rejects(run(memory), { code: 'STORE_UNAVAILABLE' });
  counted.reader.versions = versions;
  assert.deepEqual((await run(memory)).enqueued, ['s001']);
});

test('a person who resumes a source is seen by the next sweep, and where the mark may not be set by a later one', async () => {
  const { world, marked, run, look } = await landed(2);
  const memory = new Map<string, StatusFacts>();
  const id = { namespace: 'web', name: 's000' };
  await suspend(id, { objects: world.store.objects, clock: world.clock });
  // It tells that it is suspended.
  await look('s000');
  await run(memory);
  await run(memory);
  pushImage(world.registry, 's000', imageOf({ 'a.txt': 'two' }));
  assert.deepEqual((await run(memory)).enqueued, []);
  await resume(id, { objects: marked, clock: world.clock });
  assert.deepEqual((await run(memory)).enqueued, ['s000']);
  const denied = markedObjects({
    ...world.store.objects,
    replace: async (key, ...rest) => {
      if (key === MARK_KEY) throw new LandfallError('STORE_DENIED', 'put sweeps/mark.json: 403');
      return world.store.objects.replace(key, ...rest);
    },
  });
  await suspend(id, { objects: denied, clock: world.clock });
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
  assert.deepEqual({ ...counted.requests }, { get: 1, put: 0, list: 1 });
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
  const { world, sources, marked: objects, run, look } = await landed(6);
  const memory = new Map<string, StatusFacts>();
  await run(memory);
  const at = (name: string) => ({ namespace: 'web', name });
  await requestReconcile(at('s000'), 'token', { objects, clock: world.clock });
  sources.set('s001', sourceOf({ name: 's001', ref: { tag: 's001' }, unpack: { mode: 'archive' } }));
  await suspend(at('s003'), { objects, clock: world.clock });
  await look('s003');
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
  // Three polls at each of three dues: that one passed over none is worth two requests an hour.
  assert.equal(patient, 9);
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
