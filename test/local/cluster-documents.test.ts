import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadDocuments, reloadDocuments, stampsOfDocuments } from '../../local/documents/documents.ts';
import { KnownClusters } from '../../shared/aws/known-clusters.ts';
import { LandfallError } from '../../shared/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const TEXT = `sources: [{ name: site, namespace: web, url: "oci://r.example/app" }]
deploys:
  - { name: app, kind: kubernetes, source: web/site, prune: true, clusters: { tags: { env: prod } } }
  - { name: note, kind: http, source: web/site, url: "https://x.example" }
`;

/** A document with a deploy by tags, and clusters as a test says. */
async function openDocuments(t: { after: (end: () => Promise<void>) => void }) {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const file = join(folder.path, 'a.yaml');
  await writeFile(file, TEXT);
  const world = { names: ['one'], now: 0, failure: undefined as unknown, answer: Promise.resolve() };
  const clusters = new KnownClusters({
    find: async () => {
      await world.answer;
      if (world.failure !== undefined) throw world.failure;
      return world.names.map((name) => ({ name, region: 'eu-central-1', tags: {} }));
    },
    clock: { now: () => world.now, sleep: async () => undefined },
    log: () => undefined,
  });
  return { world, paths: { file: [file], clusters } };
}

const namesOf = ({ configuration }: Awaited<ReturnType<typeof loadDocuments>>) =>
  configuration.deploys.map(({ name }) => name);

test('a cluster that appears has the documents read again, with a deploy for it', async (t) => {
  const { world, paths } = await openDocuments(t);
  const loaded = await loadDocuments(paths);
  assert.deepEqual(namesOf(loaded), ['app.one', 'note']);
  assert.equal(await stampsOfDocuments(paths), loaded.stamps);
  assert.equal(loaded.isUnsure, true);
  world.names = ['one', 'two'];
  world.now += 6 * 60_000;
  await until('a search', async () =>
    (await stampsOfDocuments(paths)) === loaded.stamps ? undefined : true,
  );
  const read = await reloadDocuments(paths, loaded);
  assert.deepEqual(namesOf(read), ['app.one', 'app.two', 'note']);
});

test('clusters that cannot be looked up at the start are a fault of the documents, so that nothing is pruned', async (t) => {
  const { world, paths } = await openDocuments(t);
  world.failure = new LandfallError('DEPLOY_FAILED', 'tag:GetResources: AccessDenied');
  const loaded = await loadDocuments(paths);
  assert.deepEqual(namesOf(loaded), ['note']);
  assert.equal(loaded.clusterFault, 'tag:GetResources: AccessDenied');
  world.failure = undefined;
  world.now += 2 * 60_000;
  const read = await reloadDocuments(paths, loaded);
  assert.deepEqual([namesOf(read), read.clusterFault], [['app.one', 'note'], undefined]);
});

test('documents are read again once a second look has found the same clusters: then what has gone is pruned', async (t) => {
  const { world, paths } = await openDocuments(t);
  const loaded = await loadDocuments(paths);
  world.now += 2 * 60_000;
  await until('a search', async () =>
    (await stampsOfDocuments(paths)) === loaded.stamps ? undefined : true,
  );
  const read = await reloadDocuments(paths, loaded);
  assert.deepEqual([loaded.isUnsure, read.isUnsure], [true, false]);
});

test('who stops while AWS does not answer does not wait for it', { timeout: 5_000 }, async (t) => {
  const { world, paths } = await openDocuments(t);
  world.answer = new Promise(() => undefined);
  const stop = new AbortController();
  const loading = loadDocuments(paths, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error('stopped')), 20);
  await assert.rejects(loading, /stopped/);
});
