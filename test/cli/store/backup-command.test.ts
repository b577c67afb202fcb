import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf, landfall } from '../../support/cli.ts';
import { openServeMachine, type ServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { smallDisk } from '../../support/stores/small-disk.ts';

/** A store with two revisions and a deploy. */
async function twoRevisions(t: TestContext): Promise<ServeMachine> {
  const machine = await openServeMachine(t);
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [`{ name: live, kind: directory, source: web/app, target: ${machine.live} }`],
  });
  for (const version of ['1', '2']) {
    plantFiles(machine.registry, 'stable', { 'app.yaml': `a: ${version}\n`, 'empty.txt': '' });
    assert.equal((await machine.on('serve', '-f', machine.sources, '--once')).code, 0);
  }
  return machine;
}

const statusPath = (store: string): string => join(store, 'sources', 'web', 'app', 'status.json');

test('a backup made while serve runs is a store that fsck proves, and a lost store comes back whole', async (t) => {
  const machine = await twoRevisions(t);
  const serve = await machine.serve();
  await serve.logged('deploy applied', { deploy: 'live' }).catch(() => undefined);
  const copy = join(machine.folder, 'copy');
  const made = await machine.on('backup', copy, '--json');
  assert.deepEqual(documentOf(made), { sources: 1, deploys: 1, artifacts: 2, problems: [] });
  assert.equal((await landfall(['fsck', '--store', copy])).code, 0);
  assert.deepEqual(
    (await readdir(machine.folder)).filter((name) => name.startsWith('.copy')),
    [],
  );
  await serve.end('SIGTERM');
  const before = await readFile(statusPath(machine.store), 'utf8');
  await rm(machine.store, { recursive: true });
  const restored = documentOf(await machine.on('restore', copy, '--json'));
  assert.partialDeepStrictEqual(restored, { artifacts: 2, deploys: 1, kept: [], problems: [] });
  assert.equal(await readFile(statusPath(machine.store), 'utf8'), before);
  assert.equal((await machine.on('fsck')).code, 0);
  assert.equal((await machine.on('rollback', 'web/app', '--to', (await older(machine)).digest)).code, 0);
  assert.match((await machine.on('events')).stdout, /Artifact Revision Changed/);
});

test('a backup onto a disk that is full says whose disk that is, and leaves nothing there', async (t) => {
  const machine = await twoRevisions(t);
  const disk = smallDisk(t, '16k');
  if (disk === undefined) return t.skip('needs permission to mount a tmpfs');
  const refused = await machine.on('backup', join(disk, 'copy'));
  assertRefused(refused, { code: 'STORE_FULL', says: /no room|ENOSPC|full/, next: /on another one/ });
  assert.ok(refused.stderr.includes(`Free space on the disk of ${disk}`), refused.stderr);
  assert.deepEqual(await readdir(disk), []);
});

async function older(machine: ServeMachine): Promise<{ readonly digest: string }> {
  const [, second] = documentOf<readonly { readonly digest: string }[]>(
    await machine.on('history', 'web/app', '--json'),
  );
  assert.ok(second);
  return second;
}

test('restore beside a serve that began anew brings its sources back to their generations, and never a later one back', async (t) => {
  const machine = await twoRevisions(t);
  const copy = join(machine.folder, 'copy');
  assert.equal((await machine.on('backup', copy)).code, 0);
  await rm(machine.store, { recursive: true });
  const serve = await machine.serve();
  await serve.logged('landed', { source: 'web/app' });
  const restored = documentOf(await machine.on('restore', copy, '--json'));
  assert.deepEqual(restored['sources'], [{ namespace: 'web', name: 'app' }]);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 3\n' });
  assert.match((await machine.on('reconcile', 'web/app', '--wait')).stdout, /generation 3$/m);
  const again = documentOf(await machine.on('restore', copy, '--json'));
  assert.deepEqual([again['sources'], again['kept']], [[], [{ namespace: 'web', name: 'app' }]]);
  assert.match((await machine.on('restore', copy)).stdout, /^kept web\/app: the store has it, no older$/m);
  assert.equal((await machine.on('fsck')).code, 0);
});

test('restore brings back a damaged status and a lost artifact, and leaves what is sound', async (t) => {
  const machine = await twoRevisions(t);
  const copy = join(machine.folder, 'copy');
  assert.equal((await machine.on('backup', copy)).code, 0);
  await writeFile(statusPath(machine.store), '{');
  await rm(join(machine.store, 'artifacts'), { recursive: true });
  assert.notEqual((await machine.on('fsck')).code, 0);
  assert.partialDeepStrictEqual(documentOf(await machine.on('restore', copy, '--json')), {
    artifacts: 2,
    deploys: 0,
  });
  assert.equal((await machine.on('fsck')).code, 0);
});

test('a damaged artifact is told, and is in no backup', async (t) => {
  const machine = await twoRevisions(t);
  const { digest } = await older(machine);
  await writeFile(
    join(machine.store, 'artifacts/sha256', digest.slice(7), 'default/files/app.yaml'),
    'x: 1\n',
  );
  const copy = join(machine.folder, 'copy');
  const made = await machine.on('backup', copy);
  assert.equal(made.code, 1);
  assert.match(made.stderr, /^note: not copied: web\/app: sha256:.*STORE_CORRUPT/m);
  assert.equal((await readdir(join(copy, 'artifacts/sha256'))).length, 1);
});

test('backup refuses a folder of somebody’s, and restore what is no backup', async (t) => {
  const machine = await twoRevisions(t);
  const full = await machine.on('backup', machine.folder);
  assertRefused(full, { code: 'USAGE', exit: 2, says: /holds \d+ entries/, next: /not there yet/ });
  const none = await machine.on('restore', join(machine.folder, 'nothing'));
  assertRefused(none, { code: 'USAGE', exit: 2, says: /is not there/, next: /landfall backup/ });
  const inside = await machine.on('backup', join(machine.store, 'inside'));
  assertRefused(inside, {
    code: 'USAGE',
    exit: 2,
    says: /in the store that it is to save/,
    next: /elsewhere/,
  });
});

// It was told as the disk of --store, to be checked by fsck.
test('backup into a folder that is not there says to make it', async (t) => {
  const machine = await twoRevisions(t);
  assertRefused(await machine.on('backup', join(machine.folder, 'backups', 'monday'), '--json'), {
    code: 'USAGE',
    exit: 2,
    says: /\/backups is not there$/m,
    next: /Make it first: mkdir -p .*\/backups$/m,
  });
});
