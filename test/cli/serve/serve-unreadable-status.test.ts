import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderFor, landfallProcess } from '../../support/cli.ts';
import { startServe } from '../../support/programs/serving.ts';

const UNREADABLE = { source: 'default/app', code: 'STORE_CORRUPT' };

async function storeWithBrokenStatus(t: Parameters<typeof folderFor>[0]) {
  const folder = await folderFor(t);
  const [path, store] = [join(folder, 'sources.yaml'), join(folder, 'store')];
  await writeFile(path, 'sources: []\n');
  assert.equal((await landfallProcess(['serve', '-f', path, '--store', store, '--once'])).code, 0);
  await writeFile(path, 'sources: [{ name: app, url: "oci://127.0.0.1:1/app" }]\n');
  await mkdir(join(store, 'sources', 'default', 'app'), { recursive: true });
  await writeFile(join(store, 'sources', 'default', 'app', 'status.json'), '{"broken');
  return { path, store };
}

test('serve --once says why a source is not ready whose status cannot be read', async (t) => {
  const { path, store } = await storeWithBrokenStatus(t);
  const ended = await landfallProcess(['serve', '-f', path, '--store', store, '--once']);
  assert.equal(ended.code, 1);
  assert.match(ended.stdout, /not ready: default\/app/);
  const told = ended.stderr.split('\n').filter((line) => line.includes('reconcile failed'));
  assert.equal(told.length, 1);
  const { source, code, next } = JSON.parse(told[0] ?? '');
  assert.deepEqual({ source, code }, UNREADABLE);
  assert.ok(next);
});

test('serve says which source it cannot look at, as its status cannot be read', async (t) => {
  const { path, store } = await storeWithBrokenStatus(t);
  const serve = await startServe(t, { documents: [path], store });
  await serve.logged('reconcile failed', UNREADABLE);
});
