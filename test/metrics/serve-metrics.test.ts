import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import { landfall } from '../support/cli.ts';
import {
  openServeMachine,
  SECRET,
  type ServeMachine,
  sourceLine,
} from '../support/programs/serve-machine.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { freePort } from '../support/servers/free-port.ts';
import { until } from '../support/until.ts';

/** A machine that serves one source with a deploy, and where it is measured. */
async function measured(t: TestContext) {
  const machine = await openServeMachine(t);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [`{ name: live, source: web/app, kind: directory, target: ${machine.live} }`],
  });
  const address = `127.0.0.1:${await freePort()}`;
  const serve = await machine.serve({ argv: ['--metrics', address] });
  const url = `http://${address}`;
  const scrape = async () => (await fetch(`${url}/metrics`)).text();
  const metric = (line: RegExp) =>
    until(`a line ${line}`, async () => {
      const text = await scrape();
      return line.test(text) ? text : undefined;
    });
  return { machine, serve, url, scrape, metric };
}

const answers = (url: string, status: number, headers: Readonly<Record<string, string>> = {}) =>
  until(`${url} to answer ${status}`, async () => {
    const answer = await fetch(url, { headers });
    const body = await answer.text();
    return answer.status === status ? body : undefined;
  });

test('a landing, its deploy and its durations are on the page, without the listener of webhooks', async (t) => {
  const { metric } = await measured(t);
  const text = await metric(
    /^landfall_deploy_state\{deploy="live",namespace="web",name="app",state="Succeeded"\} 1$/m,
  );
  for (const line of [
    /^landfall_build_info\{version="[\d.]+",node="v24\.[^"]+"\} 1$/m,
    /^landfall_sources\{condition="Ready"\} 1$/m,
    /^landfall_source_ready\{namespace="web",name="app"\} 1$/m,
    /^landfall_source_generation\{namespace="web",name="app"\} 1$/m,
    /^landfall_source_interval_seconds\{namespace="web",name="app"\} 3600$/m,
    /^landfall_source_last_look_timestamp_seconds\{namespace="web",name="app"\} \d{10}/m,
    /^landfall_source_revision_info\{namespace="web",name="app",revision="stable@sha256:[0-9a-f]{64}"\} 1$/m,
    /^landfall_deploy_generation\{deploy="live",namespace="web",name="app"\} 1$/m,
    /^landfall_deploys_total\{deploy="live",namespace="web",name="app",outcome="succeeded"\} 1$/m,
    /^landfall_deploy_duration_seconds_count\{kind="directory",outcome="succeeded"\} 1$/m,
    /^landfall_reconcile_duration_seconds_count\{outcome="committed"\} 1$/m,
    /^landfall_reconciles_total\{trigger="schedule"\} 1$/m,
    /^landfall_received_bytes_total [1-9]\d*$/m,
    /^landfall_store_free_bytes [1-9]\d*/m,
    /^landfall_queue_sources\{state="ready"\} 0$/m,
    /^process_resident_memory_bytes [1-9]\d+$/m,
    /^process_cpu_seconds_total \d/m,
  ])
    assert.match(text, line);
});

test('a source that fails is on the page with its code, and no secret is', async (t) => {
  const { machine, metric } = await measured(t);
  await metric(/^landfall_source_ready\{namespace="web",name="app"\} 1$/m);
  await machine.write({ sources: [sourceLine(machine.registry, 'name: app, ref: { tag: gone }')] });
  const text = await metric(
    /^landfall_source_failure_since_timestamp_seconds\{namespace="web",name="app",code="TAG_NOT_FOUND"\} \d/m,
  );
  assert.match(text, /^landfall_source_ready\{namespace="web",name="app"\} 0$/m);
  assert.match(text, /^landfall_source_generation\{namespace="web",name="app"\} 1$/m);
  assert.ok(!text.includes(SECRET));
  assert.ok(!text.includes('state="Succeeded"'), 'a deploy that is in no document any more is on no page');
});

test("webhooks are counted by receiver and answer, and a path that is none is nobody's", async (t) => {
  const { machine, url } = await measured(t);
  const [listen, metrics] = [await freePort(), await freePort()];
  const serve = await machine.serve({
    store: join(machine.folder, 'other'),
    argv: ['--listen', `127.0.0.1:${listen}`, '--metrics', `127.0.0.1:${metrics}`],
  });
  const post = (path: string, authorization: string) =>
    fetch(`${serve.url}${path}`, { method: 'POST', headers: { authorization }, body: '{}' });
  await post(machine.receiverPath('hub'), 'Bearer wrong');
  await post(machine.receiverPath('hub'), `Bearer ${SECRET}`);
  await post('/webhooks/made-up', `Bearer ${SECRET}`);
  const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
  const told = text.split('\n').filter((line) => line.startsWith('landfall_webhooks_total{'));
  assert.deepEqual(told, [
    'landfall_webhooks_total{receiver="hub",status="401"} 1',
    'landfall_webhooks_total{receiver="hub",status="202"} 1',
  ]);
  assert.ok(!(await (await fetch(`${url}/metrics`)).text()).includes('receiver='));
});

test('promtool finds nothing to say of the page', {
  skip: skipWithout(['promtool'], 'what promtool says of the metrics'),
}, async (t) => {
  const { metric } = await measured(t);
  const input = await metric(/^landfall_deploys_total/m);
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
  assert.equal(`${stdout}${stderr}`, '');
  assert.equal(status, 0);
});

test('the page is for GET, and there is no other page', async (t) => {
  const { url } = await measured(t);
  const answer = await fetch(`${url}/metrics?x=1`);
  assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  for (const [path, method, status] of [
    ['/metrics', 'POST', 405],
    ['/readyz', 'DELETE', 405],
    ['/', 'GET', 404],
    ['/constructor', 'GET', 404],
    ['/metrics/x', 'GET', 404],
  ] as const)
    assert.equal((await fetch(`${url}${path}`, { method })).status, status, `${method} ${path}`);
});

/** The store takes no heartbeat, as where its disk is full. */
async function unwritable({ store }: ServeMachine): Promise<() => Promise<void>> {
  const path = join(store, 'serve.json');
  await rm(path, { force: true });
  await mkdir(path);
  return () => rm(path, { recursive: true });
}

test('readyz means it, and livez goes on', async (t) => {
  const { machine, url } = await measured(t);
  assert.equal(await answers(`${url}/readyz`, 200), 'ok\n');
  const mend = await unwritable(machine);
  assert.match(await answers(`${url}/readyz`, 503), /^store: E[A-Z]+\n$/);
  assert.equal(await answers(`${url}/livez`, 200), 'ok\n', 'another start would not help');
  await mend();
  await answers(`${url}/readyz`, 200);
  await writeFile(machine.sources, 'sources: [{ name: app, urll: x }]\n');
  const refused = await answers(`${url}/readyz`, 503, { accept: 'application/json' });
  const { ok, reasons } = JSON.parse(refused) as { ok: boolean; reasons: readonly string[] };
  assert.equal(ok, false);
  assert.match(reasons.join('\n'), /^documents refused: .*sources\.yaml:1:\d+.*urll/);
});

test('an address that is taken, or none, is said of --metrics', async (t) => {
  const { machine, url } = await measured(t);
  const other = await landfall([
    'serve',
    '-f',
    machine.sources,
    '--store',
    join(machine.folder, 'other'),
    '--metrics',
    url.slice(7),
  ]);
  assert.equal(other.code, 2);
  assert.match(other.stderr, /Choose another port with --metrics HOST:PORT/);
  const wrong = await landfall([
    'serve',
    '-f',
    machine.sources,
    '--store',
    machine.store,
    '--metrics',
    '9464',
  ]);
  assert.match(wrong.stderr, /--metrics "9464" is not HOST:PORT/);
});
