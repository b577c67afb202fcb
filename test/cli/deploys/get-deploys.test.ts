import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { until } from '../../support/until.ts';

test('get deploys says of what generation a row tells, why it fails in full, and what to do next', async (t) => {
  const machine = await openServeMachine(t);
  const { registry } = machine;
  await machine.write({
    sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')],
    deploys: [
      '{ name: live, kind: command, source: web/app, command: [sh, -c, "test -f good || { echo no such table: a story that is far too long for a column of a table >&2; exit 2; }"] }',
    ],
  });
  const once = () => machine.on('serve', '-f', machine.sources, '--once');
  plantFiles(registry, 'stable', { good: '' });
  await once();
  plantFiles(registry, 'stable', { bad: '' });
  assert.equal((await once()).code, 1);
  const { stdout, stderr } = await machine.on('get', 'deploys');
  assert.match(
    stdout,
    /^live +web\/app +1 +stable@sha256:[0-9a-f]{8} +Failed +\S+ +generation 2; DEPLOY_FAILED: /m,
  );
  assert.match(
    stderr,
    /^note: DEPLOY_FAILED: live of web\/app, 1 try: .*far too long for a column of a table$/m,
  );
  assert.match(stderr, /^ {2}next: .*landfall replay/m);
  // Operations send whoever finds a failed deploy here, to do what `next` says.
  const status = await machine.on('status', 'web/app');
  assert.match(status.stdout, /^deploy live: Failed .*\n {2}next: .*landfall replay web\/app --deploy live/m);
});

test('get deploys has what waits for the first revision of its source, and what is in no document any more', async (t) => {
  const machine = await openServeMachine(t);
  const { registry } = machine;
  const sources = [
    sourceLine(registry, 'name: app, ref: { tag: stable }'),
    sourceLine(registry, 'name: later, ref: { tag: later }'),
  ];
  const all = '{ name: all, kind: command, source: "web/*", command: ["true"] }';
  plantFiles(registry, 'stable', { 'a.txt': '1' });
  const once = () => machine.on('serve', '-f', machine.sources, '--once');
  const deploys = async () => documentOf<readonly unknown[]>(await machine.on('get', 'deploys', '--json'));
  await machine.write({ sources, deploys: [all] });
  await once();
  assert.partialDeepStrictEqual(await deploys(), [
    { deploy: 'all', name: 'app', state: 'Succeeded', watched: true },
    { deploy: 'all', name: 'later', state: 'Waiting', watched: true, applied: null },
  ]);
  const { stdout } = await machine.on('get', 'deploys');
  assert.match(stdout, /^all +web\/later +- +- +Waiting +- +for the first revision of its source$/m);
  await machine.write({ sources, deploys: [] });
  await once();
  assert.partialDeepStrictEqual(await deploys(), [{ deploy: 'all', name: 'app', watched: false }]);
  assert.match(
    (await machine.on('get', 'deploys')).stdout,
    /^all +web\/app .* Succeeded +\S+ +in no document$/m,
  );
});

test('get deploys has the summary of what somebody is asked to approve, and logs says of what has not run that it has not', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: ['{ name: live, kind: command, source: web/app, command: ["true"], approval: required }'],
  });
  plantFiles(machine.registry, 'stable', { 'a.txt': '1' });
  await machine.on('serve', '-f', machine.sources, '--once');
  const { stdout } = await machine.on('get', 'deploys');
  assert.match(stdout, /generation 1; for an approval: landfall approve live; plan: the command is run$/m);
  const logs = await machine.on('logs', 'live');
  assert.deepEqual([logs.code, logs.stdout], [0, '']);
  assert.match(logs.stderr, /^note: live of web\/app has not run yet$/m);
});

test('replay --wait of a deploy that is kept says by what', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: ['{ name: live, kind: command, source: web/app, command: ["true"], suspend: true }'],
  });
  plantFiles(machine.registry, 'stable', { 'a.txt': '1' });
  await machine.serve();
  await until('it to wait', async () => {
    const rows = documentOf<readonly { readonly waiting?: object | null }[]>(
      await machine.on('get', 'deploys', '--json'),
    );
    return rows.some(({ waiting }) => waiting) || undefined;
  });
  const argv = ['replay', 'web/app', '--deploy', 'live', '--wait', '--timeout', '1s'];
  assertRefused(await machine.on(...argv), {
    code: 'DEPLOY_UNAVAILABLE',
    says: /deploy live waits: suspended/,
    next: /The wish stays/,
  });
});
