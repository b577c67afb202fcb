import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { EmbeddedRegistry } from '../../../embedded-registry/embedded-registry.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { detailOf } from '../../event/samples.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf, folderFor, landfall, landfallProcess } from '../../support/cli.ts';
import { eventsOf } from '../../support/programs/serving.ts';

const V1 = { 'app.yaml': 'version: 1\n', 'kept.yaml': 'kept: 1\n' };
const V2 = { 'app.yaml': 'version: 2\n', 'kept.yaml': 'kept: 1\n' };

interface Machine {
  readonly registry: EmbeddedRegistry;
  readonly store: string;
  readonly sources: string;
  /** Runs a command on the store. */
  readonly on: (...argv: readonly string[]) => ReturnType<typeof landfall>;
  /** Reconciles every source once. */
  readonly look: () => ReturnType<typeof landfall>;
}

/** A registry, a document with one source `web/app` of a range, and a store that nobody has looked into yet. */
async function openMachine(t: TestContext, more = ''): Promise<Machine> {
  const registry = await openRegistry(t);
  const folder = await folderFor(t);
  const [store, sources] = [join(folder, 'store'), join(folder, 'sources.yaml')];
  await writeFile(
    sources,
    `sources:
  - { name: app, namespace: web, url: "oci://${registry.host}/team/app", ref: { semver: 1.x }, labels: { tier: prod } }
${more}`,
  );
  return {
    registry,
    store,
    sources,
    on: (...argv) => landfall([...argv, '--store', store]),
    look: () => landfall(['serve', '-f', sources, '--store', store, '--once', '--plain-http']),
  };
}

/** A store that has landed 1.0.0 and then 1.1.0. */
async function twoRevisions(t: TestContext): Promise<Machine & { readonly v1: Digest; readonly v2: Digest }> {
  const machine = await openMachine(t);
  const v1 = plantFiles(machine.registry, '1.0.0', V1).digest;
  assert.equal((await machine.look()).code, 0);
  const v2 = plantFiles(machine.registry, '1.1.0', V2).digest;
  assert.equal((await machine.look()).code, 0);
  return { ...machine, v1, v2 };
}

test('get lists sources, artifacts, deploys and events, as tables and as JSON', async (t) => {
  const { on, v1, v2 } = await twoRevisions(t);
  const [source] = documentOf<readonly Readonly<Record<string, unknown>>[]>(
    await on('get', 'sources', '--json'),
  );
  assert.equal(source?.['revision'], `1.1.0@${v2}`);
  assert.equal(source['ready'], 'True');
  assert.equal(source['generation'], 2);
  const artifacts = documentOf<readonly { digest: string }[]>(await on('get', 'artifacts', '--json'));
  assert.deepEqual(artifacts.map(({ digest }) => digest).sort(), [v1, v2].sort());
  assert.deepEqual(documentOf<unknown>(await on('get', 'deploys', '--json')), []);
  assert.match((await on('get', 'sources')).stdout, /^SOURCE {2,}READY.*\nweb\/app {2,}True {2,}Succeeded/);
  assert.match((await on('get', 'artifacts')).stdout, /^DIGEST .*\nsha256:/);
  assert.match(
    (await on('get', 'events')).stdout,
    /Artifact Revision Changed {2}web\/app {2}1\.1\.0@sha256:\w+ {2}\+0 ~1 -0/,
  );
});

test('get events prints EventBridge envelopes, oldest first', async (t) => {
  const { store, v1, v2 } = await twoRevisions(t);
  const events = await eventsOf(store);
  assert.deepEqual(
    events.map((event) => [event.source, detailOf(event)['generation'], detailOf(event)['digest']]),
    [
      ['landfall', 1, v1],
      ['landfall', 2, v2],
    ],
  );
  const [, second] = events;
  assert.deepEqual(detailOf(second)['changes'], {
    added: 0,
    modified: 1,
    removed: 0,
    content: 'changed',
    paths: ['app.yaml'],
    links: { added: 0, modified: 0, removed: 0, paths: [] },
  });
  assert.deepEqual(second?.detail['labels'], { tier: 'prod' });
});

test('get events --source shows only those of one, and knows no source that never was', async (t) => {
  const { on } = await twoRevisions(t);
  const own = documentOf<readonly unknown[]>(await on('get', 'events', '--json', '--source', 'web/app'));
  assert.equal(own.length, 2);
  const other = await on('get', 'events', '--json', '--source', 'web/other');
  assertRefused(other, { code: 'SOURCE_NOT_FOUND', says: /web\/other/, next: /get sources/ });
});

test('the commit record lists every file with path, size, sha256 and mode', async (t) => {
  const { store, v1 } = await twoRevisions(t);
  const folder = join(store, 'artifacts', 'sha256', v1.slice(7), 'default');
  const record = JSON.parse(await readFile(join(folder, 'artifact.json'), 'utf8')) as {
    readonly files: readonly Readonly<Record<string, unknown>>[];
  };
  assert.deepEqual(
    record.files.map((entry) => Object.keys(entry).sort()),
    [
      ['mode', 'path', 'sha256', 'size'],
      ['mode', 'path', 'sha256', 'size'],
    ],
  );
  assert.equal(await readFile(join(folder, 'files', 'app.yaml'), 'utf8'), V1['app.yaml']);
});

test('status says how a source stands, and what to do where it fails', async (t) => {
  const { on, look, registry, v2 } = await twoRevisions(t);
  assert.match(
    (await on('status', 'web/app')).stdout,
    new RegExp(`Ready=True \\(Succeeded\\)(?:.|\n)*at 1\\.1\\.0@${v2}`),
  );
  registry.faults.add({ path: /./ }, { kind: 'status', status: 403 });
  assert.equal((await look()).code, 1);
  const { stdout } = await on('status', 'web/app');
  assert.match(stdout, /failing: FORBIDDEN: .*answered 403.* {2}next: .*at 1\.1\.0@sha256/s);
  const document = documentOf(await on('status', 'web/app', '--json'));
  assert.equal((document['failure'] as { code: string }).code, 'FORBIDDEN');
});

test('a source nobody knows is told so, with where to look', async (t) => {
  const { on } = await twoRevisions(t);
  for (const argv of [
    ['status', 'app'],
    ['history', 'app'],
    ['suspend', 'app'],
    ['resume', 'app'],
    ['rollback', 'app', '--to', '1.0.0'],
  ]) {
    const wanted = { code: 'SOURCE_NOT_FOUND', says: /default\/app/, next: /./ } as const;
    assertRefused(await on(...argv, '--json'), wanted);
  }
  for (const bad of ['a/b/c', '../etc', 'Web/app']) {
    assertRefused(await on('status', bad, '--json'), {
      code: 'USAGE',
      exit: 2,
      says: /is not a source: wanted name or namespace\/name/,
      next: /landfall get sources/,
    });
  }
});

test('history lists the revisions, newest first, and rollback goes back to one', async (t) => {
  const { on, look, store, v1, v2 } = await twoRevisions(t);
  const digests = async (): Promise<readonly string[]> =>
    documentOf<readonly { digest: string }[]>(await on('history', 'web/app', '--json')).map(
      ({ digest }) => digest,
    );
  assert.deepEqual(await digests(), [v2, v1]);
  assert.match((await on('history', 'web/app')).stdout, /^GEN .*\n2 {2,}1\.1\.0 .*\n1 {2,}1\.0\.0 /);
  const back = await on('rollback', 'web/app', '--to', '1.0.0', '--json');
  assert.equal(documentOf(back)['generation'], 3);
  assert.equal((await look()).code, 0, 'a suspended source is none that is not ready');
  assert.equal(
    documentOf(await on('status', 'web/app', '--json'))['generation'],
    3,
    'the poll does not undo it',
  );
  const last = (await eventsOf(store)).at(-1);
  assert.equal(detailOf(last)['trigger'], 'rollback');
  assert.equal(detailOf(last)['digest'], v1);
  assert.deepEqual(detailOf(last)['labels'], { tier: 'prod' });
  await on('resume', 'web/app');
  await look();
  assert.deepEqual((await digests())[0], v2);
});

test('rollback to what is not in the history names what is', async (t) => {
  const { on } = await twoRevisions(t);
  assertRefused(await on('rollback', 'web/app', '--to', '0.9.0', '--json'), {
    code: 'REVISION_NOT_FOUND',
    says: /"0\.9\.0" names no revision .*1\.0\.0@sha256/,
    next: /landfall history web\/app/,
  });
});

test('suspend keeps a source where it is, resume follows the registry again', async (t) => {
  const { on, look, registry, sources, v2 } = await twoRevisions(t);
  assert.match((await on('suspend', 'web/app')).stdout, /^web\/app is suspended since /);
  plantFiles(registry, '1.2.0', { 'app.yaml': 'version: 3\n' });
  assert.equal((await look()).code, 0);
  const asked = await on('reconcile', 'web/app', '-f', sources, '--plain-http');
  assert.match(asked.stdout, /generation 2$/m);
  assert.match(asked.stderr, /^it is suspended and was not looked at; landfall resume web\/app ends it$/m);
  const current = documentOf(await on('status', 'web/app', '--json'))['current'] as { digest: string };
  assert.equal(current.digest, v2);
  assert.match((await on('resume', 'web/app')).stdout, /^web\/app is followed again/);
  await look();
  assert.equal(documentOf(await on('status', 'web/app', '--json'))['generation'], 3);
});

test('reconcile looks by itself where nobody serves', async (t) => {
  const { on, registry, sources, store } = await openMachine(t);
  const { digest } = plantFiles(registry, '1.0.0', V1);
  const argv = ['reconcile', 'web/app', '-f', sources, '--plain-http'];
  const ended = await landfallProcess([...argv, '--store', store, '--json']);
  assert.equal((documentOf(ended)['current'] as { digest: string }).digest, digest);
  assert.equal((await on(...argv)).stdout, `web/app: at 1.0.0@${digest}, generation 1\n`);
  assertRefused(await on('reconcile', 'web/app', '--json'), {
    code: 'USAGE',
    exit: 2,
    says: /no serve runs on .*document is needed/,
    next: /-f sources\.yaml/,
  });
  registry.faults.add({ path: /./ }, { kind: 'status', status: 401 });
  assertRefused(await on(...argv, '--json'), { code: 'UNAUTHORIZED', says: /401/, next: /--registry-creds/ });
  const document = await readFile(sources, 'utf8');
  await writeFile(sources, document.replace('name: app,', 'name: app, suspend: true,'));
  assertRefused(await on(...argv, '--json'), {
    code: 'USAGE',
    exit: 2,
    says: /web\/app is suspended by its document/,
    next: /suspend: true/,
  });
});

test('fsck proves the store, finds what was changed, and repairs it', async (t) => {
  const { on, look, store, v2 } = await twoRevisions(t);
  const report = documentOf(await on('fsck', '--json'));
  assert.equal(report['ok'], true);
  assert.equal(report['artifacts'], 2);
  const broken = join(store, 'artifacts', 'sha256', v2.slice(7), 'default', 'files', 'app.yaml');
  await writeFile(broken, 'other');
  const found = await on('fsck');
  assert.equal(found.code, 1);
  assert.match(found.stdout, /app\.yaml: wanted .*, got .*\n {2}next: /);
  assert.equal((await on('fsck', '--repair')).code, 0);
  assert.equal((await look()).code, 0);
  assert.equal((await on('fsck')).code, 0);
  assert.equal(await readFile(broken, 'utf8'), V2['app.yaml']);
});

test('collect removes what nothing names, and nothing else', async (t) => {
  const { on, sources, store, v1, v2 } = await twoRevisions(t);
  assert.match((await on('collect', '--grace', '0s', '--force')).stdout, /removed 0 artifacts, .*kept 2/);
  await writeFile(sources, 'sources: []\n');
  const dry = documentOf(
    await on('collect', '--grace', '0s', '--dry-run', '--forget-but', sources, '--json'),
  );
  assert.deepEqual(
    (dry['removed'] as { digest: string }[]).map(({ digest }) => digest).sort(),
    [v1, v2].sort(),
  );
  assert.equal(documentOf<readonly unknown[]>(await on('get', 'artifacts', '--json')).length, 2);
  await on('collect', '--grace', '0s', '--force', '--forget-but', sources);
  assert.deepEqual(documentOf<unknown>(await on('get', 'artifacts', '--json')), []);
  assert.deepEqual(await readdir(join(store, 'artifacts', 'sha256')).catch(() => []), []);
  assertRefused(await on('collect', '--grace', 'x', '--json'), {
    code: 'USAGE',
    exit: 2,
    says: /--grace: .*"x"/,
    next: /./,
  });
});

test('a store of a newer version is refused by every command', async (t) => {
  const { on, sources, store } = await twoRevisions(t);
  await writeFile(join(store, 'landfall.json'), '{"formatVersion":2}');
  for (const argv of [
    ['get', 'sources'],
    ['status', 'web/app'],
    ['fsck'],
    ['collect'],
    ['reconcile', 'web/app', '-f', sources],
    ['serve', '-f', sources, '--once'],
  ]) {
    assertRefused(await on(...argv, '--json'), {
      code: 'STORE_VERSION',
      says: /format version 2; this Landfall reads up to 1/,
      next: /Upgrade Landfall/,
    });
  }
});
