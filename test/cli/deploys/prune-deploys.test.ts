import assert from 'node:assert/strict';
import { mkdir, readlink, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';

const linkOf = (path: string): Promise<string | undefined> => readlink(path).catch(() => undefined);

/** A link that a deploy made, which then goes from the documents. */
async function linked(t: TestContext, rest = 'prune: true') {
  const machine = await openServeMachine(t);
  const sources = [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')];
  const write = (deploys: readonly string[]) => machine.write({ sources, deploys });
  await write([`{ name: live, kind: directory, source: web/app, target: "${machine.live}", ${rest} }`]);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'version: 1\n' });
  const once = () => machine.on('serve', '-f', machine.sources, '--once');
  assert.equal((await once()).code, 0);
  assert.match(String(await linkOf(machine.live)), /artifacts/);
  return { machine, write, once, names: async () => (await machine.on('get', 'deploys')).stdout };
}

test('a deploy that goes from the documents takes what it left with it, and its ledger', async (t) => {
  const { machine, write, once, names } = await linked(t);
  await write([]);
  assert.equal((await once()).code, 0);
  assert.equal(await linkOf(machine.live), undefined);
  assert.doesNotMatch(await names(), /live/);
});

test('without prune it leaves what it left', async (t) => {
  const { machine, write, once, names } = await linked(t, 'labels: {}');
  await write([]);
  await once();
  assert.match(String(await linkOf(machine.live)), /artifacts/);
  assert.match(await names(), /live/);
});

test('what somebody else has put there stays', async (t) => {
  const { machine, write, once } = await linked(t);
  await unlink(machine.live);
  await symlink('/somewhere/else', machine.live);
  await write([]);
  await once();
  assert.equal(await linkOf(machine.live), '/somewhere/else');
});

test('nothing is pruned while a document is refused: what is in none may be in that one', async (t) => {
  const { machine, write } = await linked(t);
  const serving = await machine.serve();
  await write(['{ name: live, kind: directory, source: web/app }']);
  await serving.logged('documents read again');
  assert.match(String(await linkOf(machine.live)), /artifacts/);
});

// A document that a full disk had emptied, and a start after it: everything that was deployed was taken away.
test('nothing is pruned where serve begins with a document that has nothing in it', async (t) => {
  const { machine, once } = await linked(t);
  for (const text of ['', '\n', '# Deploys of team web\n', '# Licence\n---\n']) {
    await writeFile(machine.sources, text);
    await once();
    assert.match(String(await linkOf(machine.live)), /artifacts/);
  }
  await writeFile(machine.sources, 'sources: []\n');
  await once();
  assert.equal(await linkOf(machine.live), undefined, 'who means it says so');
});

test('the same where all that a folder has is empty', async (t) => {
  const { machine } = await linked(t);
  const folder = join(machine.folder, 'documents');
  await mkdir(folder);
  await writeFile(join(folder, 'deploys.yaml'), '');
  await machine.on('serve', '-f', folder, '--once');
  assert.match(String(await linkOf(machine.live)), /artifacts/);
});
