import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { documentOf, folderFor, landfall } from '../../support/cli.ts';
import { startServe } from '../../support/programs/serving.ts';

interface Scene {
  readonly registry: Awaited<ReturnType<typeof openRegistry>>;
  readonly folder: string;
  readonly store: string;
  /** Writes a document of the folder. */
  write(name: string, text: string): Promise<void>;
  /** An entry of `sources` for team/app, followed closely. */
  entry(name: string, more?: string): string;
  on(...argv: readonly string[]): ReturnType<typeof landfall>;
}

async function openScene(t: TestContext): Promise<Scene> {
  const registry = await openRegistry(t);
  const home = await folderFor(t);
  const [folder, store] = [join(home, 'documents'), join(home, 'store')];
  await mkdir(folder);
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  await write('access.yaml', `credentials: [{ registry: "${registry.host}", plainHttp: true }]\n`);
  return {
    ...{ registry, folder, store, write },
    entry: (name, more = '') =>
      `{ name: ${name}, namespace: web, interval: 1s, url: "oci://${registry.host}/team/app", ref: { tag: v1 }${more} }`,
    on: (...argv) => landfall([...argv, '--store', store]),
  };
}

const serveOn = ({ folder, store }: Scene, t: TestContext) => startServe(t, { documents: [folder], store });

interface Shown {
  readonly current: { readonly generation: number } | null;
  readonly conditions: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
}

const statusOf = async ({ on }: Scene, name: string): Promise<Shown> =>
  documentOf<Shown>(await on('status', `web/${name}`, '--json'));

const conditionOf = ({ conditions }: Shown, type: string): string => {
  const found = conditions.find((condition) => condition.type === type);
  return `${found?.status} ${found?.reason}`;
};

const asked: readonly (readonly [what: string, more: string, reason: string])[] = [
  ['verify', ', verify: { provider: notation }', 'CONFIG_INVALID'],
  ['a misspelt verify', ', verfy: { provider: cosign }', 'CONFIG_INVALID'],
  ['a limit that is no number', ', limits: { files: few }', 'CONFIG_INVALID'],
];
for (const [what, more, reason] of asked) {
  test(`a source whose changed document asks for ${what} stalls, and its neighbours go on`, async (t) => {
    const scene = await openScene(t);
    const { registry, write, entry, on } = scene;
    plantFiles(registry, 'v1', { a: '1' });
    await write('one.yaml', `sources: [${entry('one')}, ${entry('two')}]\n`);
    await write('three.yaml', `sources: [${entry('three')}]\n`);
    const serve = await serveOn(scene, t);
    for (const source of ['web/one', 'web/two', 'web/three']) await serve.logged('landed', { source });
    await write('one.yaml', `sources: [${entry('one', more)}, ${entry('two')}]\n`);
    await serve.logged('sources are stalled by their refused documents', { sources: 'web/one' });
    await serve.logged('documents read again');
    plantFiles(registry, 'v1', { a: '2' });
    for (const source of ['web/two', 'web/three']) await serve.logged('landed', { source, generation: 2 });
    const refused = await on('reconcile', 'web/one', '--wait');
    assert.match(refused.stderr, new RegExp(`${reason}: .*one\\.yaml:1:`));
    const stalled = await statusOf(scene, 'one');
    assert.equal(stalled.current?.generation, 1, 'what nobody verified has not landed');
    assert.deepEqual(
      [conditionOf(stalled, 'Ready'), conditionOf(stalled, 'Stalled')],
      [`False ${reason}`, `True ${reason}`],
    );
    await write('one.yaml', `sources: [${entry('one')}, ${entry('two')}]\n`);
    await serve.logged('recovered', { source: 'web/one' });
    await serve.logged('landed', { source: 'web/one', generation: 2 });
  });
}

for (const [where, top, more] of [
  ['the source', '', ', onRefused: keep'],
  ['the document', 'onRefused: keep\n', ''],
] as const) {
  test(`onRefused: keep of ${where} goes on under the last good document`, async (t) => {
    const scene = await openScene(t);
    const { registry, write, entry } = scene;
    plantFiles(registry, 'v1', { a: '1' });
    await write('one.yaml', `${top}sources: [${entry('one', more)}]\n`);
    const serve = await serveOn(scene, t);
    await serve.logged('landed', { source: 'web/one' });
    await write('one.yaml', `${top}sources: [${entry('one', `${more}, platform: none`)}]\n`);
    await serve.logged('changed document is refused', { code: 'CONFIG_INVALID' });
    await serve.logged('documents read again');
    plantFiles(registry, 'v1', { a: '2' });
    await serve.logged('landed', { source: 'web/one', generation: 2 });
  });
}

test('onRefused: keep goes on under the policy of the last good document', async (t) => {
  const scene = await openScene(t);
  const { registry, write, entry, on } = scene;
  plantFiles(registry, 'v1', { a: '1' });
  const { publicKey } = generateKeyPairSync('ed25519');
  const pem = JSON.stringify(publicKey.export({ type: 'spki', format: 'pem' }));
  const more = `, onRefused: keep, verify: { provider: cosign, keys: [{ pem: ${pem} }], transparencyLog: false }`;
  await write('one.yaml', `sources: [${entry('one', more)}]\n`);
  const serve = await serveOn(scene, t);
  await serve.logged('reconcile failed', { code: 'SIGNATURE_NOT_FOUND' });
  await write('one.yaml', `sources: [${entry('one', `${more}, platform: none`)}]\n`);
  await serve.logged('changed document is refused', { code: 'CONFIG_INVALID' });
  await serve.logged('documents read again');
  plantFiles(registry, 'v1', { a: '2' });
  const asked = await on('reconcile', 'web/one', '--wait');
  assert.match(asked.stderr, /SIGNATURE_NOT_FOUND/);
  assert.equal((await statusOf(scene, 'one')).current, null);
});

test('a file that cannot be read any more stalls its sources alone', async (t) => {
  const scene = await openScene(t);
  const { registry, write, entry } = scene;
  plantFiles(registry, 'v1', { a: '1' });
  await write('one.yaml', `sources: [${entry('one')}]\n`);
  await write('two.yaml', `sources: [${entry('two')}]\n`);
  const serve = await serveOn(scene, t);
  for (const source of ['web/one', 'web/two']) await serve.logged('landed', { source });
  await write('one.yaml', '}{ \u0000');
  await serve.logged('sources are stalled by their refused documents', { sources: 'web/one' });
  plantFiles(registry, 'v1', { a: '2' });
  await serve.logged('landed', { source: 'web/two', generation: 2 });
  assert.equal(conditionOf(await statusOf(scene, 'one'), 'Ready'), 'False CONFIG_INVALID');
  await rm(join(scene.folder, 'one.yaml'));
  await serve.logged('documents read again', { sources: 1 });
});

/**
 * Makes a folder that nobody can list by its path, root included: the whole is longer than Linux takes in one path.
 * Undone by renaming it back, as nothing else gets at it.
 */
async function makeUnreadable(folder: string): Promise<() => Promise<void>> {
  const deep = (at: string): string => join(at, ...Array.from({ length: 12 }, () => 'd'.repeat(200)));
  const [upper, lower] = [join(folder, 'upper'), `${folder}-lower`];
  for (const each of [upper, lower]) await mkdir(deep(each), { recursive: true });
  const joined = join(deep(upper), 'lower');
  await rename(lower, joined);
  return async () => {
    await rename(joined, lower);
    for (const each of [upper, lower]) await rm(each, { recursive: true });
  };
}

test('a folder of documents that cannot be read any more ends nothing: what was there goes on, and what comes later is taken', async (t) => {
  const scene = await openScene(t);
  const { registry, folder, write, entry } = scene;
  plantFiles(registry, 'v1', { a: '1' });
  await write('one.yaml', `sources: [${entry('one')}]\n`);
  const serve = await serveOn(scene, t);
  await serve.logged('landed', { source: 'web/one' });
  const undo = await makeUnreadable(folder);
  const told = await serve.logged('changed documents are not used; the last good ones stay');
  assert.equal(told['code'], 'CONFIG_UNREADABLE');
  plantFiles(registry, 'v1', { a: '2' });
  await serve.logged('landed', { source: 'web/one', generation: 2 });
  await undo();
  await write('two.yaml', `sources: [${entry('two')}]\n`);
  await serve.logged('landed', { source: 'web/two' });
  assert.equal((await serve.end('SIGTERM')).code, 0);
});

test('at the first start one refused source of a folder is not ready, and the others land', async (t) => {
  const scene = await openScene(t);
  const { registry, write, entry, folder, on } = scene;
  plantFiles(registry, 'v1', { a: '1' });
  await write(
    'one.yaml',
    `sources: [${entry('one', ', verify: { provider: notation }')}, ${entry('two')}]\n`,
  );
  const ended = await on('serve', '-f', folder, '--once');
  assert.deepEqual(
    [ended.code, ended.stdout.trim()],
    [1, '1 ready, 0 suspended, 1 not ready; not ready: web/one'],
  );
  assert.equal(conditionOf(await statusOf(scene, 'one'), 'Stalled'), 'True CONFIG_INVALID');
  assert.equal((await landfall(['validate', folder])).code, 2);
  const named = await on(
    'serve',
    '-f',
    join(folder, 'access.yaml'),
    '-f',
    join(folder, 'one.yaml'),
    '--once',
  );
  assert.equal(named.code, 2, 'a document that is named is refused');
});

test('what two documents of a folder take is neither’s at the first start, and their neighbours land and deploy', async (t) => {
  const scene = await openScene(t);
  const { registry, write, entry, folder, on } = scene;
  plantFiles(registry, 'v1', { a: '1' });
  const deploy = (name: string, target: string): string =>
    `deploys: [{ name: ${name}, kind: directory, source: web/one, target: ./${target} }]\n`;
  await write('one.yaml', `sources: [${entry('one')}]\n${deploy('live', 'live')}`);
  await write('x.yaml', deploy('x', 'left'));
  await write('y.yaml', `sources: [${entry('two')}]\n${deploy('x', 'right')}`);
  const ended = await on('serve', '-f', folder, '--once');
  assert.deepEqual(
    [ended.code, ended.stdout.trim()],
    [1, '2 ready, 0 suspended, 0 not ready; refused in the documents: 1'],
  );
  assert.match(ended.stderr, /deploy x is already defined at .*x\.yaml:1:11, and neither is used/);
  assert.deepEqual((await readdir(folder)).includes('live'), true);
  const { problems } = JSON.parse((await on('serve', '-f', folder, '--once', '--json')).stdout);
  assert.equal(problems.length, 1);
  const serve = await serveOn(scene, t);
  await serve.logged('document is refused', { code: 'CONFIG_INVALID' });
  await write('z.yaml', 'sources: [\n');
  await serve.logged('changed document is refused');
  plantFiles(registry, 'v1', { a: '2' });
  for (const source of ['web/one', 'web/two']) await serve.logged('landed', { source, generation: 2 });
  await serve.logged('deploy applied', { deploy: 'live', generation: 2 });
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name === 'left' || name === 'right'),
    [],
  );
  await write('y.yaml', `sources: [${entry('two')}]\n${deploy('y', 'right')}`);
  await serve.logged('deploy applied', { deploy: 'x', generation: 2 });
  await serve.logged('deploy applied', { deploy: 'y', generation: 2 });
});

test('reconcile of a sound source tells of a neighbour that is no YAML, and lands it', async (t) => {
  const scene = await openScene(t);
  const { registry, write, entry, folder, on } = scene;
  plantFiles(registry, 'v1', { a: '1' });
  await write('one.yaml', `sources: [${entry('one')}]\n`);
  await write('two.yaml', 'sources: [\n');
  const ended = await on('reconcile', 'web/one', '-f', folder);
  assert.deepEqual([ended.code, /note: not of this source: .*two\.yaml:2:1: /.test(ended.stderr)], [0, true]);
  const missing = await on('reconcile', 'web/two', '-f', folder);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /CONFIG_INVALID: .*two\.yaml:2:1: /);
});

test('a store in the folder of documents is none of them, at the start and while it runs', async (t) => {
  const scene = await openScene(t);
  const { registry, write, entry, folder } = scene;
  plantFiles(registry, 'v1', { 'sources.yaml': 'sources: [{ name: landed }]\n', 'a.json': '{"sources": 1}' });
  const deploy = 'deploys: [{ name: live, kind: directory, source: web/one, target: ./live }]\n';
  await write('one.yaml', `sources: [${entry('one')}]\n${deploy}`);
  const within = { documents: [folder], store: join(folder, 'data', 'store') };
  assert.equal((await landfall(['serve', '-f', folder, '--store', within.store, '--once'])).code, 0);
  const serve = await startServe(t, within);
  await write('one.yaml', `sources: [${entry('one')}, ${entry('two')}]\n${deploy}`);
  await serve.logged('documents read again', { sources: 2 });
  await serve.logged('landed', { source: 'web/two' });
  assert.deepEqual(
    serve.log.filter(({ level }) => level === 'error'),
    [],
  );
});
