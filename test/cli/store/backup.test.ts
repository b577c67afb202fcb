import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { folderFor, landfall, PROGRAM } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';

const GUIDE = join(import.meta.dirname, '..', '..', '..', 'docs', 'store.md');

/** What the guide has people copy, in its order. */
function copiedNames(): readonly string[] {
  const [, sentence = ''] = /^By hand, copy (.*?)\. In this order/ms.exec(readFileSync(GUIDE, 'utf8')) ?? [];
  return [...sentence.matchAll(/`([\w.]+\/?)`/g)].map(([, name = '']) => name);
}

// Copied by the guide it had no landfall.json, and was refused in the night that it was needed.
test('a copy made as the guide has it, while serve runs, is a store that fsck proves and serve goes on with', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store, live } = machine;
  await machine.write({
    sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')],
    deploys: [`{ name: site, kind: directory, source: web/app, target: ${live} }`],
  });
  plantFiles(registry, 'stable', { 'app.yaml': 'a: 1\n' });
  const serve = await machine.serve();
  await serve.logged('deploy applied', { deploy: 'site' });
  const copy = await folderFor(t);
  const names = copiedNames();
  assert.deepEqual(names, ['landfall.json', 'sources/', 'deploys/', 'artifacts/', 'events/']);
  for (const name of names)
    if (existsSync(join(store, name))) await cp(join(store, name), join(copy, name), { recursive: true });
  await serve.end('SIGTERM');
  assert.equal((await landfall(['fsck', '--store', copy])).code, 0);
  assert.equal((await landfall(['serve', '-f', machine.sources, '--store', copy, '--once'])).code, 0);
  assert.match((await landfall(['history', 'web/app', '--store', copy])).stdout, /stable@|\bstable\b/);
});

test('a store is as private as the umask of who makes it', {
  skip: process.platform === 'win32',
}, async (t) => {
  const machine = await openServeMachine(t);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  await machine.write({ sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')] });
  const { store, sources } = machine;
  const argv = ['serve', '-f', sources, '--store', store, '--once'];
  await promisify(execFile)('/bin/sh', ['-c', 'umask 077; exec "$@"', 'sh', PROGRAM, ...argv]);
  const open: string[] = [];
  for (const name of await readdir(store, { recursive: true }))
    if (((await stat(join(store, name))).mode & 0o077) !== 0) open.push(name);
  assert.deepEqual(open, []);
});
