import assert from 'node:assert/strict';
import { readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf, folderFor, landfall } from '../../support/cli.ts';
import { writeFiles } from '../../support/programs/oci-tools.ts';

const V1 = { 'app.yaml': 'version: 1\nkept: true\n', 'logo.bin': '\0one' };
const V2 = { 'app.yaml': 'version: 2\nkept: true\n', 'logo.bin': '\0another', 'more.yaml': 'more: 1\n' };
const PATCH = `--- a/app.yaml
+++ b/app.yaml
@@ -1,2 +1,2 @@
-version: 1
+version: 2
 kept: true
Files a/logo.bin and b/logo.bin differ: file of 4 B → file of 8 B
--- /dev/null
+++ b/more.yaml
@@ -0,0 +1,1 @@
+more: 1
`;

test('diff -u shows the lines between two artifacts, an artifact and a folder, two folders', async (t) => {
  const registry = await openRegistry(t);
  plantFiles(registry, '1.0.0', V1);
  plantFiles(registry, '2.0.0', V2);
  const folder = await folderFor(t);
  const [old, fresh] = [await writeFiles(join(folder, 'v1'), V1), await writeFiles(join(folder, 'v2'), V2)];
  const url = (tag: string): string => `${registry.host}/team/app:${tag}`;
  const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('landfall-diff-'));
  const before = await left();
  for (const sides of [
    [`oci://${url('1.0.0')}`, url('2.0.0')],
    [old, `docker://${url('2.0.0')}`],
    [old, fresh],
  ]) {
    const ended = await landfall(['diff', ...sides, '-u', '--plain-http']);
    assert.equal(ended.stdout, PATCH, ended.stderr);
    assert.match(ended.stderr, /^1 added, 2 modified, 0 removed$/m);
  }
  assert.deepEqual(await left(), before, 'no folder is left behind');
});

test('diff --stat tells the sizes, and in JSON what stood there', async (t) => {
  const folder = await folderFor(t);
  const [old, fresh] = [await writeFiles(join(folder, 'v1'), V1), await writeFiles(join(folder, 'v2'), V2)];
  const ended = await landfall(['diff', old, fresh, '--stat']);
  assert.equal(ended.stdout, 'M app.yaml  (22 B)\nM logo.bin  (4 B → 8 B)\nA more.yaml  (8 B)\n');
  const document = documentOf(await landfall(['diff', old, fresh, '-u', '--json']));
  const [first] = document['changes'] as readonly { path: string; patch: string; before: { size: number } }[];
  assert.equal(first?.path, 'app.yaml');
  assert.equal(first?.before.size, 22);
  assert.match(first?.patch ?? '', /^-version: 1$/m);
});

test('diff of revisions in a store reads two records and the changed files, and no registry', async (t) => {
  const registry = await openRegistry(t);
  const same = { 'same/a': 'a', 'same/b': 'b' };
  plantFiles(registry, '1.0.0', Object.assign({}, V1, same));
  const folder = await folderFor(t);
  const sources = join(folder, 'sources.yaml');
  await writeFile(
    sources,
    `sources: [{ name: app, url: "oci://${registry.host}/team/app", ref: { semver: "*" } }]\n`,
  );
  const store = ['--store', join(folder, 'store')];
  const land = () => landfall(['serve', '-f', sources, ...store, '--once', '--plain-http']);
  assert.equal((await land()).code, 0);
  plantFiles(registry, '2.0.0', Object.assign({}, V2, same));
  assert.equal((await land()).code, 0);
  // What is not there cannot be read: what both have.
  const artifacts = join(folder, 'store/artifacts/sha256');
  for (const artifact of await readdir(artifacts))
    await rm(join(artifacts, artifact, 'default/files/same'), { recursive: true });
  const asked = registry.requests.count();
  const ended = await landfall(['diff', ...store, 'app@1.0.0', 'app', '-u', '--exit-code']);
  assert.equal(ended.code, 1, ended.stderr);
  assert.equal(ended.stdout, PATCH);
  const none = await landfall(['diff', ...store, 'default/app', 'app@2.0.0']);
  assert.match(none.stderr, /no difference/);
  assert.equal(registry.requests.count(), asked);
  assertRefused(await landfall(['diff', ...store, 'app@9.9.9', 'app']), {
    code: 'REVISION_NOT_FOUND',
    says: /9\.9\.9/,
    next: /landfall history/,
  });
});

test('a hostile line moves no cursor', async (t) => {
  const folder = await folderFor(t);
  const old = await writeFiles(join(folder, 'a'), { f: 'x\n' });
  const fresh = await writeFiles(join(folder, 'b'), { f: '\u001b[2Jx\n' });
  const ended = await landfall(['diff', old, fresh, '-u']);
  assert.match(ended.stdout, /^\+\\u001b\[2Jx$/m);
});

test('a folder is compared with its links, and never beyond them', async (t) => {
  const folder = await folderFor(t);
  const old = await writeFiles(join(folder, 'a'), { 'd/f': '1' });
  const fresh = await writeFiles(join(folder, 'b'), { 'd/f': '1' });
  await symlink('d', join(fresh, 'current'));
  await symlink('.', join(fresh, 'loop'));
  await symlink('/', join(fresh, 'root'));
  const ended = await landfall(['diff', old, fresh]);
  assert.equal(ended.stdout, 'A current\nA loop\nA root\n');
});

test('blanks at the end of a file are in the patch', async (t) => {
  const folder = await folderFor(t);
  const old = await writeFiles(join(folder, 'a'), { f: 'a\nb\n\n\n' });
  const fresh = await writeFiles(join(folder, 'b'), { f: 'a\nc  \n\n\n' });
  const { stdout } = await landfall(['diff', old, fresh, '-u']);
  assert.match(stdout, /^\+c {2}$\n \n \n$/m);
});
