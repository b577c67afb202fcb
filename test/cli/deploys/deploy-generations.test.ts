import assert from 'node:assert/strict';
import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';

// The hint of a status that cannot be read was followed; pushes then landed and were not deployed, and all said Succeeded.
test('a deploy that has applied a later generation than its source has is told, with how it goes on', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store } = machine;
  await machine.write({
    sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')],
    deploys: ['{ name: live, kind: command, source: web/app, command: ["true"] }'],
  });
  const push = async (text: string) => {
    plantFiles(registry, 'stable', { 'a.txt': text });
    await machine.on('serve', '-f', machine.sources, '--once');
  };
  const told = async () =>
    [await machine.on('get', 'deploys'), await machine.on('status', 'web/app')] as const;
  await push('1');
  await push('2');
  const said =
    /applies nothing before generation 2, and its source is at 1.*landfall replay web\/app --deploy live/;
  for (const { stdout, stderr } of await told()) assert.doesNotMatch(stdout + stderr, /applies nothing/);
  rmSync(join(store, 'sources/web/app/status.json'));
  await push('3');
  const [list, status] = await told();
  assert.match(list.stderr, new RegExp(`^note: live of web/app ${said.source}$`, 'm'));
  assert.match(
    status.stdout,
    new RegExp(`^deploy live: Succeeded .*generation 2\n {2}it ${said.source}$`, 'm'),
  );
  await machine.on('replay', 'web/app', '--deploy', 'live', '-f', machine.sources);
  for (const { stdout, stderr } of await told()) assert.doesNotMatch(stdout + stderr, /applies nothing/);
});

test('status says of a deploy whose ledger cannot be read what to do, and not that it has applied nothing', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: ['{ name: live, kind: command, source: web/app, command: ["true"] }'],
  });
  plantFiles(machine.registry, 'stable', { 'a.txt': '1' });
  await machine.on('serve', '-f', machine.sources, '--once');
  truncateSync(join(machine.store, 'deploys/live/web/app.json'), 40);
  const { stdout } = await machine.on('status', 'web/app');
  assert.match(stdout, /^deploy live: Unknown; STORE_CORRUPT: .*\n {2}next: Delete it: /m);
});
