import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { documentOf, landfall } from '../../support/cli.ts';
import { openServeMachine, type ServeMachine } from '../../support/programs/serve-machine.ts';
import { eventsOf, eventsOfKind } from '../../support/programs/serving.ts';

const CHANGED = 'Artifact Revision Changed';

const manifests = (image: string) => ({
  'deploy.yaml': `kind: Deployment\nspec:\n  image: ${image} # {"$imagepolicy": "web:podinfo"}\n`,
  'README.md': 'not taken\n',
});

async function openComposed(t: Parameters<typeof openServeMachine>[0]): Promise<ServeMachine> {
  const machine = await openServeMachine(t);
  const { registry } = machine;
  const { host } = registry;
  await machine.write({
    sources: [
      `{ name: app, namespace: web, url: "oci://${host}/team/app", ref: { tag: main }, ignore: "*.md", include: [{ url: "oci://${host}/team/lib", ref: { tag: stable }, from: templates, to: lib }], images: [{ source: podinfo }] }`,
      `{ name: podinfo, namespace: web, url: "oci://${host}/team/podinfo", ref: { semver: 6.x }, unpack: { mode: none } }`,
    ],
    deploys: [`{ kind: directory, name: live, source: "web/app*", target: "${machine.live}" }`],
  });
  plantFiles(registry, 'main', manifests('podinfo:0'), { repository: 'team/app' });
  plantFiles(registry, 'stable', { 'templates/a.yaml': 'a: 1\n', other: '' }, { repository: 'team/lib' });
  plantFiles(registry, '6.0.0', { any: '' }, { repository: 'team/podinfo' });
  return machine;
}

const fileOf = (machine: ServeMachine, path: string): Promise<string> =>
  readFile(join(machine.live, path), 'utf8');

test('serve --once lands a composed source with its parts, and deploys it and not them', async (t) => {
  const machine = await openComposed(t);
  const { registry, sources, store } = machine;
  const once = ['serve', '-f', sources, '--store', store, '--once', '--json'];
  const first = await landfall(once);
  assert.equal(first.code, 0, first.stderr);
  assert.doesNotMatch(first.stderr, /reconcile failed/, 'to wait for a part is no failure that is told');
  assert.deepEqual(
    (await eventsOf(store)).filter((event) => event['detail-type'] === 'Source Reconcile Failed'),
    [],
  );
  const image = `${registry.host}/team/podinfo:6.0.0`;
  assert.equal(
    await fileOf(machine, 'deploy.yaml'),
    `kind: Deployment\nspec:\n  image: ${image} # {"$imagepolicy": "web:podinfo"}\n`,
  );
  assert.equal(await fileOf(machine, 'lib/a.yaml'), 'a: 1\n');
  const deployed = (await eventsOf(store)).filter((event) => event['detail-type'] === 'Deploy Succeeded');
  assert.deepEqual(new Set(deployed.map(({ detail }) => detail.name)), new Set(['app']));

  plantFiles(registry, '6.1.0', { any: 'new' }, { repository: 'team/podinfo' });
  assert.equal((await landfall(once)).code, 0);
  assert.match(await fileOf(machine, 'deploy.yaml'), /podinfo:6\.1\.0 #/);
  const history = documentOf<readonly { parts: readonly { source: string; revision: string }[] }[]>(
    await machine.on('history', 'web/app', '--json'),
  );
  assert.deepEqual(
    history.map(({ parts }) => parts.find(({ source }) => source === 'web/podinfo')?.revision.split('@')[0]),
    ['6.1.0', '6.0.0'],
  );

  const status = await machine.on('status', 'web/app');
  assert.match(status.stdout, /^ {2}of web\/app\.base at main@/m);
  assert.match(status.stdout, /^ {2}of web\/app\.lib at stable@/m);
  assert.match((await machine.on('status', 'web/app.lib')).stdout, /^web\/app\.lib {2}oci:\/\//);
  const checked = await machine.on('fsck');
  assert.equal(checked.code, 0, checked.stdout + checked.stderr);
  const diff = await machine.on('diff', 'web/app@6.0.0', 'web/app');
  assert.notEqual(diff.code, 0, 'it has no tag: its revisions are digests');

  assert.equal((await machine.on('rollback', 'web/app', '--to', history_digest(history))).code, 0);
  const last = await landfall(once);
  assert.equal(last.code, 0, last.stdout + last.stderr);
  assert.match(await fileOf(machine, 'deploy.yaml'), /podinfo:6\.0\.0 #/);
});

const history_digest = (history: readonly object[]): string => (history[1] as { digest: string }).digest;

test('a push of a part reaches what is composed of it by its webhook', async (t) => {
  const machine = await openComposed(t);
  const serve = await machine.serve();
  await eventsOfKind(machine.store, CHANGED, 4);
  await serve.logged('landed', { source: 'web/app' });
  plantFiles(machine.registry, 'stable', { 'templates/a.yaml': 'a: 2\n' }, { repository: 'team/lib' });
  assert.equal((await machine.on('reconcile', 'web/app.lib', '--wait')).code, 0);
  const event = (await eventsOfKind(machine.store, CHANGED, 6)).at(-1);
  assert.ok(event?.['detail-type'] === CHANGED);
  assert.equal(event.detail.name, 'app');
  assert.deepEqual(event.detail.changes.paths, ['lib/a.yaml']);
  assert.deepEqual(
    event.detail.parts?.filter(({ change }) => change === 'changed').map(({ source }) => source),
    ['web/app.lib'],
  );
});

test('status says that parts come to what they cannot be put together as, before anything has landed', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, sources, store } = machine;
  await machine.write({
    sources: [
      '{ name: both, namespace: web, include: [{ source: a }, { source: b }] }',
      ...['a', 'b'].map(
        (name) => `{ name: ${name}, namespace: web, url: "oci://${registry.host}/team/${name}" }`,
      ),
    ],
  });
  for (const name of ['a', 'b'])
    plantFiles(registry, 'latest', { same: name }, { repository: `team/${name}` });
  await landfall(['serve', '-f', sources, '--store', store, '--once']);
  const { stdout } = await machine.on('status', 'web/both');
  assert.match(stdout, /COMPOSE_REFUSED/);
  assert.match(stdout, /^its parts come to sha256:[0-9a-f]{64} now$/m);
  assert.doesNotMatch(stdout, /the registry is at/);
});

test('explain says what a source is composed of, and of each part what it resolves to', async (t) => {
  const { sources } = await openComposed(t);
  const { stdout } = await landfall(['explain', 'web/app', '-f', sources]);
  assert.match(stdout, /^composed of\n {2}web\/app\.base: all of it\n {2}web\/app\.lib: templates → lib\n/m);
  assert.match(stdout, /^with the images of\n {2}web\/podinfo: where a marker names web:podinfo$/m);
  assert.match((await landfall(['explain', 'web/app.lib', '-f', sources])).stdout, /^resolves to stable@/m);
});
