import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusFacts } from '../../../shared/aws/s3/sweep-cache.ts';
import { reconcile } from '../../../shared/reconcile/reconcile.ts';
import type { Source } from '../../../shared/source/source.ts';
import { requireStatus } from '../../../shared/store/status-store.ts';
import { PART_POLICY, signPart } from '../../compose/signed-parts.ts';
import { imageOf, pushImage, sourceOf } from '../../support/stores/memory-sources.ts';
import { landed } from '../support/swept.ts';

const appOf = (parts: Iterable<string>): Source =>
  sourceOf({
    name: 'app',
    url: 'landfall://web/app',
    repository: { registry: 'landfall.invalid', repository: 'web/app' },
    ref: {},
    composed: {
      include: Array.from(parts, (name) => ({ source: `web/${name}`, to: name })),
      images: [],
      onClash: 'refuse',
    },
  });

test('a composed source of ten parts costs a sweep nothing of its own, and is looked at once a part has moved', async () => {
  const { world, sources, run, counted, look } = await landed(10);
  const app = appOf(sources.keys());
  const parts = await run();
  const memory = new Map<string, StatusFacts>();
  await run(memory);
  const before = { ...(await run(memory)), requests: { ...counted.requests } };
  sources.set('app', app);
  await reconcile({ source: app, trigger: 'schedule' }, world);
  const both = async () => {
    const ids = [...sources.values()].map(({ namespace, name }) => ({ namespace, name }));
    return { ...(await run(memory, {}, ids)), requests: { ...counted.requests } };
  };
  await both();
  const after = await both();
  assert.deepEqual([after.unchanged, after.enqueued], [parts.unchanged + 1, []]);
  assert.equal(after.asked, before.asked, 'no registry is asked for it');
  assert.deepEqual(after.requests, before.requests, 'and S3 is asked no more than for its parts');
  pushImage(world.registry, 's003', imageOf({ 'a.txt': 'two' }));
  assert.equal((await look('s003')).outcome, 'committed');
  assert.deepEqual(
    (await both()).enqueued.toSorted(),
    ['app', 's003'],
    'both are read again, as their versions moved',
  );
  await look('app');
  await both();
  assert.deepEqual((await both()).enqueued, []);
});

test('a composed source whose parts are known to be signed now is looked at, though they are where they were', async () => {
  const { world, sources, run, look } = await landed(2);
  const parts = [...sources.values()];
  const app = appOf(sources.keys());
  sources.set('app', app);
  await look('app');
  const current = async () => (await requireStatus(world.store.objects, app)).current;
  const before = await current();
  assert.ok(before);
  assert.equal(before.verification, undefined);
  for (const part of parts) {
    signPart(world, imageOf({ 'a.txt': 'one' }).digest);
    sources.set(part.name, { ...part, verify: PART_POLICY });
    assert.equal((await look(part.name)).outcome, 'unchanged');
  }
  const memory = new Map<string, StatusFacts>();
  for (const ids of [parts, [...parts, app]]) await run(memory, {}, ids);
  assert.deepEqual((await run(memory, {}, [...parts, app])).enqueued, ['app']);
  await look('app');
  assert.equal((await current())?.revision, before.revision);
  assert.equal((await current())?.verification?.signatures.length, 2);
  await run(memory, {}, [...parts, app]);
  assert.deepEqual((await run(memory, {}, [...parts, app])).enqueued, []);
});
