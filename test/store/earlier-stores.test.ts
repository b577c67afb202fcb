import assert from 'node:assert/strict';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { compiledSchema } from '../../shared/aws/configuration/compiled.ts';
import { parseTriggers } from '../../shared/aws/configuration/triggers-in-force.ts';
import { sweepCache } from '../../shared/aws/s3/sweep-cache.ts';
import { systemClock } from '../../shared/clock.ts';
import { readLedger } from '../../shared/deploy/ledger/ledger.ts';
import { parseSiteManifest } from '../../shared/deploy/site/site-manifest.ts';
import { reconcile } from '../../shared/reconcile/reconcile.ts';
import { resume } from '../../shared/reconcile/suspend.ts';
import { parseDerived } from '../../shared/store/derived.ts';
import { openDirectoryStore } from '../../shared/store/directory/directory-store.ts';
import { fsck } from '../../shared/store/fsck/fsck.ts';
import { requireStatus } from '../../shared/store/status-store.ts';
import { countedStore } from '../support/aws-server/bucket-over-store.ts';
import { imageOf, openWorld, pushImage, sourceOf } from '../support/stores/memory-sources.ts';
import { folder } from './support/folder.ts';

const STORES = join(import.meta.dirname, '../fixtures/stores');
const APP = { namespace: 'web', name: 'app' };
const SITE = { namespace: 'web', name: 'site' };
const kept = (path: string): Promise<Buffer> => readFile(join(STORES, path));

async function machine(t: Parameters<typeof folder>[0]) {
  const path = folder(t);
  await cp(join(STORES, 'machine'), path, { recursive: true });
  return openDirectoryStore(path, { durable: false });
}

test('a store of one machine that an earlier version wrote is sound: statuses, commit records, files, ledgers', async (t) => {
  const report = await fsck(await machine(t), {});
  assert.deepEqual([report.ok, report.artifacts, report.sources], [true, 2, 2], JSON.stringify(report));
});

test('its statuses say what they said, and are changed as those of today', async (t) => {
  const { objects } = await machine(t);
  const app = await requireStatus(objects, APP);
  assert.deepEqual(
    [app.generation, app.current?.tag, app.history.length, app.suspended?.by, app.outbox.length],
    [2, 'v1', 1, 'suspend', 0],
  );
  const gone = await requireStatus(objects, { ...APP, name: 'gone' });
  assert.deepEqual([gone.generation, gone.failure?.code], [0, 'TAG_NOT_FOUND']);
  const { clock } = openWorld();
  await resume(APP, { objects, clock });
  const { outbox, ...resumed } = await requireStatus(objects, APP);
  const { outbox: _, ...before } = app;
  assert.deepEqual(resumed, { ...before, suspended: null });
  assert.deepEqual(
    outbox.map((event) => event['detail-type']),
    ['Source Resumed'],
  );
});

test('its ledgers say what was applied, and what failed for good', async (t) => {
  const { objects } = await machine(t);
  const [live, broken] = [await readLedger(objects, 'live', APP), await readLedger(objects, 'broken', APP)];
  assert.deepEqual([live.ledger.applied?.generation, live.ledger.failure], [2, null]);
  assert.deepEqual([broken.ledger.applied, broken.ledger.failure?.code], [null, 'DEPLOY_FAILED']);
});

test('an event that an earlier version could not send is sent, and once', async () => {
  const world = openWorld();
  pushImage(world.registry, 'latest', imageOf({ 'a.txt': 'one' }));
  const key = 'sources/web/site/status.json';
  await world.store.objects.putIfAbsent(key, await kept(`outbox/${key}`));
  const before = await requireStatus(world.store.objects, SITE);
  assert.equal((await reconcile({ source: sourceOf(), trigger: 'schedule' }, world)).outcome, 'unchanged');
  assert.deepEqual(world.events(), before.outbox);
  assert.deepEqual((await requireStatus(world.store.objects, SITE)).outbox, []);
});

test('what an earlier version knew of a site is known', async () => {
  const key = 'sites/live/web/site.json';
  const manifest = parseSiteManifest(key, await kept(`aws/${key}`));
  assert.deepEqual(manifest.files.map(({ path }) => path).toSorted(), ['assets/b.js', 'index.html']);
});

test('the configuration that an earlier version compiled, which knew no deploys, is made anew; its receivers are in force meanwhile', async () => {
  const compiled = parseDerived(compiledSchema, await kept('aws/config/configuration.json'));
  assert.equal(compiled, undefined);
  const triggers = parseTriggers(await kept('aws/config/triggers.json'));
  assert.deepEqual(
    [triggers?.sources.map(({ name }) => name), triggers?.receivers.map(({ name }) => name)],
    [['site'], ['hub']],
  );
});

test('what an earlier version remembered of a sweep, which knew no failures, is forgotten and read anew', async () => {
  const { store } = openWorld();
  await store.objects.putIfAbsent('sweeps/0.json', await kept('aws/sweeps/0.json'));
  const counted = countedStore(store.objects);
  const facts = await sweepCache({ ...counted, clock: systemClock }).recall([SITE]);
  assert.equal(facts.get('web/site'), undefined);
  assert.deepEqual({ ...counted.requests }, { get: 2, put: 0, list: 0 });
});
