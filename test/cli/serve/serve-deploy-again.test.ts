import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { atEnd } from '../../support/at-end.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';

/** Takes whatever is posted, and keeps what it was authorized with. */
async function taking(t: TestContext): Promise<{ readonly url: string; readonly seen: readonly unknown[] }> {
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    request.resume();
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, seen };
}

test('a deploy whose secret was not there runs with the start that has it; one that failed for good says so again', async (t) => {
  const machine = await openServeMachine(t);
  const hook = await taking(t);
  plantFiles(machine.registry, 'v1', { 'app.yaml': 'a: 1\n' });
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: v1 }')],
    deploys: [
      `{ name: tell, kind: http, source: web/app, url: "${hook.url}", headers: { Authorization: { env: TELL_TOKEN } } }`,
      '{ name: broken, kind: command, source: web/app, command: ["false"] }',
    ],
  });
  const first = await machine.serve();
  await first.logged('deploy failed', { deploy: 'tell', code: 'CREDENTIAL_UNREADABLE' });
  await first.logged('deploy failed', { deploy: 'broken', code: 'DEPLOY_FAILED' });
  await first.end('SIGTERM');
  assert.deepEqual(hook.seen, [], 'nothing is sent without it');

  const second = await machine.serve({ env: { TELL_TOKEN: 'Bearer canary' } });
  await second.logged('deploy applied', { deploy: 'tell' });
  const before = await second.logged('deploy failed before', { deploy: 'broken', level: 'warn' });
  assert.equal(before['next'], 'Run it again with: landfall replay web/app --deploy broken');
  assert.deepEqual(hook.seen, ['Bearer canary']);
});

test('the log says which revision and generation a deploy applied, so that a rollback shows in it', async (t) => {
  const machine = await openServeMachine(t);
  const first = plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [`{ name: live, kind: directory, source: web/app, target: "${machine.live}" }`],
  });
  const serve = await machine.serve();
  const applied = (digest: string, generation: number) =>
    serve.logged('deploy applied', { deploy: 'live', revision: `stable@${digest}`, generation });
  await applied(first.digest, 1);
  const second = plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 2\n' });
  await machine.on('reconcile', 'web/app');
  await applied(second.digest, 2);
  await machine.on('rollback', 'web/app', '--to', first.digest);
  await applied(first.digest, 3);
});
