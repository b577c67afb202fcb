import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveOwner } from '../../../shared/store/directory/serve-lock.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf, landfall } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import type { ServeProcess } from '../../support/programs/serving.ts';
import { until } from '../../support/until.ts';

const LOST = 'the store is not held any more: nothing is written into it';
const BACK = `no more: ${LOST}`;

/** A serve that looks at its source every two seconds, and has landed it. */
async function served(t: TestContext) {
  const machine = await openServeMachine(t);
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }').replace('1h', '2s')],
    deploys: [`{ name: site, kind: directory, source: web/app, target: ${machine.live} }`],
  });
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'push: 1\n' });
  const serve = await machine.serve();
  await serve.logged('deploy applied');
  return { machine, serve };
}

const healthOf = ({ url }: ServeProcess, status: number): Promise<string> =>
  until(`healthz to answer ${status}`, async () => {
    const response = await fetch(`${url}/healthz`);
    const text = await response.text();
    return response.status === status ? text : undefined;
  });

// It was landed anew, from generation 1 and without the lock, and healthz said ok.
test('a store that is deleted under serve is told of, and is not made again by it', async (t) => {
  const { machine, serve } = await served(t);
  await rm(machine.store, { recursive: true, maxRetries: 5 });
  assert.match(await healthOf(serve, 503), /^lock: .*\/store is gone/m);
  const { code, error, next } = await serve.logged(LOST);
  assert.equal(code, 'STORE_UNAVAILABLE');
  assert.match(String(error), /\/store is gone/);
  assert.match(String(next), /Bring it back/);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'push: 2\n' });
  await serve.logged('reconcile failed', { source: 'web/app', code: 'STORE_UNAVAILABLE' });
  await sleep(500);
  assert.ok(!existsSync(machine.store), 'nothing of it was made again');
});

test('who serves where a store was deleted has it for itself, and the one before writes nothing until it ends', async (t) => {
  const { machine, serve } = await served(t);
  await rm(machine.store, { recursive: true, maxRetries: 5 });
  await serve.logged(LOST);
  const second = await machine.serve({ argv: ['--listen', '127.0.0.1:0'] });
  await second.logged('landed');
  await until('healthz to say who has it', async () => {
    const text = await (await fetch(`${serve.url}/healthz`)).text();
    return text.includes(`is served by pid ${second.pid} on `) || undefined;
  });
  const third = await landfall(['serve', '--once', '-f', machine.sources, '--store', machine.store]);
  assertRefused(third, { code: 'STORE_LOCKED', says: new RegExp(`pid ${second.pid} `), next: /End that/ });
  const before = documentOf(await machine.on('fsck', '--json'));
  assert.deepEqual([before['problems'], before['sources'], before['artifacts']], [[], 1, 1]);
  await second.end('SIGTERM');
  await serve.logged(BACK);
  assert.equal(await healthOf(serve, 200), 'ok\n');
  const { digest } = plantFiles(machine.registry, 'stable', { 'app.yaml': 'push: 3\n' });
  // Its own next try may be half a minute away.
  assert.equal((await machine.on('reconcile', 'web/app')).code, 0);
  await until('the first to land and tell again', async () => {
    const { stdout } = await machine.on('get', 'events', '--json');
    return stdout.includes(digest) || undefined;
  });
});

test('a lock that is deleted under serve is taken again at once, and no second serve gets in', async (t) => {
  const { machine, serve } = await served(t);
  await rm(join(machine.store, 'locks'), { recursive: true });
  await until('the lock to be back', () => serveOwner(machine.store));
  const second = await landfall(['serve', '--once', '-f', machine.sources, '--store', machine.store]);
  assertRefused(second, { code: 'STORE_LOCKED', says: new RegExp(`pid ${serve.pid} `), next: /End that/ });
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'push: 2\n' });
  await until(
    'what was pushed to be landed',
    () => serve.log.filter(({ message }) => message === 'landed')[1],
  );
  assert.equal(await healthOf(serve, 200), 'ok\n');
});
