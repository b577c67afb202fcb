import assert from 'node:assert/strict';
import { mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { documentOf } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { until } from '../../support/until.ts';

/** What a running serve reads and writes in its store. */
const FOLDERS = ['requests', 'sources', 'artifacts', 'staging', 'locks', 'events', 'deploys', 'runs'];
const MOMENT_MS = 700;

/** Has a path lead elsewhere from one moment to the next: it is never without anything, as it would be between two renames. */
async function lead(path: string, to: string): Promise<void> {
  await symlink(to, `${path}.next`);
  await rename(`${path}.next`, path);
}

// One unreadable moment of requests/ made serve deaf until its next start.
test('whichever folder of the store cannot be used for a moment, what is pushed in it is landed, told and deployed after it', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store, live } = machine;
  await machine.write({
    sources: [sourceLine(registry, 'name: app, ref: { tag: stable }').replace('1h', '2s')],
    deploys: [
      `{ name: site, kind: directory, source: web/app, target: ${live} }`,
      '{ name: told, kind: command, source: web/app, command: [echo, hello] }',
    ],
  });
  const [elsewhere, file] = [join(machine.folder, 'elsewhere'), join(machine.folder, 'file')];
  await writeFile(file, '');
  await mkdir(store);
  await writeFile(join(store, 'landfall.json'), '{"formatVersion":1}\n');
  for (const folder of FOLDERS) {
    await mkdir(join(elsewhere, folder), { recursive: true });
    await lead(join(store, folder), join(elsewhere, folder));
  }
  plantFiles(registry, 'stable', { 'app.yaml': 'push: 0\n' });
  const serve = await machine.serve();
  const isAt = (digest: string) =>
    until(`${digest} to be current, linked and run`, async () => {
      if (!(await readlink(live).catch(() => '')).includes(digest.split(':')[1] ?? '-')) return undefined;
      const { stdout } = await machine.on('get', 'deploys', '--json');
      const deploys = JSON.parse(stdout) as { applied: { digest: string } | null; state: string }[];
      return (
        deploys.every(({ applied, state }) => applied?.digest === digest && state === 'Succeeded') ||
        undefined
      );
    });
  await isAt(plantFiles(registry, 'stable', { 'app.yaml': 'push: first\n' }).digest);
  for (const folder of FOLDERS) {
    const path = join(store, folder);
    // A file where the folder was: ENOTDIR, also for root.
    await lead(path, file);
    const { digest } = plantFiles(registry, 'stable', { 'app.yaml': `push: ${folder}\n` });
    await sleep(MOMENT_MS);
    await lead(path, join(elsewhere, folder));
    await isAt(digest);
    assert.equal(
      (await machine.on('reconcile', 'web/app', '--wait')).code,
      0,
      `${folder}: it is still heard`,
    );
  }
  const events = documentOf<readonly { detail: { generation?: number } }[]>(
    await machine.on('get', 'events', '--type', 'artifact-revision-changed', '--json'),
  );
  const told = events.map(({ detail }) => detail.generation);
  assert.deepEqual(
    [...new Set(told)],
    Array.from({ length: Number(told.at(-1)) }, (_, at) => at + 1),
    'each generation is told, in order',
  );
  assert.equal((await machine.on('fsck')).code, 0);
  assert.equal((await serve.end('SIGTERM')).code, 0);
  t.diagnostic(
    `seen: ${FOLDERS.length} folders of the store unusable for ${MOMENT_MS} ms each: none lost, fsck 0 problems`,
  );
});

test('a store’s own files that cannot be written for a moment stop nothing', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store } = machine;
  await machine.write({ sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')] });
  plantFiles(registry, 'stable', { 'app.yaml': 'a: 1\n' });
  const serve = await machine.serve();
  await serve.logged('landed', { source: 'web/app' });
  for (const name of ['serve.json', 'serve.json.new']) {
    await rm(join(store, name), { force: true });
    await mkdir(join(store, name));
  }
  plantFiles(registry, 'stable', { 'app.yaml': 'a: 2\n' });
  assert.equal((await machine.on('reconcile', 'web/app', '--wait')).code, 0);
  const { code, stdout } = await machine.on('get', 'sources');
  assert.deepEqual([code, /^web\/app +True +Succeeded +2 /m.test(stdout)], [0, true]);
  assert.equal((await serve.end('SIGTERM')).code, 0);
});
