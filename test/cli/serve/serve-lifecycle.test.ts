import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { detailOf } from '../../event/samples.ts';
import { type Planted, plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf, landfallProcess } from '../../support/cli.ts';
import { openServeMachine, type ServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { eventsOf, eventsOfKind } from '../../support/programs/serving.ts';
import { until } from '../../support/until.ts';

const CHANGED = 'Artifact Revision Changed';
const V1 = { 'app.yaml': 'version: 1\n' };
const V2 = { 'app.yaml': 'version: 2\n' };

/** Lets blobs of this artifact stall after half of their bytes; resolves once one is asked for. */
function stallLayer({ registry }: ServeMachine, { layer }: Planted): Promise<true> {
  const path = new RegExp(layer.digest);
  registry.faults.add({ path }, { kind: 'stall', at: 'half' });
  const before = registry.requests.count('GET', path);
  return until('the layer to be asked for', () =>
    registry.requests.count('GET', path) > before ? true : undefined,
  );
}

/** What a reader of the store alone sees of artifacts: their commit records. */
async function recordsIn({ store }: ServeMachine): Promise<readonly string[]> {
  const names = await readdir(join(store, 'artifacts'), { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('artifact.json'));
}

test('kill -9 in the middle of a pull loses nothing and leaves nothing to see; the next start carries on', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store } = machine;
  await machine.write({ sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')] });
  plantFiles(registry, 'stable', V1);
  const first = await machine.serve();
  const [landed] = await eventsOfKind(store, CHANGED);
  const second = plantFiles(registry, 'stable', V2);
  const stalled = stallLayer(machine, second);
  await machine.on('reconcile', 'web/app');
  await stalled;
  assert.equal((await first.end('SIGKILL')).signal, 'SIGKILL');

  assert.equal((await recordsIn(machine)).length, 1);
  assert.deepEqual(await eventsOf(store), [landed]);
  assert.equal((await machine.on('fsck')).code, 0);
  const status = documentOf(await machine.on('status', 'web/app', '--json'));
  assert.equal(status['generation'], 1, 'the last good artifact stays');

  registry.faults.clear();
  await machine.serve();
  const events = await eventsOfKind(store, CHANGED, 2);
  assert.deepEqual(events[0], landed);
  assert.equal(events[1]?.detail['generation'], 2);
  assert.equal(detailOf(events[1])['digest'], second.digest);
  assert.equal((await machine.on('fsck')).code, 0);
  await machine.on('collect', '--grace', '0s', '--force');
  const left = await readdir(store, { recursive: true });
  assert.equal((await recordsIn(machine)).length, 2);
  assert.deepEqual(
    left.filter((name) => name.includes('staging/')),
    [],
    'what the killed process staged is swept',
  );
});

test('kill -9 in the first pull of all leaves a store that lists nothing', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store } = machine;
  await machine.write({ sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')] });
  const stalled = stallLayer(machine, plantFiles(registry, 'stable', V1));
  const serve = await machine.serve();
  await stalled;
  await serve.end('SIGKILL');
  assert.deepEqual(documentOf<unknown>(await machine.on('get', 'artifacts', '--json')), []);
  assert.deepEqual(await eventsOf(store), []);
  registry.faults.clear();
  await machine.serve();
  const [event] = await eventsOfKind(store, CHANGED);
  assert.equal(event?.detail['generation'], 1);
});

test('SIGTERM ends serve in the middle of a pull, with exit code 0 and no failure recorded', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store } = machine;
  await machine.write({ sources: [sourceLine(registry, 'name: app, ref: { tag: stable }, timeout: 10m')] });
  const stalled = stallLayer(machine, plantFiles(registry, 'stable', V1));
  const serve = await machine.serve();
  await stalled;
  const ended = await serve.end('SIGTERM');
  assert.equal(ended.code, 0, ended.stderr);
  assert.deepEqual(await eventsOf(store), []);
  assert.deepEqual(await recordsIn(machine), []);
  await serve.logged('look cut off', { level: 'info', source: 'web/app' });
  assert.doesNotMatch(ended.stderr, /"level":"error"/, 'a stop that was asked for is no failure');
});

test('serve warns of receivers that nothing is listened for, at its start and when documents bring them', async (t) => {
  const machine = await openServeMachine(t);
  const [from, without] = [machine.sources, join(machine.folder, 'plain.yaml')];
  await machine.write({ sources: [] });
  const warning = { level: 'warn', receivers: 'hub ci', next: 'Start serve with --listen HOST:PORT.' };
  const told = 'webhooks of receivers are not listened for';
  const deaf = await machine.serve({ argv: [] });
  await deaf.logged(told, warning);
  await deaf.end('SIGTERM');
  await writeFile(without, 'sources: []\n');
  const serve = await machine.serve({ documents: [without], argv: [] });
  assert.equal(
    serve.log.find(({ message }) => message === told),
    undefined,
  );
  await copyFile(from, without);
  await serve.logged(told, warning);
  await serve.end('SIGTERM');
  const hearing = await machine.serve();
  await machine.on('get', 'sources');
  const { stderr } = await hearing.end('SIGTERM');
  assert.doesNotMatch(stderr, /not listened for/);
});

test('a start carries on: what is landed is not landed again, what was pushed meanwhile is', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store } = machine;
  await machine.write({
    sources: ['stable', 'next'].map((tag) => sourceLine(registry, `name: ${tag}, ref: { tag: ${tag} }`)),
  });
  plantFiles(registry, 'stable', V1);
  plantFiles(registry, 'next', V1);
  const first = await machine.serve();
  const before = await eventsOfKind(store, CHANGED, 2);
  await first.end('SIGTERM');
  plantFiles(registry, 'next', V2);
  registry.requests.reset();
  await machine.serve();
  const after = await eventsOfKind(store, CHANGED, 3);
  assert.deepEqual(after.slice(0, 2), before);
  assert.equal(after[2]?.detail['name'], 'next');
  assert.equal(registry.requests.count('GET', /blobs/), 1, 'only the new layer is fetched');
});

test('a deploy that was not applied when serve was killed is applied by the next start', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store, folder } = machine;
  await machine.write({ sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')] });
  plantFiles(registry, 'stable', V1);
  const first = await machine.serve();
  await eventsOfKind(store, CHANGED);
  await first.end('SIGKILL');
  await machine.write({
    sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')],
    deploys: [`{ name: live, kind: directory, source: web/app, target: "${machine.live}" }`],
  });
  await machine.serve();
  await eventsOfKind(store, 'Deploy Succeeded');
  assert.deepEqual(await readdir(join(folder, 'live')), ['app.yaml']);
});

test('serve --json prints where it listens, as one document', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({ sources: [] });
  const serve = await machine.serve({ argv: ['--listen', '127.0.0.1:0', '--json'] });
  const { code, stdout } = await serve.end('SIGTERM');
  assert.equal(code, 0);
  const { listening } = JSON.parse(stdout) as { readonly listening: string };
  assert.match(listening, /^http:\/\/127\.0\.0\.1:[1-9][0-9]*$/);
});

test('a second serve on the same store is refused, and the first goes on', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store } = machine;
  await machine.write({ sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')] });
  plantFiles(registry, 'stable', V1);
  const serve = await machine.serve();
  const second = await landfallProcess(['serve', '-f', machine.sources, '--store', store, '--json']);
  assertRefused(second, {
    code: 'STORE_LOCKED',
    says: /is already served by pid \d+ on /,
    next: /another --store/,
  });
  await eventsOfKind(store, CHANGED);
  assert.equal((await serve.end('SIGTERM')).code, 0);
  const third = await landfallProcess(['serve', '-f', machine.sources, '--store', store, '--once', '--json']);
  assert.deepEqual(documentOf(third), {
    ...{ ready: 1, suspended: 0, notReady: [] },
    ...{ deploys: { succeeded: 0, failed: [] }, problems: [] },
  });
});

test('an address somebody else listens on is refused', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({ sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')] });
  const argv = ['serve', '-f', machine.sources, '--store', machine.store, '--listen', machine.registry.host];
  assertRefused(await landfallProcess([...argv, '--json']), {
    code: 'USAGE',
    exit: 2,
    says: new RegExp(machine.registry.host),
    next: /./,
  });
  assert.equal(machine.registry.requests.entries.length, 0, 'nothing was looked at');
});

test('an address that is not of this machine is refused, and one that is is named', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({ sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')] });
  const argv = ['serve', '-f', machine.sources, '--store', machine.store, '--listen', '192.0.2.1:5080'];
  assertRefused(await landfallProcess([...argv, '--json']), {
    code: 'USAGE',
    exit: 2,
    says: /cannot listen on 192\.0\.2\.1:5080/,
    next: /127\.0\.0\.1, or 0\.0\.0\.0/,
  });
});

test('a folder of somebody else is not made a store, and an empty or new disk is', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({ sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')] });
  plantFiles(machine.registry, 'stable', V1);
  const once = (store: string) =>
    landfallProcess(['serve', '-f', machine.sources, '--store', store, '--once', '--json']);
  const before = await readdir(machine.folder);
  const refused = { code: 'USAGE', exit: 2 } as const;
  assertRefused(await once(machine.folder), {
    ...refused,
    says: /is no store, and holds/,
    next: /of its own/,
  });
  assertRefused(await once(machine.sources), { ...refused, says: /is a file/, next: /--store/ });
  assert.deepEqual(await readdir(machine.folder), before);
  const disk = join(machine.folder, 'disk');
  await mkdir(join(disk, 'lost+found'), { recursive: true });
  assert.equal((await once(disk)).code, 0);
  assert.equal((await once(disk)).code, 0, 'it is a store now');
});

test('--once exits 1 where a source is not ready, names it, and lands the others', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store } = machine;
  await machine.write({
    sources: ['stable', 'missing'].map((tag) => sourceLine(registry, `name: ${tag}, ref: { tag: ${tag} }`)),
  });
  plantFiles(registry, 'stable', V1);
  const argv = ['serve', '-f', machine.sources, '--store', store, '--once'];
  const ended = await landfallProcess([...argv, '--json']);
  assert.equal(ended.code, 1);
  assert.deepEqual(JSON.parse(ended.stdout), {
    ...{ ready: 1, suspended: 0, notReady: ['web/missing'] },
    ...{ deploys: { succeeded: 0, failed: [] }, problems: [] },
  });
  const kinds = (await eventsOf(store)).map((event) => [event['detail-type'], event.detail['name']]);
  assert.deepEqual(kinds.sort(), [
    [CHANGED, 'stable'],
    ['Source Reconcile Failed', 'missing'],
  ]);
  plantFiles(registry, 'missing', V1);
  const again = await landfallProcess(argv);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(again.stdout, '2 ready, 0 suspended, 0 not ready\n');
});
