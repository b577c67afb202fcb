import assert from 'node:assert/strict';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { until } from '../../support/until.ts';

const PLACES = /b\.yaml:\d+:\d+: deploys\[0\]: deploy site is already defined at .*a\.yaml:\d+:\d+/;

// After the restart `get deploys` said "in no document" of one that is in two.
test('of two deploys of one name the first goes on while serve runs, and after a restart both stand still and are told', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, live, sources: first, folder } = machine;
  const documents = join(folder, 'documents');
  const deploy = (target: string) => `{ name: site, kind: directory, source: web/app, target: ${target} }`;
  await machine.write({
    sources: [sourceLine(registry, 'name: app, ref: { tag: stable }').replace('1h', '2s')],
    deploys: [deploy(live)],
  });
  await mkdir(documents);
  await copyFile(first, join(documents, 'a.yaml'));
  plantFiles(registry, 'stable', { 'app.yaml': 'push: 1\n' });
  const before = await machine.serve({ documents: [documents] });
  await before.logged('deploy applied');
  await writeFile(join(documents, 'b.yaml'), `deploys: [ ${deploy(`${live}-b`)} ]\n`);
  await before.logged('changed document is refused');
  const { digest } = plantFiles(registry, 'stable', { 'app.yaml': 'push: 2\n' });
  await until('the last good one to go on', () =>
    before.log.find(
      (line) => line['message'] === 'deploy applied' && String(line['revision']).includes(digest),
    ),
  );
  await before.end('SIGTERM');
  const after = await machine.serve({ documents: [documents] });
  plantFiles(registry, 'stable', { 'app.yaml': 'push: 3\n' });
  await after.logged('landed');
  const { stdout: deploys } = await machine.on('get', 'deploys', '-o', 'wide');
  assert.match(deploys, /^site +web\/app .*stands still: /m);
  assert.match(deploys, PLACES);
  const { stdout, stderr } = await machine.on('status');
  assert.match(stdout, /^deploy site: .*stands still: /m);
  assert.match(stderr, PLACES);
  assert.match(stderr, /and neither is used: give one another name/);
  await rm(join(documents, 'b.yaml'));
  await after.logged('deploy applied');
  const { stdout: well } = await machine.on('get', 'deploys');
  assert.doesNotMatch(well, /stands still|in no document/);
});
