import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusFacts } from '../../../shared/aws/s3/sweep-cache.ts';
import { reconcile } from '../../../shared/reconcile/reconcile.ts';
import { imageOf, pushImage, sourceOf } from '../../support/memory-sources.ts';
import { landed } from '../support/swept.ts';

test('a composed source of ten parts costs a sweep nothing of its own, and is looked at once a part has moved', async () => {
  const { world, sources, run, counted, look } = await landed(10);
  const include = [...sources.values()].map(({ name }) => ({ source: `web/${name}`, to: name }));
  const app = sourceOf({
    name: 'app',
    url: 'landfall://web/app',
    repository: { registry: 'landfall.invalid', repository: 'web/app' },
    ref: {},
    composed: { include, images: [], onClash: 'refuse' },
  });
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
