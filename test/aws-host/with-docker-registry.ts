import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { receiverPath } from '../../shared/trigger/receivers/open-receiver.ts';
import { folderFor } from '../support/cli.ts';
import {
  digestInLayout,
  pushChart,
  skopeoCopy,
  umociImage,
  umociLayer,
} from '../support/programs/oci-tools.ts';
import { skipWithout } from '../support/programs/tool.ts';
import {
  type DockerRegistry,
  skipWithoutDockerRegistry,
  startDockerRegistry,
} from '../support/servers/docker-registry.ts';
import type { Json } from '../support/template-host/json.ts';
import { until } from '../support/until.ts';
import { deploys, openSite, operate, REVISION, type SiteStory } from './support/site-story.ts';
import { assertSound } from './support/sound.ts';
import { APP, SECRET, type Synthesized } from './support/story.ts';

const WHAT = 'the synthesized stack with docker-registry';
const SKIP = skipWithoutDockerRegistry(WHAT) || skipWithout(['skopeo', 'umoci'], WHAT);

const RECEIVER = { type: 'distribution', name: 'docker' } as const;
const RANGE = { namespace: 'web', name: 'range' };
const CHART = { namespace: 'web', name: 'chart' };
const SOURCES = [APP, RANGE, CHART];

const SITE = { 'public/index.html': 'one', 'public/site.css': 'one', 'private/notes.txt': 'one' };
const RELEASE = { 'app/deployment.yaml': 'replicas: 1\n', 'app/service.yaml': 'port: 80\n' };
const TEMPLATES = { 'Chart.yaml': 'name: web\n', 'templates/a.yaml': 'a: 1\n' };

const documentFor = (host: string): string => `sources:
  - { name: app, namespace: web, url: "oci://${host}/team/app", ref: { tag: latest }, interval: 1h }
  - { name: range, namespace: web, url: "oci://${host}/team/range", ref: { semver: ">=1.0.0 <2.0.0" }, interval: 1h }
  - { name: chart, namespace: web, url: "oci://${host}/charts/web", ref: { semver: "*" }, interval: 1h }
credentials:
  - { registry: "${host}", plainHttp: true }
receivers:
  - { name: docker, type: distribution, registry: "${host}", secret: { secretsManager: landfall/webhook } }
`;

/** Docker's registry that notifies the stack, whose documents are replaced by ones that name it. */
async function openDocker(t: TestContext, story: SiteStory, folder: string): Promise<DockerRegistry> {
  const { host } = story;
  const url = new URL(receiverPath(RECEIVER, SECRET), host.outputs['ReceiveUrl']).href;
  const docker = await startDockerRegistry({
    notifications: [{ url, headers: { Authorization: `Bearer ${SECRET}` } }],
  });
  t.after(() => docker.close());
  const document = join(folder, 'team.yaml');
  await writeFile(document, documentFor(docker.host));
  await operate(story, 'apply', '-f', document);
  await host.settle();
  // What the function knew of receivers is asked about again after its time; a new process asks at once.
  await host.lambda('FunctionsReceive').kill();
  return docker;
}

/** Until webhooks have told of a push to each, and what follows has happened. */
async function settlePushed({ host }: SiteStory, sources: readonly (typeof APP)[]): Promise<void> {
  for (const { namespace, name } of sources) {
    const isOfIt = (body: string): boolean => body.includes(`"${namespace}/${name}"`);
    await until(`the webhook of ${name}`, () => host.queue('Triggers').bodies.find(isOfIt));
  }
  await host.settle();
}

/** How each source's newest event tells of what landed. */
const told = (story: SiteStory): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    SOURCES.map((id) => {
      const { generation, trigger, tag, changes } = story.details(REVISION, id).at(-1) ?? {};
      return [id.name, [generation, trigger, tag, (changes as Json | undefined)?.['paths']]];
    }),
  );

/** The whole way with a registry that is not ours, and documents that are applied rather than deployed. */
export function withDockerRegistry(stack: () => Synthesized): void {
  test('apply, skopeo, webhook, event, site: a tag, a range and a chart', { skip: SKIP }, async (t) => {
    const story = await openSite(t, stack());
    const folder = await folderFor(t);
    const { host: registry } = await openDocker(t, story, folder);
    assert.deepEqual(
      SOURCES.map((id) => story.details(REVISION, id).length),
      [0, 0, 0],
    );

    const site = await umociImage(join(folder, 'site'), SITE, 'latest');
    const release = await umociImage(join(folder, 'range'), RELEASE, '1.0.0');
    await skopeoCopy(`oci:${site}`, `docker://${registry}/team/app:latest`);
    await skopeoCopy(`oci:${release}`, `docker://${registry}/team/range:1.0.0`);
    await pushChart(registry, { name: 'web', version: '1.0.0', files: TEMPLATES });
    await settlePushed(story, SOURCES);
    assert.deepEqual(told(story), {
      app: [1, 'webhook', 'latest', ['private/notes.txt', 'public/index.html', 'public/site.css']],
      range: [1, 'webhook', '1.0.0', ['app/deployment.yaml', 'app/service.yaml']],
      chart: [1, 'webhook', '1.0.0', ['web/Chart.yaml', 'web/templates/a.yaml']],
    });
    const { digest } = story.details(REVISION)[0] ?? {};
    assert.equal(digest, await digestInLayout(site), 'what skopeo pushed, byte for byte');
    assert.deepEqual(story.served(), { 'index.html': 'one', 'site.css': 'one' });
    story.changes();

    const next = await umociLayer(join(folder, 'site'), site, { 'public/index.html': 'two' }, 'two');
    await skopeoCopy(`oci:${next}`, `docker://${registry}/team/app:latest`);
    const later = await umociLayer(
      join(folder, 'range'),
      release,
      { 'app/service.yaml': 'port: 81\n' },
      '1.1.0',
    );
    await skopeoCopy(`oci:${later}`, `docker://${registry}/team/range:1.1.0`);
    await skopeoCopy(`oci:${later}`, `docker://${registry}/team/range:2.0.0`);
    const changed = { ...TEMPLATES, 'templates/b.yaml': 'b: 1\n' };
    await pushChart(registry, { name: 'web', version: '1.1.0+build.1', files: changed });
    await settlePushed(story, SOURCES);
    assert.deepEqual(told(story), {
      app: [2, 'webhook', 'latest', ['public/index.html']],
      range: [2, 'webhook', '1.1.0', ['app/service.yaml']],
      chart: [2, 'webhook', '1.1.0_build.1', ['web/templates/b.yaml']],
    });
    assert.deepEqual(story.served(), { 'index.html': 'two', 'site.css': 'one' });
    assert.deepEqual(
      story.changes(),
      ['CopyObject www/index.html 200'],
      'what changed is put, and nothing else',
    );
    assert.deepEqual(deploys(story, 'Succeeded'), [1, 2]);

    const invocations = story.host.lambda('Site').invocations;
    const notes = await umociLayer(join(folder, 'site'), next, { 'private/notes.txt': 'two' }, 'three');
    await skopeoCopy(`oci:${notes}`, `docker://${registry}/team/app:latest`);
    await settlePushed(story, [APP]);
    assert.deepEqual(told(story)['app'], [3, 'webhook', 'latest', ['private/notes.txt']]);
    assert.equal(story.host.lambda('Site').invocations, invocations, 'nothing in its folder changed');
    assertSound(story);
  });
}
