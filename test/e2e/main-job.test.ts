import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ArtifactRecord } from '../../shared/model/artifact-record.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import type { RevisionChangedDetail } from '../../shared/model/event-schema.ts';
import { receiverPath } from '../../shared/trigger/receivers/open-receiver.ts';
import type { Files } from '../support/artifacts/sample-artifacts.ts';
import { atEnd } from '../support/at-end.ts';
import { documentOf, folderFor, landfall, landfallProcess } from '../support/cli.ts';
import {
  digestInLayout,
  pushChart,
  skopeoCopy,
  umociImage,
  umociLayer,
  writeFiles,
} from '../support/programs/oci-tools.ts';
import { eventsOf, eventsOfKind, type ServeProcess, startServe } from '../support/programs/serving.ts';
import { skipWithout } from '../support/programs/tool.ts';
import {
  type DockerRegistry,
  skipWithoutDockerRegistry,
  startDockerRegistry,
} from '../support/servers/docker-registry.ts';
import { freePort } from '../support/servers/free-port.ts';
import { type StallingProxy, startStallingProxy } from '../support/servers/stalling-proxy.ts';

const WHAT = "the main job on Docker's registry, skopeo and umoci";
const skip = skipWithoutDockerRegistry(WHAT) || skipWithout(['skopeo', 'umoci'], WHAT);

const SECRET = 'canary-e2e-secret';
const CHANGED = 'Artifact Revision Changed';
const SITE = { 'index.html': '<h1>1</h1>\n', 'css/site.css': 'a {}\n' };
const APP = { 'app/deployment.yaml': 'replicas: 1\n', 'app/service.yaml': 'port: 80\n' };
const CHART = { 'Chart.yaml': 'name: web\nversion: 1.0.0\n', 'templates/a.yaml': 'a: 1\n' };

/** Docker's registry that notifies Landfall, which reaches it through something that can stall; and the documents. */
interface World {
  readonly registry: DockerRegistry;
  readonly proxy: StallingProxy;
  readonly folder: string;
  readonly store: string;
  serve(): Promise<ServeProcess>;
  events(count: number): Promise<readonly RevisionChangedDetail[]>;
}

const documentFor = (host: string): string => `sources:
  - { name: site, namespace: web, url: "oci://${host}/team/site", ref: { tag: stable }, interval: 1h }
  - { name: app, namespace: web, url: "oci://${host}/team/app", ref: { semver: ">=1.0.0 <2.0.0" }, interval: 1h }
  - { name: chart, namespace: web, url: "oci://${host}/charts/web", ref: { semver: "*" }, interval: 1h }
credentials:
  - { registry: "${host}", plainHttp: true }
receivers:
  - { name: hub, type: distribution, registry: "${host}", secret: { value: ${SECRET} } }
`;

const detailOf = ({ detail }: EventEnvelope): RevisionChangedDetail => detail as RevisionChangedDetail;

async function openWorld(t: TestContext): Promise<World> {
  const folder = await folderFor(t);
  const listen = `127.0.0.1:${await freePort()}`;
  const path = receiverPath({ type: 'distribution', name: 'hub' }, SECRET);
  const headers = { Authorization: `Bearer ${SECRET}` };
  const registry = await startDockerRegistry({
    notifications: [{ url: `http://${listen}${path}`, headers }],
  });
  atEnd(t, () => registry.close());
  const proxy = await startStallingProxy(registry.host);
  atEnd(t, () => proxy.close());
  const [store, sources] = [join(folder, 'store'), join(folder, 'sources.yaml')];
  await writeFile(sources, documentFor(proxy.host));
  return {
    registry,
    proxy,
    folder,
    store,
    serve: () => startServe(t, { documents: [sources], store, argv: ['--listen', listen] }),
    events: async (count) => (await eventsOfKind(store, CHANGED, count)).map(detailOf),
  };
}

/** An artifact landed whole under its digest, and says of itself what the event says. */
async function assertLanded({ store }: World, detail: RevisionChangedDetail, files: Files): Promise<void> {
  const folder = join(store, 'artifacts', 'sha256', detail.digest.slice(7), 'default');
  const record = JSON.parse(await readFile(join(folder, 'artifact.json'), 'utf8')) as ArtifactRecord;
  assert.equal(join(store, detail.artifact.record), join(folder, 'artifact.json'));
  assert.equal(record.contentDigest, detail.contentDigest);
  assert.deepEqual(record.files.map(({ path }) => path).sort(), Object.keys(files).sort());
  for (const [path, text] of Object.entries(files)) {
    assert.equal(await readFile(join(folder, 'files', path), 'utf8'), text);
  }
}

async function push(world: World, name: string, files: Files, target: string): Promise<string> {
  const from = await writeFiles(join(world.folder, name), files);
  const url = `oci://${world.registry.host}/${target}`;
  return String(documentOf(await landfallProcess(['push', from, url, '--plain-http', '--json']))['digest']);
}

test('what skopeo, umoci, helm and landfall push to a registry lands once, by webhook, with the right events', {
  skip,
}, async (t) => {
  const world = await openWorld(t);
  const { registry, folder, store } = world;
  const remote = `docker://${registry.host}/team`;
  const image = await umociImage(folder, APP, '1.0.0');
  await skopeoCopy(`oci:${image}`, `${remote}/app:1.0.0`);
  const site = await push(world, 'site-1', SITE, 'scratch/site:v1');
  const layout = `${join(folder, 'copied')}:v1`;
  await skopeoCopy(`docker://${registry.host}/scratch/site:v1`, `oci:${layout}`);
  assert.equal(await digestInLayout(layout), site, 'skopeo keeps what landfall push made');
  await skopeoCopy(`oci:${layout}`, `${remote}/site:stable`);
  const chart = await pushChart(registry.host, { name: 'web', version: '1.0.0+build.1', files: CHART });
  const serve = await world.serve();

  const first = await world.events(3);
  const byName = new Map(first.map((detail) => [detail.name, detail]));
  assert.deepEqual([...byName.keys()].sort(), ['app', 'chart', 'site']);
  for (const [name, digest, files] of [
    ['app', await digestInLayout(image), APP],
    ['site', site, SITE],
    ['chart', chart, Object.fromEntries(Object.entries(CHART).map(([path, text]) => [`web/${path}`, text]))],
  ] as const) {
    const detail = byName.get(name);
    assert.ok(detail);
    assert.equal(detail.digest, digest);
    assert.equal(detail.generation, 1);
    assert.equal(detail.previous, null);
    assert.deepEqual(detail.changes, {
      added: 2,
      modified: 0,
      removed: 0,
      content: 'changed',
      paths: Object.keys(files).sort(),
      links: { added: 0, modified: 0, removed: 0, paths: [] },
    });
    await assertLanded(world, detail, files);
  }
  assert.equal(byName.get('chart')?.tag, '1.0.0_build.1');

  const next = await umociLayer(folder, image, { 'app/deployment.yaml': 'replicas: 2\n' }, '1.1.0');
  await skopeoCopy(`oci:${next}`, `${remote}/app:1.1.0`);
  const [app] = (await world.events(4)).slice(3);
  assert.ok(app);
  assert.equal(app.trigger, 'webhook');
  assert.deepEqual([app.name, app.tag, app.generation], ['app', '1.1.0', 2]);
  assert.deepEqual(app.changes.paths, ['app/deployment.yaml']);
  assert.equal(app.previous?.digest, byName.get('app')?.digest);
  await assertLanded(world, app, { ...APP, 'app/deployment.yaml': 'replicas: 2\n' });

  await push(world, 'site-2', { ...SITE, 'index.html': '<h1>2</h1>\n' }, 'team/site:stable');
  const [again] = (await world.events(5)).slice(4);
  assert.ok(again);
  assert.deepEqual([again.name, again.trigger, again.changes.paths], ['site', 'webhook', ['index.html']]);

  assert.equal((await landfall(['fsck', '--store', store])).code, 0);
  const ended = await serve.end('SIGTERM');
  assert.equal(ended.code, 0);
  assert.doesNotMatch(ended.stdout + ended.stderr, /canary/);
  assert.equal((await eventsOf(store)).length, 5, 'nothing landed twice');
});

test('kill -9 in the middle of a pull from a registry loses nothing, and a second start carries on', {
  skip,
}, async (t) => {
  const world = await openWorld(t);
  const { store, proxy } = world;
  await push(world, 'small', SITE, 'team/site:stable');
  const first = await world.serve();
  const [landed] = await world.events(1);
  const large = { ...SITE, 'media/large.bin': randomBytes(3 * 1024 ** 2).toString('base64') };
  const stuck = proxy.stallAfter(1024 ** 2);
  const digest = await push(world, 'large', large, 'team/site:stable');
  await stuck;
  await first.end('SIGKILL');

  assert.equal((await landfall(['fsck', '--store', store])).code, 0);
  const list = documentOf<readonly { digest: string }[]>(
    await landfall(['get', 'artifacts', '--store', store, '--json']),
  );
  assert.deepEqual(
    list.map((artifact) => artifact.digest),
    [landed?.digest],
  );
  proxy.release();
  await world.serve();
  const [before, after] = await world.events(2);
  assert.deepEqual(before, landed);
  assert.ok(after);
  assert.deepEqual([after.digest, after.generation], [digest, 2]);
  assert.deepEqual(after.changes.paths, ['media/large.bin']);
  await assertLanded(world, after, large);
});
