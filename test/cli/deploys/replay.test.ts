import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { artifactPrefix } from '../../../shared/store/layout.ts';
import { detailOf } from '../../event/samples.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf } from '../../support/cli.ts';
import { openServeMachine, type ServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { eventsOfKind } from '../../support/programs/serving.ts';

const APP = 'name: app, ref: { tag: stable }';
const FILES = { 'app.yaml': 'version: 1\n' };

/** A house with one source and two deploys: `live`, a link, and `build`, which counts its runs and fails while told to. */
async function deploying(t: TestContext) {
  const machine = await openServeMachine(t);
  const [script, runs, broken] = ['build.sh', 'runs', 'broken'].map((name) => join(machine.folder, name));
  await writeFile(
    script ?? '',
    `echo "$LANDFALL_GENERATION" >> "${runs}"\n[ ! -e "${broken}" ] || { echo no >&2; exit 1; }\n`,
  );
  await machine.write({
    sources: [APP, 'name: other, suspend: true'].map((rest) => sourceLine(machine.registry, rest)),
    deploys: [
      `{ name: live, kind: directory, source: web/app, target: "${machine.live}" }`,
      `{ name: build, kind: command, source: web/app, command: [sh, "${script}"] }`,
      `{ name: other, kind: command, source: web/other, command: ["true"] }`,
    ],
  });
  return {
    machine,
    breakBuild: () => writeFile(broken ?? '', ''),
    mendBuild: () => rm(broken ?? ''),
    runs: async () => (await readFile(runs ?? '', 'utf8')).trim().split('\n').map(Number),
  };
}

const lookOnce = ({ sources, on }: ServeMachine) => on('serve', '-f', sources, '--once');

test('replay has serve run a deploy that failed for good, and that one alone', async (t) => {
  const { machine, breakBuild, mendBuild, runs } = await deploying(t);
  plantFiles(machine.registry, 'stable', FILES);
  await breakBuild();
  await machine.serve();
  await eventsOfKind(machine.store, 'Deploy Failed', 1);
  assertRefused(await machine.on('replay', 'web/app', '--deploy', 'build', '--wait', '--json'), {
    code: 'DEPLOY_FAILED',
    says: /exited with 1; it said: no/,
    next: /landfall replay/,
  });
  await mendBuild();
  const { code, stdout, stderr } = await machine.on('replay', 'web/app', '--deploy', 'build', '--wait');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^build of web\/app: applied stable@sha256:\w+, generation 1\n$/);
  assert.deepEqual(await runs(), [1, 1, 1]);
  const told = await eventsOfKind(machine.store, 'Deploy Succeeded', 2);
  assert.deepEqual(told.map((event) => detailOf(event)['deploy']).sort(), ['build', 'live']);
});

test('replay --wait says what to do next as the deploy that failed said it', async (t) => {
  const { machine } = await deploying(t);
  await machine.write({
    sources: [sourceLine(machine.registry, APP)],
    deploys: ['{ name: build, kind: command, source: web/app, path: gone, command: ["true"] }'],
  });
  plantFiles(machine.registry, 'stable', FILES);
  await machine.serve();
  await eventsOfKind(machine.store, 'Deploy Failed', 1);
  assertRefused(await machine.on('replay', 'web/app', '--deploy', 'build', '--wait'), {
    code: 'DEPLOY_FAILED',
    says: /path gone has no file/,
    next: /Correct the path of the deploy/,
  });
});

test('replay without --wait leaves its wish, which serve answers', async (t) => {
  const { machine, runs } = await deploying(t);
  plantFiles(machine.registry, 'stable', FILES);
  await machine.serve();
  await eventsOfKind(machine.store, 'Deploy Succeeded', 2);
  const asked = await machine.on('replay', 'web/app', '--deploy', 'build');
  assert.equal(asked.code, 0, asked.stderr);
  await eventsOfKind(machine.store, 'Deploy Succeeded', 3);
  assert.deepEqual(await runs(), [1, 1]);
});

test('replay puts back what a deploy had made, where nobody serves, of a suspended source too', async (t) => {
  const { machine, runs } = await deploying(t);
  plantFiles(machine.registry, 'stable', FILES);
  const looked = await lookOnce(machine);
  assert.equal(looked.code, 0, looked.stderr);
  assert.equal((await machine.on('suspend', 'web/app')).code, 0);
  await rm(machine.live);
  const argv = ['replay', 'web/app', '-f', machine.sources, '--json', '--deploy'];
  const ledger = documentOf(await machine.on(...argv, 'live'));
  assert.partialDeepStrictEqual(ledger, { deploy: 'live', applied: { generation: 1 }, replay: null });
  assert.equal(await readFile(join(machine.live, 'app.yaml'), 'utf8'), FILES['app.yaml']);
  assert.equal((await machine.on(...argv, 'build')).code, 0);
  assert.deepEqual(await runs(), [1, 1]);
});

test('a replay that a crash cut off is made up for at the next start', async (t) => {
  const { machine, breakBuild, mendBuild, runs } = await deploying(t);
  await machine.write({
    sources: [sourceLine(machine.registry, APP)],
    deploys: [`{ name: build, kind: command, source: web/app, command: [sh, "${machine.folder}/build.sh"] }`],
  });
  plantFiles(machine.registry, 'stable', FILES);
  const looked = await lookOnce(machine);
  assert.equal(looked.code, 0, looked.stderr);
  await breakBuild();
  await writeFile(join(machine.folder, 'build.sh'), `kill -9 $PPID\n`);
  const serving = await machine.serve();
  await machine.on('replay', 'web/app', '--deploy', 'build');
  await serving.end('SIGTERM').catch(() => undefined);
  const [before] = documentOf<readonly Readonly<Record<string, unknown>>[]>(
    await machine.on('get', 'deploys', '--json'),
  );
  assert.notEqual(before?.['replay'], null);
  await mendBuild();
  await writeFile(
    join(machine.folder, 'build.sh'),
    `echo "$LANDFALL_GENERATION" >> "${machine.folder}/runs"\n`,
  );
  await machine.serve();
  await eventsOfKind(machine.store, 'Deploy Succeeded', 2);
  assert.deepEqual(await runs(), [1, 1]);
});

test('replay says what is not there', async (t) => {
  const { machine } = await deploying(t);
  plantFiles(machine.registry, 'stable', FILES);
  const looked = await lookOnce(machine);
  assert.equal(looked.code, 0, looked.stderr);
  const argv = ['replay', 'web/app', '--deploy'];
  assertRefused(await machine.on(...argv, 'biuld'), {
    code: 'DEPLOY_NOT_FOUND',
    says: /no deploy "biuld" of web\/app; there are build, live/,
    next: /--deploy build/,
  });
  assertRefused(await machine.on(...argv, 'lvie', '-f', machine.sources), {
    ...{ code: 'DEPLOY_NOT_FOUND', says: /"lvie"/, next: /--deploy live/ },
  });
  assertRefused(await machine.on(...argv, 'other', '-f', machine.sources), {
    ...{
      code: 'DEPLOY_NOT_FOUND',
      says: /deploy other is for web\/other, not web\/app/,
      next: /get deploys/,
    },
  });
  assertRefused(await machine.on(...argv, '../../sources/web'), {
    ...{ code: 'DEPLOY_NOT_FOUND', says: /there are build, live/, next: /-f/ },
  });
  assertRefused(await machine.on(...argv, 'build'), {
    ...{ code: 'USAGE', exit: 2, says: /no serve runs/, next: /-f sources\.yaml/ },
  });
  assertRefused(await machine.on('replay', 'web/none', '--deploy', 'build'), {
    ...{ code: 'SOURCE_NOT_FOUND', says: /web\/none/, next: /get sources/ },
  });
  assertRefused(await machine.on('replay', 'web/other', '--deploy', 'other', '-f', machine.sources), {
    ...{ code: 'SOURCE_NOT_FOUND', says: /web\/other/, next: /get sources/ },
  });
});

test('replay of an artifact that is gone fails, and says how to land it again', async (t) => {
  const { machine } = await deploying(t);
  const { digest } = plantFiles(machine.registry, 'stable', FILES);
  const looked = await lookOnce(machine);
  assert.equal(looked.code, 0, looked.stderr);
  await rm(join(machine.store, artifactPrefix({ digest, variant: 'default' }), 'artifact.json'), {
    force: true,
  });
  assertRefused(await machine.on('replay', 'web/app', '--deploy', 'build', '-f', machine.sources), {
    ...{ code: 'ARTIFACT_NOT_FOUND', says: /no longer in the store/, next: /landfall reconcile web\/app/ },
  });
});

test('replay of a source that has landed nothing fails, and says where to look', async (t) => {
  const { machine } = await deploying(t);
  assert.equal((await lookOnce(machine)).code, 1);
  assertRefused(await machine.on('replay', 'web/app', '--deploy', 'build', '-f', machine.sources), {
    ...{ code: 'ARTIFACT_NOT_FOUND', says: /landed nothing/, next: /landfall status web\/app/ },
  });
});

test('replay of a deploy that serve has no more is answered, and not with success', async (t) => {
  const { machine } = await deploying(t);
  plantFiles(machine.registry, 'stable', FILES);
  const looked = await lookOnce(machine);
  assert.equal(looked.code, 0, looked.stderr);
  await machine.write({ sources: [sourceLine(machine.registry, APP)] });
  await machine.serve();
  assertRefused(await machine.on('replay', 'web/app', '--deploy', 'build', '--wait'), {
    ...{
      code: 'DEPLOY_NOT_FOUND',
      says: /who serves the store has no deploy build/,
      next: /documents of serve/,
    },
  });
});
