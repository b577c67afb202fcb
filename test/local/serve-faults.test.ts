import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServeFaults } from '../../local/serve-faults.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import { atEnd } from '../support/at-end.ts';
import { landfall } from '../support/cli.ts';
import { openServeMachine, sourceLine } from '../support/programs/serve-machine.ts';
import { until } from '../support/until.ts';
import { LISTEN, servedFor } from '../trigger/served.ts';

test('what was met is told until it is over', () => {
  const faults = new ServeFaults(() => 0);
  const [store, requests] = [faults.noting('store'), faults.noting('requests')];
  store(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
  requests(new Error('odd'));
  assert.deepEqual(faults.lines(), ['store: ENOSPC', 'requests: Error: odd']);
  store(undefined);
  assert.deepEqual(faults.lines(), ['requests: Error: odd']);
});

test('a schedule that has said nothing for longer than its patience is dead, and one that never began is none', () => {
  let now = 1_000;
  const faults = new ServeFaults(() => now);
  now += 1_000_000;
  assert.deepEqual(faults.lines(), []);
  faults.ticked(60_000);
  now += 60_000;
  assert.deepEqual(faults.lines(), []);
  now += 1;
  assert.deepEqual(faults.lines(), ['schedule: nothing was looked at for 60 s']);
  faults.ticked(60_000);
  assert.deepEqual(faults.lines(), []);
});

// It said ok while the store was read-only, and while requests were not heard any more.
test('healthz of serve says what keeps it from its work, and ok again when nothing does', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({ sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')] });
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  const serve = await machine.serve();
  const answers = (status: number) =>
    until(`healthz to answer ${status}`, async () => {
      const response = await fetch(`${serve.url}/healthz`);
      const body = await response.text();
      return response.status === status ? body : undefined;
    });
  assert.equal(await answers(200), 'ok\n');
  const requests = join(machine.store, 'requests');
  const name = '00000000-0000-4000-8000-000000000000.json';
  await mkdir(join(requests, name), { recursive: true });
  assert.equal(await answers(503), 'requests: EISDIR\n');
  await rm(join(requests, name), { recursive: true });
  await answers(200);
  await rm(join(machine.store, 'serve.json'), { force: true });
  await mkdir(join(machine.store, 'serve.json'));
  await machine.write({ sources: [] });
  await serve.logged('documents read again');
  assert.match(await answers(503), /^store: (?:EISDIR|ENOTEMPTY)\n$/);
  assert.equal((await landfall(['status', 'web/app', '--store', machine.store])).code, 0);
});

test('healthz of serve says that its schedule stands still', async (t) => {
  let [sleptTicks, passedMs] = [0, 0];
  const clock: Clock = {
    now: () => Date.now() + passedMs,
    steady: () => performance.now() + passedMs,
    sleep: (ms, signal) => {
      if (ms !== 1_000) return systemClock.sleep(ms, signal);
      sleptTicks += 1;
      // The second one never ends by itself.
      return systemClock.sleep(sleptTicks === 1 ? 1 : 86_400_000, signal);
    },
  };
  const { begun } = await servedFor(t, 'sources: []', { clock, listen: LISTEN });
  const serving = await begun;
  atEnd(t, () => serving.close());
  await until('the second tick to be waited for', () => sleptTicks >= 2 || undefined);
  assert.equal((await fetch(`${serving.url}/healthz`)).status, 200);
  passedMs = 61_000;
  const response = await fetch(`${serving.url}/healthz`);
  assert.equal(response.status, 503);
  assert.match(await response.text(), /^schedule: nothing was looked at for 6\d s\n$/);
});
