import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { EventEnvelope } from '../../../shared/model/envelope.ts';
import type { Status } from '../../../shared/model/status.ts';
import { plant } from '../../aws/support/planted.ts';
import { s3For } from '../../aws/support/s3.ts';
import { type Files, plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf, landfallProcess } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { freePort } from '../../support/servers/free-port.ts';
import { until } from '../../support/until.ts';

const STORE = 's3://landfall/team/a';
const PUBLIC_KEY = String(
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }),
);
const ID = 'web/app';

/** A `serve` of a bucket, or several: each machine has a folder of its own for what is not in the store. */
async function openBucketMachine(t: TestContext, deploys: readonly string[] = []) {
  const { server } = await s3For(t, { buckets: ['landfall', 'site'] });
  const machine = await openServeMachine(t);
  const site = `{ name: site, kind: site, source: ${ID}, bucket: site, region: eu-central-1, endpoint: "${server.url}" }`;
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [site, ...deploys],
  });
  const envOf = (state: string) => ({
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'canary-secret-key',
    AWS_ENDPOINT_URL_S3: server.url,
    AWS_REGION: 'eu-central-1',
    LANDFALL_STATE: join(machine.folder, state),
  });
  const on = (...argv: readonly string[]) =>
    landfallProcess([...argv, '--store', STORE], { env: envOf('state') });
  return {
    machine,
    on,
    bucket: server.bucket('landfall'),
    faults: server.faults,
    plantObject: (key: string) => plant(server, key),
    site: (): Files => {
      const { objects } = server.bucket('site');
      return Object.fromEntries([...objects].map(([key, { bytes }]) => [key, bytes.toString()]));
    },
    push: (files: Files) => plantFiles(machine.registry, 'stable', files),
    serve: (state = 'state', argv: readonly string[] = []) =>
      machine.serve({ store: STORE, env: envOf(state), argv }),
    events: async () => documentOf<EventEnvelope[]>(await on('get', 'events', '--json')),
    status: async () => documentOf<Status>(await on('status', ID, '--json')),
  };
}

const typesOf = (events: readonly EventEnvelope[]): readonly string[] =>
  events.map((event) => `${event['detail-type']} ${event.detail.generation}`);

test('serve on a bucket lands, deploys and tells, and takes what people ask for there', async (t) => {
  const { machine, on, bucket, site, push, serve, events, status } = await openBucketMachine(t);
  push({ 'index.html': 'one' });
  await serve('state', ['--listen', '127.0.0.1:0']);
  await until('the site', () => site()['index.html'] === 'one' || undefined);
  const [landed] = await events();
  assert.ok(landed?.['detail-type'] === 'Artifact Revision Changed');
  const { artifact } = landed.detail;
  assert.equal(artifact.bucket, 'landfall');
  assert.equal(bucket.objects.get(`${artifact.prefix}index.html`)?.bytes.toString(), 'one');
  assert.ok(bucket.objects.has(artifact.record));

  push({ 'index.html': 'two' });
  const asked = await on('reconcile', ID, '--wait', '--deploys');
  assert.equal(asked.code, 0, asked.stderr);
  assert.deepEqual(site(), { 'index.html': 'two' });
  assert.deepEqual(typesOf(await events()), [
    ...['Artifact Revision Changed 1', 'Deploy Started 1', 'Deploy Succeeded 1'],
    ...['Artifact Revision Changed 2', 'Deploy Started 2', 'Deploy Succeeded 2'],
  ]);

  const [first] = (await status()).history;
  assert.equal((await on('rollback', ID, '--to', first?.digest ?? '')).code, 0);
  await until('the site of before', () => site()['index.html'] === 'one' || undefined);
  const replayed = await on('replay', ID, '--deploy', 'site', '--wait');
  assert.equal(replayed.code, 0, replayed.stderr);
  assert.equal((await on('fsck')).code, 0);
  const listed = await on('get', 'sources');
  assert.match(listed.stdout, /web\/app/);
  assert.equal((await on('resume', ID)).code, 0);
  await until('what is newest, once more', () => site()['index.html'] === 'two' || undefined);
  assertRefused(await on('serve', '-f', machine.sources), {
    code: 'STORE_LOCKED',
    says: /already served by pid/,
    next: /End that one/,
  });
});

test('a serve on a bucket that is killed, and what it had of its own lost, goes on from what is in the bucket', async (t) => {
  const { site, push, serve, status } = await openBucketMachine(t);
  push({ 'index.html': 'one' });
  const first = await serve();
  await until('the site', () => site()['index.html'] === 'one' || undefined);
  await first.end('SIGKILL');
  push({ 'index.html': 'two' });
  const second = await serve('state of another machine');
  await until('the site, level again', () => site()['index.html'] === 'two' || undefined);
  await second.logged('deploy applied');
  assert.equal((await status()).generation, 2);
});

test('two machines that serve one bucket land a revision once, and deploy it once', async (t) => {
  const { on, site, push, serve, status } = await openBucketMachine(t);
  push({ 'index.html': 'one' });
  const processes = [await serve('state'), await serve('other')];
  await until('the site', () => site()['index.html'] === 'one' || undefined);
  push({ 'index.html': 'two' });
  assert.equal((await on('reconcile', ID, '--wait', '--deploys')).code, 0);
  assert.equal((await status()).generation, 2);
  assert.deepEqual(site(), { 'index.html': 'two' });
  const begun = processes.flatMap(({ log }) => log.filter((line) => line['message'] === 'deploy applied'));
  assert.deepEqual(begun.map((line) => line['generation']).toSorted(), [1, 2]);
});

test('who probes a serve on a bucket is told that the bucket does not answer', async (t) => {
  const { faults, push, serve } = await openBucketMachine(t);
  push({ 'index.html': 'one' });
  const address = `127.0.0.1:${await freePort()}`;
  await serve('state', ['--metrics', address]);
  const probed = async (status: number): Promise<string> =>
    until(`an answer of ${status}`, async () => {
      const answer = await fetch(`http://${address}/readyz`);
      const text = await answer.text();
      return answer.status === status ? text : undefined;
    });
  assert.equal(await probed(200), 'ok\n');
  const version = { operation: 'GetObject', key: /landfall\.json$/, when: 'before', times: 100 } as const;
  faults.add({ ...version, trouble: { status: 403, code: 'AccessDenied' } });
  assert.equal(await probed(503), 'bucket: STORE_DENIED\n');
  faults.clear();
  await probed(200);
  faults.add({ ...version, trouble: 'stall' });
  assert.equal(await probed(503), 'bucket: STORE_UNAVAILABLE\n');
  faults.clear();
  await probed(200);
});

test('what needs a folder is refused on a bucket, and keeps nobody', async (t) => {
  const { site, push, serve } = await openBucketMachine(t, [
    `{ name: run, kind: command, source: ${ID}, command: ["true"] }`,
    `{ name: link, kind: directory, source: ${ID}, target: /nowhere }`,
  ]);
  push({ 'index.html': 'one' });
  const served = await serve();
  await until('the site', () => site()['index.html'] === 'one' || undefined);
  for (const deploy of ['run', 'link']) {
    const { error, next } = await served.logged('deploy failed', { deploy });
    assert.match(String(error), /s3:\/\/landfall/);
    assert.notEqual(next, undefined);
  }
});

test('what serve on a bucket holds its sources to, and whom a person asks, is as on a folder', async (t) => {
  const { machine, on, site, push, serve, status } = await openBucketMachine(t);
  push({ 'index.html': 'one' });
  const before = await serve();
  await until('the site', () => site()['index.html'] === 'one' || undefined);
  push({ 'index.html': 'two' });
  assert.equal((await on('reconcile', ID, '--wait')).code, 0);
  await before.end('SIGTERM');
  const policies = join(machine.folder, 'policies.yaml');
  const verify = { provider: 'cosign', keys: [{ pem: PUBLIC_KEY }], transparencyLog: false };
  await writeFile(policies, JSON.stringify({ policies: [{ name: 'all', verify }] }));
  await serve('state', ['--policies', policies, '--listen', '127.0.0.1:0']);
  const [first] = (await status()).history;
  assertRefused(await on('rollback', ID, '--to', first?.digest ?? '', '-f', machine.sources), {
    code: 'USAGE',
    exit: 2,
    says: /policies of the installation/,
    next: /--policies/,
  });
  // A queue is somebody else's: whoever names it asks that one, and not the serve here.
  assertRefused(await on('reconcile', ID, '--wait', '--queue', 'http://127.0.0.1:9/1/q.fifo'), {
    ...{ code: 'QUEUE_UNAVAILABLE', says: /queue/i, next: /./ },
  });
});

test('serve makes no store among the objects of somebody else', async (t) => {
  const { machine, bucket, plantObject, on } = await openBucketMachine(t);
  plantObject('team/a/report.csv');
  assertRefused(await on('serve', '-f', machine.sources), {
    code: 'USAGE',
    exit: 2,
    says: /s3:\/\/landfall\/team\/a is no store, and holds other objects: "report.csv"/,
    next: /a prefix of its own/,
  });
  assert.deepEqual(bucket.keys(''), ['team/a/report.csv']);
});
