import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { detailOf } from '../../event/samples.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { eventsOfKind } from '../../support/programs/serving.ts';

const APP = 'name: app, ref: { tag: stable }';

async function approving(t: TestContext, rest = 'approval: required') {
  const machine = await openServeMachine(t);
  const runs = join(machine.folder, 'runs');
  await machine.write({
    sources: [sourceLine(machine.registry, APP)],
    deploys: [
      `{ name: live, kind: command, source: web/app, command: [sh, -c, 'echo "$LANDFALL_GENERATION" >> ${runs}'], ${rest} }`,
    ],
  });
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'version: 1\n' });
  return { machine, runs: async () => (await readFile(runs, 'utf8').catch(() => '')).trim() };
}

test('approve lets a deploy begin that serve has waiting, and says who, when and why', async (t) => {
  const { machine, runs } = await approving(t);
  await machine.serve();
  const [waiting] = await eventsOfKind(machine.store, 'Deploy Waiting', 1);
  assert.partialDeepStrictEqual(detailOf(waiting), { waitsFor: 'approval', plan: { changes: 1 } });
  const listed = await machine.on('get', 'deploys');
  assert.match(listed.stdout, /live +web\/app +- +- +Waiting .*for an approval: landfall approve live/);
  assert.equal(await runs(), '');
  const { code, stdout, stderr } = await machine.on('approve', 'live', '--reason', 'seen', '--by', 'ada');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^live of web\/app: approved stable@sha256:\w+\n$/);
  await eventsOfKind(machine.store, 'Deploy Succeeded', 1);
  assert.equal(await runs(), '1');
  const [decided] = await eventsOfKind(machine.store, 'Deploy Decided', 1);
  assert.partialDeepStrictEqual(detailOf(decided), { decision: 'approved', by: 'ada', reason: 'seen' });
  const logs = await machine.on('logs', 'live');
  assert.match(logs.stdout, /^live of web\/app, stable@sha256:\w+, generation 1, try 1: Succeeded, /);
});

test('reject keeps a deploy from a revision, and skip another, where nobody serves', async (t) => {
  const { machine, runs } = await approving(t);
  const once = () => machine.on('serve', '-f', machine.sources, '--once');
  assert.equal((await once()).code, 0);
  assert.equal((await machine.on('reject', 'live', '--reason', 'no')).code, 0);
  await once();
  const state = async () => documentOf(await machine.on('get', 'deploys', '--json')) as unknown as object[];
  assert.match(String(JSON.stringify(await state())), /"state":"Waiting".*rejected by .*: no/);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'version: 2\n' });
  await once();
  assert.equal((await machine.on('skip', 'stable', '--deploy', 'live')).code, 0);
  assert.equal((await machine.on('approve', 'live', '--revision', 'stable')).code, 0);
  await once();
  assert.match(JSON.stringify(await state()), /skipped until something newer comes/);
  assert.equal(await runs(), '');

  const undone = await machine.on('skip', 'stable', '--undo', '--by', 'ada', '--reason', 'it was the proxy');
  assert.deepEqual([undone.code, undone.stdout], [0, 'live of web/app: skips no more stable\n']);
  const decided = (await eventsOfKind(machine.store, 'Deploy Decided', 4)).map(detailOf);
  assert.partialDeepStrictEqual(decided.at(-1), {
    decision: 'unskipped',
    by: 'ada',
    reason: 'it was the proxy',
  });
  await once();
  assert.notEqual(await runs(), '', 'it is deployed after all');
  assertRefused(await machine.on('skip', 'stable', '--undo'), {
    code: 'DEPLOY_NOT_FOUND',
    says: /live: stable is not skipped/,
    next: /landfall get deploys/,
  });
});

// At night it read as if the bad revision were gone.
test('skip of what a deploy has applied already says that it stays, and how to go back', async (t) => {
  const { machine } = await approving(t, 'labels: {}');
  assert.equal((await machine.on('serve', '-f', machine.sources, '--once')).code, 0);
  const skipped = await machine.on('skip', 'stable');
  assert.deepEqual([skipped.code, skipped.stdout], [0, 'live of web/app: skips stable\n']);
  assert.match(
    skipped.stderr,
    /^note: live of web\/app has applied it already, and keeps it; to go back: landfall rollback web\/app --to REVISION$/m,
  );
});

test('approve of what waits for nobody says so', async (t) => {
  const { machine } = await approving(t, 'labels: {}');
  assert.equal((await machine.on('serve', '-f', machine.sources, '--once')).code, 0);
  assertRefused(await machine.on('approve', 'live'), {
    code: 'DEPLOY_NOT_FOUND',
    says: /deploy live waits for no approval/,
    next: /landfall get deploys/,
  });
  assertRefused(await machine.on('approve', 'life'), {
    code: 'DEPLOY_NOT_FOUND',
    says: /there is no deploy "life"/,
    next: /Did you mean live/,
  });
});

test('deploy --dry-run says what would be done, and does nothing', async (t) => {
  const { machine, runs } = await approving(t);
  assert.equal((await machine.on('serve', '-f', machine.sources, '--once')).code, 0);
  const { code, stdout, stderr } = await machine.on('deploy', 'live', '--dry-run', '-f', machine.sources);
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^live of web\/app, stable@sha256:\w+: the command is run\n {2}run +sh -c .*: stable@/,
  );
  assert.equal(await runs(), '');
});

test('approve, reject and skip of a deploy into several clusters are for all of them, or for one', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({
    sources: [sourceLine(machine.registry, APP)],
    deploys: [
      '{ name: apps, kind: kubernetes, source: web/app, approval: required, kubeconfig: { file: ./none }, clusters: [{ name: eu }, { name: us }] }',
    ],
  });
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'version: 1\n' });
  await machine.on('serve', '-f', machine.sources, '--once');
  const listed = await machine.on('get', 'deploys');
  assert.match(listed.stdout, /apps\.eu +web\/app .*Waiting[\s\S]*apps\.us +web\/app .*Waiting/);
  const one = await machine.on('reject', 'apps.us', '--reason', 'no', '--by', 'ada');
  assert.match(one.stdout, /^apps\.us of web\/app: rejected stable@\S+\n$/);
  const all = await machine.on('approve', 'apps', '--by', 'ada');
  assert.match(all.stdout, /^apps\.eu of web\/app: approved \S+\napps\.us of web\/app: approved \S+\n$/);
  const skipped = await machine.on('skip', 'stable', '--deploy', 'apps');
  assert.match(skipped.stdout, /^apps\.eu of web\/app: skips stable\napps\.us of web\/app: skips stable\n$/);
});
