import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { gitServerFor, withoutGit } from './git-server.ts';

const PASSWORD = 'ghp_canary_of_serve';

test('serve commits what lands, and what a rollback goes back to, and prints no token', {
  skip: withoutGit,
}, async (t) => {
  const server = await gitServerFor(t, { password: PASSWORD });
  const machine = await openServeMachine(t);
  const first = plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n', 'old.yaml': 'b: 1\n' });
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [
      `{ name: fleet, kind: git, source: web/app, url: "${server.url}", branch: main, to: apps/web, plainHttp: true, author: { name: Landfall, email: l@example.org }, password: { env: FLEET_TOKEN } }`,
    ],
  });
  const serve = await machine.serve({ env: { FLEET_TOKEN: PASSWORD } });
  await serve.logged('deploy applied', { deploy: 'fleet', generation: 1 });
  const second = plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 2\n' });
  await machine.on('reconcile', 'web/app');
  await serve.logged('deploy applied', { deploy: 'fleet', generation: 2 });
  assert.match(
    server.message(),
    new RegExp(`^Deploy web/app stable@${second.digest}\n\n- old.yaml\n~ app.yaml\n`),
  );
  await machine.on('rollback', 'web/app', '--to', first.digest);
  await serve.logged('deploy applied', { deploy: 'fleet', generation: 3 });
  assert.equal(server.read('apps/web/app.yaml'), 'a: 1');
  assert.equal(server.read('apps/web/old.yaml'), 'b: 1');
  assert.equal(server.count(), 4);
  const { stdout } = await machine.on('logs', 'fleet');
  assert.match(stdout, /: 1 to create, 1 to update in apps\/web in branch main of 127\.0\.0\.1/);
  assert.ok(!`${stdout}${JSON.stringify(serve.log)}`.includes('canary'), 'the token is printed');
});
