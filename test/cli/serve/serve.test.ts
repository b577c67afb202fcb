import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { signedHeaders } from '../../../shared/trigger/receivers/auth/standard-webhook.ts';
import { detailOf } from '../../event/samples.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { atEnd } from '../../support/at-end.ts';
import { assertRefused, documentOf, landfallProcess, PROGRAM } from '../../support/cli.ts';
import {
  openServeMachine,
  SECRET,
  type ServeMachine,
  sourceLine,
} from '../../support/programs/serve-machine.ts';
import { eventsOf, eventsOfKind, type ServeProcess } from '../../support/programs/serving.ts';

const CHANGED = 'Artifact Revision Changed';
const V1 = { 'app.yaml': 'version: 1\n', 'docs/kept.md': 'kept\n' };
const V2 = { 'app.yaml': 'version: 2\n', 'docs/kept.md': 'kept\n' };

/** Pushes a folder of files as a user does. */
async function push(folder: string, files: Readonly<Record<string, string>>, url: string): Promise<void> {
  const from = join(folder, `push-${crypto.randomUUID()}`);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(from, path, '..'), { recursive: true });
    await writeFile(join(from, path), text);
  }
  const ended = await landfallProcess(['push', from, url, '--plain-http']);
  assert.equal(ended.code, 0, ended.stderr);
}

/** Tells `serve` of a push as a CI job does; gives the status of the answer. */
async function sendSigned(
  machine: ServeMachine,
  { url }: ServeProcess,
  { secret = SECRET, ageSeconds = 0 }: { readonly secret?: string; readonly ageSeconds?: number } = {},
): Promise<number> {
  const body = Buffer.from(JSON.stringify({ repository: 'team/app', tag: 'stable' }));
  const timestamp = Math.floor(Date.now() / 1000) - ageSeconds;
  const headers = signedHeaders({ id: crypto.randomUUID(), timestamp, body }, secret);
  return (await fetch(`${url}${machine.receiverPath('ci')}`, { method: 'POST', body, headers })).status;
}

test('a push reaches the webhook and becomes an event that names what changed', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store, folder } = machine;
  const url = `oci://${registry.host}/team/app`;
  await machine.write({
    sources: [
      sourceLine(registry, 'name: range, ref: { semver: 1.x }'),
      sourceLine(registry, 'name: stable, ref: { tag: stable }'),
    ],
  });
  plantFiles(registry, '1.0.0', V1);
  plantFiles(registry, 'stable', V1);
  const serve = await machine.serve();
  await eventsOfKind(store, CHANGED, 2);
  await push(folder, V2, `${url}:1.1.0`);
  const [, , third] = await eventsOfKind(store, CHANGED, 3);
  assert.equal(third?.detail['name'], 'range');
  assert.equal(detailOf(third)['trigger'], 'webhook');
  assert.equal(third.detail['generation'], 2);
  assert.deepEqual((detailOf(third)['changes'] as { paths: unknown }).paths, ['app.yaml']);
  const ended = await serve.end('SIGTERM');
  assert.equal(ended.code, 0);
  assert.doesNotMatch(ended.stdout + ended.stderr, /canary/);
});

test('a signed webhook of a CI job is heard, a forged one is not', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store } = machine;
  await machine.write({ sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')] });
  plantFiles(registry, 'stable', V1);
  const serve = await machine.serve();
  await eventsOfKind(store, CHANGED);
  plantFiles(registry, 'stable', V2);
  assert.equal(await sendSigned(machine, serve, { secret: 'another secret' }), 401);
  assert.equal(await sendSigned(machine, serve, { ageSeconds: 3600 }), 401);
  assert.equal((await eventsOf(store)).length, 1);
  assert.equal(await sendSigned(machine, serve), 202);
  const [, second] = await eventsOfKind(store, CHANGED, 2);
  assert.equal(detailOf(second)['trigger'], 'webhook');
});

test('a webhook that comes before the tag has moved is not lost', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store } = machine;
  await machine.write({ sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')] });
  plantFiles(registry, 'stable', V1);
  const serve = await machine.serve();
  await eventsOfKind(store, CHANGED);
  // As Docker's registry does: it tells of the push, still answers with the old digest, and then moves the tag.
  const { digest } = plantFiles(registry, 'other', V2);
  const moved = { kind: 'move-tag', repository: 'team/app', tag: 'stable', to: digest } as const;
  registry.faults.add({ path: /manifests\/stable/, times: 1 }, moved);
  assert.equal(await sendSigned(machine, serve), 202);
  const [, second] = await eventsOfKind(store, CHANGED, 2);
  assert.equal(detailOf(second)['digest'], digest);
  assert.equal(detailOf(second)['trigger'], 'webhook');
});

test('get events --follow prints events as they come, one a line', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store } = machine;
  await machine.write({ sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')] });
  plantFiles(registry, 'stable', V1);
  await machine.serve();
  await eventsOfKind(store, CHANGED);
  const child = spawn(PROGRAM, ['get', 'events', '--store', store, '--follow', '--json']);
  atEnd(t, () => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = JSON.parse((await lines.next()).value ?? '') as { detail: { generation: number } };
  assert.equal(first.detail.generation, 1);
  plantFiles(registry, 'stable', V2);
  assert.equal((await machine.on('reconcile', 'web/app', '--wait')).code, 0);
  const second = JSON.parse((await lines.next()).value ?? '') as { detail: { generation: number } };
  assert.equal(second.detail.generation, 2);
  const closed = once(child, 'close');
  child.kill('SIGINT');
  assert.deepEqual(await closed, [0, null]);
});

test('reconcile asks the serving process, and with --wait says how it went', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store } = machine;
  await machine.write({ sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')] });
  plantFiles(registry, 'stable', V1);
  await machine.serve();
  await eventsOfKind(store, CHANGED);
  const { digest } = plantFiles(registry, 'stable', V2);
  const ended = await machine.on('reconcile', 'web/app', '--wait');
  assert.equal(ended.stdout, `web/app: at stable@${digest}, generation 2\n`, ended.stderr);
  registry.faults.add({ path: /manifests/ }, { kind: 'status', status: 403 });
  assertRefused(await machine.on('reconcile', 'web/app', '--wait', '--json'), {
    code: 'FORBIDDEN',
    says: /answered 403/,
    next: /Give a credential for /,
  });
  assert.match((await machine.on('reconcile', 'web/app')).stdout, /^web\/app: asked for\n$/);
});

test('suspend, resume and rollback work beside a running serve, and deploys follow', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store, live } = machine;
  await machine.write({
    sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')],
    deploys: [`{ name: live, kind: directory, source: web/app, target: "${live}" }`],
  });
  const liveFile = (): Promise<string> => readFile(join(live, 'app.yaml'), 'utf8');
  const first = plantFiles(registry, 'stable', V1);
  await machine.serve();
  await eventsOfKind(store, 'Deploy Succeeded', 1);
  plantFiles(registry, 'stable', V2);
  await machine.on('reconcile', 'web/app');
  await eventsOfKind(store, 'Deploy Succeeded', 2);
  assert.equal(await liveFile(), V2['app.yaml']);

  const back = await machine.on('rollback', 'web/app', '--to', first.digest, '--json');
  assert.equal(documentOf(back)['generation'], 3);
  await eventsOfKind(store, 'Deploy Succeeded', 3);
  assert.equal(await liveFile(), V1['app.yaml']);
  assert.equal((await machine.on('reconcile', 'web/app', '--wait')).code, 0);
  assert.equal(await liveFile(), V1['app.yaml'], 'a rolled-back source is not followed');

  await machine.on('resume', 'web/app');
  await eventsOfKind(store, 'Deploy Succeeded', 4);
  assert.equal(await liveFile(), V2['app.yaml']);

  await machine.on('suspend', 'web/app');
  plantFiles(registry, 'stable', { 'app.yaml': 'version: 3\n' });
  await machine.on('reconcile', 'web/app', '--wait');
  assert.equal(await liveFile(), V2['app.yaml']);
  const ledgers = documentOf<readonly { applied: { generation: number } }[]>(
    await machine.on('get', 'deploys', '--json'),
  );
  assert.deepEqual(
    ledgers.map(({ applied }) => applied.generation),
    [4],
  );
});

test('documents are read again when they change; a source that turned bad waits, and what is new does not', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store } = machine;
  await machine.write({ sources: [sourceLine(registry, 'name: one, ref: { tag: stable }')] });
  plantFiles(registry, 'stable', V1);
  const serve = await machine.serve();
  await eventsOfKind(store, CHANGED, 1);
  await writeFile(
    machine.sources,
    'sources:\n  - { name: one, namespace: web, url: oci://r.example/one, intervall: 5m }\n',
  );
  const told = await serve.logged('changed document is refused');
  assert.match(String(told['error']), /sources\.yaml:2:\d+: .*intervall/);
  await serve.logged('documents read again', { sources: 0 });
  plantFiles(registry, 'stable', V2);
  const asked = await machine.on('reconcile', 'web/one', '--wait');
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /CONFIG_INVALID: .*sources\.yaml:2:\d+: .*intervall/);
  await machine.write({
    sources: ['one', 'two'].map((name) => sourceLine(registry, `name: ${name}, ref: { tag: stable }`)),
  });
  await serve.logged('documents read again', { sources: 2 });
  const events = await eventsOfKind(store, CHANGED, 3);
  assert.deepEqual(events.map(({ detail }) => `${detail['name']} ${detail['generation']}`).toSorted(), [
    'one 1',
    'one 2',
    'two 1',
  ]);
});
