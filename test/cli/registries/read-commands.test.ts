import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles, plantLayer } from '../../support/artifacts/sample-artifacts.ts';
import { file, tar } from '../../support/artifacts/tar-builder.ts';
import { assertRefused, documentOf, folderFor, landfall, landfallProcess } from '../../support/cli.ts';

const V1 = { 'app.yaml': 'version: 1\n', 'base/kept.yaml': 'kept: true\n' };
const V2 = { 'app.yaml': 'version: 2\n', 'base/kept.yaml': 'kept: true\n', 'base/more.yaml': 'more: 1\n' };
const FIXED = ['url', 'revision', 'tag', 'digest', 'contentDigest', 'mediaType', 'files', 'size'];

test('pull writes the files and, with --json, the fields scripts use', async (t) => {
  const registry = await openRegistry(t);
  const { digest } = plantFiles(registry, '1.0.0', V1);
  const out = join(await folderFor(t), 'out');
  const url = `oci://${registry.host}/team/app`;
  const ended = await landfallProcess(['pull', `${url}:1.0.0`, '-o', out, '--plain-http', '--json']);
  const document = documentOf(ended);
  for (const field of FIXED) assert.ok(field in document, field);
  assert.equal(document['url'], url);
  assert.equal(document['revision'], `1.0.0@${digest}`);
  assert.equal(document['tag'], '1.0.0');
  assert.equal(document['digest'], digest);
  assert.equal(document['files'], 2);
  assert.equal(document['size'], 11 + 11);
  assert.equal(ended.stderr, '');
  assert.equal(await readFile(join(out, 'app.yaml'), 'utf8'), V1['app.yaml']);
  assert.equal(await readFile(join(out, 'base/kept.yaml'), 'utf8'), V1['base/kept.yaml']);
});

test('pull says in two lines what it did', async (t) => {
  const registry = await openRegistry(t);
  const { digest } = plantFiles(registry, '1.0.0', V1);
  const out = join(await folderFor(t), 'out');
  const ended = await landfall(['pull', `oci://${registry.host}/team/app:1.0.0`, '-o', out, '--plain-http']);
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(ended.stdout, `1.0.0@${digest}\n2 files, 22 B in ${out}\n`);
});

test('pull and diff tell on stderr of a layer that is not compressed as its media type says', async (t) => {
  const registry = await openRegistry(t);
  const { layer } = plantLayer(registry, '1.0.0', tar(file('app.yaml', 'version: 1\n')));
  const url = `oci://${registry.host}/team/app:1.0.0`;
  const out = join(await folderFor(t), 'out');
  const note = `layer ${layer.digest} is not compressed, though its media type says gzip; it was taken for what it is`;
  const pulled = await landfall(['pull', url, '-o', out, '--plain-http', '--json']);
  assert.equal(pulled.stderr, `note: ${note}\n`);
  assert.deepEqual(documentOf(pulled)['notes'], [note]);
  const compared = await landfall(['diff', url, out, '--plain-http']);
  assert.equal(compared.code, 0);
  assert.ok(compared.stderr.startsWith(`note: ${url}: ${note}\n`), compared.stderr);
});

test('pull replaces a folder with --force, and leaves nothing beside it', async (t) => {
  const registry = await openRegistry(t);
  plantFiles(registry, '1.0.0', V1);
  const folder = await folderFor(t);
  const out = join(folder, 'out');
  await mkdir(out);
  await writeFile(join(out, 'old'), 'old');
  const argv = ['pull', `oci://${registry.host}/team/app:1.0.0`, '-o', out, '--plain-http', '--force'];
  assert.equal((await landfall(argv)).code, 0);
  assert.deepEqual(await readdir(out), ['app.yaml', 'base']);
  assert.deepEqual(await readdir(folder), ['out']);
});

test('resolve prints the best of a range, and its four fields with --json', async (t) => {
  const registry = await openRegistry(t);
  for (const tag of ['1.0.0', '1.9.0', '1.10.0', '2.0.0', 'latest']) plantFiles(registry, tag, V1);
  const { digest } = plantFiles(registry, '1.10.0', V2);
  const argv = ['resolve', `oci://${registry.host}/team/app`, '--semver', '^1', '--plain-http'];
  const ended = await landfallProcess([...argv, '--json']);
  assert.deepEqual(documentOf(ended), {
    url: `oci://${registry.host}/team/app`,
    tag: '1.10.0',
    digest,
    revision: `1.10.0@${digest}`,
  });
  assert.equal((await landfall(argv)).stdout, `1.10.0@${digest}\n`);
});

test('resolve takes a filter with an order, a tag, a digest, and neither', async (t) => {
  const registry = await openRegistry(t);
  const url = `oci://${registry.host}/team/app`;
  plantFiles(registry, 'main-9', V1);
  const { digest } = plantFiles(registry, 'main-10', V2);
  const latest = plantFiles(registry, 'latest', { 'latest.txt': 'l' });
  const filter = ['--filter', '^main-(?P<n>[0-9]+)$', '--extract', '$n', '--order', 'numerical'];
  const cases: readonly (readonly [readonly string[], string])[] = [
    [[url, ...filter], `main-10@${digest}`],
    [[`${url}:main-10`], `main-10@${digest}`],
    [[`${url}@${digest}`], digest],
    [[`${url}:main-10@${digest}`], `main-10@${digest}`],
    [[url], `latest@${latest.digest}`],
  ];
  for (const [argv, revision] of cases) {
    const ended = await landfall(['resolve', ...argv, '--plain-http']);
    assert.equal(ended.stdout, `${revision}\n`, `${argv.join(' ')}: ${ended.stderr}`);
  }
});

test('tags lists every page, and ranks what a range or filter keeps', async (t) => {
  const registry = await openRegistry(t, { pageSize: 2 });
  for (const tag of ['1.0.0', '1.2.0', '1.10.0', 'main', 'dev']) plantFiles(registry, tag, V1);
  const url = `oci://${registry.host}/team/app`;
  const all = documentOf(await landfallProcess(['tags', url, '--plain-http', '--json']));
  assert.deepEqual(all, { url, tags: ['1.0.0', '1.10.0', '1.2.0', 'dev', 'main'], listed: 5 });
  const ranked = await landfall(['tags', url, '--plain-http', '--semver', '1.x']);
  assert.equal(ranked.stdout, '1.10.0\n1.2.0\n1.0.0\n');
  assert.equal(ranked.stderr, '3 of 5 tags qualify\n');
});

test('tags says why none qualifies, and refuses an option that would do nothing', async (t) => {
  const registry = await openRegistry(t);
  for (const tag of ['1.0.0', 'main-7']) plantFiles(registry, tag, V1);
  const argv = ['tags', `oci://${registry.host}/team/app`, '--plain-http'];
  const none = await landfall([...argv, '--filter', '^main']);
  assert.deepEqual([none.code, none.stdout], [0, '']);
  assert.match(none.stderr, /^0 of 2 tags qualify\n.*none of main-7 can be read as a version\n {2}next: /);
  const ignored = await landfall([...argv, '--extract', '$n', '--json']);
  assertRefused(ignored, { code: 'CONFIG_INVALID', exit: 2, says: /extract needs a filter/, next: /filter/ });
});

test('diff names what changed between two artifacts, and exits 1 only when told to', async (t) => {
  const registry = await openRegistry(t);
  plantFiles(registry, '1.0.0', V1);
  plantFiles(registry, '2.0.0', V2);
  const url = `oci://${registry.host}/team/app`;
  const argv = ['diff', `${url}:1.0.0`, `${url}:2.0.0`, '--plain-http'];
  const document = documentOf(await landfallProcess([...argv, '--json']));
  const wanted = { content: 'changed', added: ['base/more.yaml'], modified: ['app.yaml'], removed: [] };
  assert.deepEqual(document, wanted);
  assert.equal((await landfall(argv)).stdout, 'M app.yaml\nA base/more.yaml\n');
  assert.equal((await landfall([...argv, '--exit-code'])).code, 1);
  const same = ['diff', `${url}:1.0.0`, `${url}:1.0.0`, '--plain-http', '--exit-code'];
  assert.equal((await landfall(same)).code, 0);
});

test('push of a pulled folder gives the same digest again, and says it was there', async (t) => {
  const registry = await openRegistry(t);
  const folder = await folderFor(t);
  await mkdir(join(folder, 'in'));
  await writeFile(join(folder, 'in', 'app.yaml'), 'a: 1\n');
  const url = `oci://${registry.host}/team/new`;
  const pushed = await landfallProcess(
    ['push', 'in', `${url}:1.0.0`, '--tag', 'stable', '--plain-http', '--json'],
    {
      cwd: folder,
    },
  );
  const first = documentOf(pushed);
  assert.equal(first['revision'], `1.0.0@${first['digest']}`);
  assert.deepEqual(first['tags'], ['1.0.0', 'stable']);
  assert.match(pushed.stderr, /pushed {2}layer/);
  const out = join(folder, 'out');
  const pulled = documentOf(await landfall(['pull', `${url}:stable`, '-o', out, '--plain-http', '--json']));
  assert.equal(pulled['contentDigest'], first['contentDigest']);
  const again = await landfall(['push', out, `${url}:again`, '--plain-http', '--json']);
  assert.equal(documentOf(again)['digest'], first['digest']);
  assert.match(again.stderr, /there {3}layer/);
});

test('diff compares a folder with an artifact', async (t) => {
  const registry = await openRegistry(t);
  plantFiles(registry, '1.0.0', V1);
  const folder = await folderFor(t);
  const url = `oci://${registry.host}/team/app:1.0.0`;
  await landfall(['pull', url, '-o', join(folder, 'out'), '--plain-http']);
  const argv = ['diff', join(folder, 'out'), url, '--plain-http', '--exit-code'];
  assert.equal((await landfall(argv)).code, 0);
  await writeFile(join(folder, 'out', 'app.yaml'), 'changed');
  const ended = await landfall(argv);
  assert.equal(ended.code, 1);
  assert.equal(ended.stdout, 'M app.yaml\n');
});
