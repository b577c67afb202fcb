import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openConsole } from '../../../cli/console/open-console.ts';
import { storeStamps } from '../../../cli/console/store-stamps.ts';
import { watchedSources } from '../../../cli/console/watched-sources.ts';
import { rememberedEvents } from '../../../console/facts/console-event.ts';
import { Snapshots } from '../../../console/facts/snapshots.ts';
import { openStore } from '../../../local/store/open-store.ts';
import { openS3Store } from '../../../shared/aws/s3/store/store.ts';
import { silentLog } from '../../../shared/log.ts';
import { openWorld } from '../../support/stores/memory-sources.ts';
import { CREDENTIALS, s3For } from '../support/s3.ts';

// Region and credentials are found as the SDK finds them.
process.env['AWS_REGION'] = 'eu-central-1';
process.env['AWS_ACCESS_KEY_ID'] = CREDENTIALS.accessKeyId;
process.env['AWS_SECRET_ACCESS_KEY'] = CREDENTIALS.secretAccessKey;
process.env['AWS_EC2_METADATA_DISABLED'] = 'true';

test('of a bucket the console lists, and reads only what is new; its events cost no request', async (t) => {
  const { server, root } = await s3For(t, { prefix: 'team/' });
  process.env['AWS_ENDPOINT_URL_S3'] = server.url;
  const world = openWorld(await openS3Store(root));
  const land = async (text: string) => {
    world.push('latest', { 'app.yaml': text });
    assert.equal((await world.look()).outcome, 'committed');
  };
  await land('1');
  await using store = await openStore('s3://landfall/team');
  let now = 0;
  const snapshots = new Snapshots({
    store,
    stamps: storeStamps(store),
    watched: (options) => watchedSources(store, options),
    clock: { now: () => now, steady: () => now, sleep: async () => undefined },
    staleMs: 30_000,
    signal: new AbortController().signal,
  });
  const look = async () => {
    now += 60_000;
    const from = server.served.length;
    const { snapshot } = await snapshots.now();
    const asked = server.served.slice(from);
    return {
      snapshot,
      read: asked.filter(({ operation, key }) => operation === 'GetObject' && key.endsWith('status.json'))
        .length,
    };
  };
  assert.equal((await look()).read, 1);
  assert.equal((await look()).read, 0);
  await land('2');
  const { snapshot, read } = await look();
  assert.equal(read, 1);
  const from = server.served.length;
  assert.deepEqual(
    rememberedEvents(snapshot, 100).map(({ type }) => type),
    ['Artifact Revision Changed', 'Artifact Revision Changed'],
  );
  assert.equal(server.served.length, from);
});

test('the console over a bucket shows its sources and events', async (t) => {
  const { server, root } = await s3For(t, { prefix: 'team/' });
  process.env['AWS_ENDPOINT_URL_S3'] = server.url;
  const world = openWorld(await openS3Store(root));
  world.push('latest', { 'app.yaml': '1' });
  await world.look();
  await using store = await openStore('s3://landfall/team');
  const ending = new AbortController();
  const address = { host: '127.0.0.1', port: 0 };
  await using opened = await openConsole({ store, address, log: silentLog, signal: ending.signal });
  for (const path of ['', 'events', 'sources/web/site']) {
    const answer = await fetch(new URL(path, opened.url));
    assert.equal(answer.status, 200, path);
    assert.match(await answer.text(), /web\/site/, path);
  }
  ending.abort();
});
