import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfiguration } from '../../shared/source/document.ts';

async function folderOf(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-source-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const source = (name: string): string => `sources: [{ name: ${name}, url: oci://r.example/${name} }]`;

test('reads a folder recursively, in order, and leaves out hidden and foreign files', async (t) => {
  const folder = await folderOf(t, {
    'b.yml': source('b'),
    'a.yaml': source('a'),
    'teams/web/c.json': '{"sources": [{"name": "c", "url": "oci://r.example/c"}]}',
    'README.md': '# not YAML: [',
    '.hidden.yaml': 'sources: [',
    '.git/config.yaml': 'sources: [',
  });
  const { sources } = await loadConfiguration([folder]);
  assert.deepEqual(
    sources.map(({ name }) => name),
    ['a', 'b', 'c'],
  );
});

test('reads a file once that is named twice, or named and in a folder that is, and then as one that is named', async (t) => {
  const folder = await folderOf(t, { 'a.yaml': source('a'), 'b.yaml': source('b') });
  const named = join(folder, 'a.yaml');
  for (const paths of [
    [folder, named, join(folder, '.', 'b.yaml')],
    [named, named, folder],
  ]) {
    const { sources } = await loadConfiguration(paths);
    assert.deepEqual(
      sources.map(({ name }) => name),
      ['a', 'b'],
    );
  }
  await writeFile(named, 'resources: []');
  assert.deepEqual(
    (await loadConfiguration([folder])).sources.length,
    1,
    "somebody else's, where it is only found",
  );
  await assert.rejects(loadConfiguration([folder, named]), {
    code: 'CONFIG_INVALID',
    message: /unknown key/,
  });
});

test('reads a file whatever it is called, and several paths in the order given', async (t) => {
  const folder = await folderOf(t, { 'one.conf': source('one'), 'two.yaml': source('two') });
  const { sources } = await loadConfiguration([join(folder, 'two.yaml'), join(folder, 'one.conf')]);
  assert.deepEqual(
    sources.map(({ name }) => name),
    ['two', 'one'],
  );
});

test('resolves files beside the document that names them', async (t) => {
  const folder = await folderOf(t, {
    'creds/hub.yaml': 'credentials: [{ registry: docker.io, registryToken: { file: token } }]',
  });
  const { credentials } = await loadConfiguration([folder]);
  assert.deepEqual(credentials[0]?.registryToken, { file: join(folder, 'creds', 'token') });
});

test('names the file of a problem by its path', async (t) => {
  const folder = await folderOf(t, { 'teams/web.yaml': 'sauces: []' });
  await assert.rejects(loadConfiguration([folder]), {
    code: 'CONFIG_INVALID',
    message: `${join(folder, 'teams/web.yaml')}:1:1: unknown key "sauces"; did you mean "sources"?`,
  });
});

test('says that a path is missing', async (t) => {
  const folder = await folderOf(t, {});
  const missing = join(folder, 'nowhere.yaml');
  await assert.rejects(loadConfiguration([missing]), {
    code: 'CONFIG_UNREADABLE',
    message: `cannot read ${missing}: ENOENT`,
  });
});

test('says that a folder holds no documents', async (t) => {
  const folder = await folderOf(t, { 'notes.txt': 'nothing' });
  await assert.rejects(loadConfiguration([folder]), {
    code: 'CONFIG_UNREADABLE',
    message: /found no \*\.yaml/,
  });
});

test('does not read an endless file to its end', async () => {
  await assert.rejects(loadConfiguration(['/dev/zero']), {
    code: 'CONFIG_INVALID',
    message: /wanted at most 262144 bytes, got 262145$/,
  });
});

test('leaves out stores, node_modules and what is behind links to folders, wherever they are', async (t) => {
  const folder = await folderOf(t, {
    'a.yaml': source('a'),
    // A document of somebody's may have the name of a store's mark.
    'landfall.json': '{"sources": [{"name": "b", "url": "oci://r.example/b"}]}',
    'data/store/landfall.json': '{"formatVersion":1}\n',
    'data/store/artifacts/sha256/aa/default/files/sources.yaml': 'sources: [',
    'node_modules/x/package.json': '{"sources": 1}',
  });
  await symlink(folder, join(folder, 'loop'));
  await symlink(join(folder, 'data/store/artifacts'), join(folder, 'live'));
  await symlink('nowhere.yaml', join(folder, 'gone.yaml'));
  await symlink(join(folder, 'a.yaml'), join(folder, 'z.yaml'));
  await mkdir(join(folder, 'folder.yaml'));
  await assert.rejects(loadConfiguration([folder]), {
    message: `${join(folder, 'z.yaml')}:1:11: sources[0]: source default/a is already defined at ${join(folder, 'a.yaml')}:1:11`,
  });
  await rm(join(folder, 'z.yaml'));
  const { sources, notices } = await loadConfiguration([folder]);
  assert.deepEqual([sources.map(({ name }) => name), notices], [['a', 'b'], []]);
});

test('a file of a folder that is no UTF-8 is told, and refused where it was named', async (t) => {
  const folder = await folderOf(t, { 'a.yaml': source('a') });
  await writeFile(join(folder, 'b.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]));
  const { notices } = await loadConfiguration([folder]);
  assert.match(notices[0]?.message ?? '', /is no UTF-8 text/);
  await assert.rejects(loadConfiguration([join(folder, 'b.yaml')]), { message: /is no UTF-8 text/ });
});
