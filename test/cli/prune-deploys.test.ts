import assert from 'node:assert/strict';
import { readlink, symlink, unlink } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { plantFiles } from '../support/sample-artifacts.ts';
import { openServeHouse, sourceLine } from '../support/serve-house.ts';

const linkOf = (path: string): Promise<string | undefined> => readlink(path).catch(() => undefined);

/** A link that a deploy made, which then goes from the documents. */
async function linked(t: TestContext, rest = 'prune: true') {
  const house = await openServeHouse(t);
  const sources = [sourceLine(house.registry, 'name: app, ref: { tag: stable }')];
  const write = (deploys: readonly string[]) => house.write({ sources, deploys });
  await write([`{ name: live, kind: directory, source: web/app, target: "${house.live}", ${rest} }`]);
  plantFiles(house.registry, 'stable', { 'app.yaml': 'version: 1\n' });
  const once = () => house.on('serve', '-f', house.sources, '--once');
  assert.equal((await once()).code, 0);
  assert.match(String(await linkOf(house.live)), /artifacts/);
  return { house, write, once, names: async () => (await house.on('get', 'deploys')).stdout };
}

test('a deploy that goes from the documents takes what it left with it, and its ledger', async (t) => {
  const { house, write, once, names } = await linked(t);
  await write([]);
  assert.equal((await once()).code, 0);
  assert.equal(await linkOf(house.live), undefined);
  assert.doesNotMatch(await names(), /live/);
});

test('without prune it leaves what it left', async (t) => {
  const { house, write, once, names } = await linked(t, 'labels: {}');
  await write([]);
  await once();
  assert.match(String(await linkOf(house.live)), /artifacts/);
  assert.match(await names(), /live/);
});

test('what somebody else has put there stays', async (t) => {
  const { house, write, once } = await linked(t);
  await unlink(house.live);
  await symlink('/somewhere/else', house.live);
  await write([]);
  await once();
  assert.equal(await linkOf(house.live), '/somewhere/else');
});

test('nothing is pruned while a document is refused: what is in none may be in that one', async (t) => {
  const { house, write } = await linked(t);
  const serving = await house.serve();
  await write(['{ name: live, kind: directory, source: web/app }']);
  await serving.logged('documents read again');
  assert.match(String(await linkOf(house.live)), /artifacts/);
});
