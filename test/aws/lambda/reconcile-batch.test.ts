import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workOf } from '../../../functions/queue-work.ts';
import { putDocument } from '../../../shared/aws/configuration/source-bucket.ts';
import { systemClock } from '../../../shared/clock.ts';
import { LandfallError } from '../../../shared/errors.ts';
import type { Log } from '../../../shared/log.ts';
import { silentStore } from '../../support/stores/silent-store.ts';
import { ACCOUNT, look, openBatch as open, record, sweepOf } from '../support/batch.ts';

const TWO = `
sources:
  - { namespace: web, name: site, url: oci://r.example/site, ref: { tag: site } }
  - { namespace: web, name: app, url: oci://r.example/app, ref: { tag: app } }
`;

test('lands what a trigger is about', async () => {
  const { run, push, statusOf, counts } = await open(TWO);
  push('site');
  assert.deepEqual(await run([look('site', 'schedule')]), []);
  assert.equal((await statusOf('site')).generation, 1);
  assert.deepEqual(Object.fromEntries(counts), { Looked: 1, Landed: 1 });
});

test('looks twice more after a webhook, which may come before the tag has moved', async () => {
  const { run, push, statusOf, counts } = await open(TWO);
  push('site');
  assert.deepEqual(await run([look('site', 'webhook')]), []);
  assert.equal((await statusOf('site')).generation, 1);
  assert.deepEqual(Object.fromEntries(counts), { Looked: 3, Landed: 1, Unchanged: 2 });
});

test('the reconciles after a webhook tell a failure that stays the same once as an error', async () => {
  const { run } = await open(TWO);
  const told: string[] = [];
  const log: Log = (level, message, fields) => void told.push(`${level} ${message} ${fields?.['code']}`);
  assert.deepEqual(await run([look('site', 'webhook')], undefined, { log }), []);
  assert.deepEqual(told, [
    'error reconcile failed TAG_NOT_FOUND',
    'debug reconcile failed TAG_NOT_FOUND',
    'debug reconcile failed TAG_NOT_FOUND',
  ]);
});

test('triggers of one source that come together are one reconcile, by the strongest', async () => {
  const { run, push, world } = await open(TWO);
  push('site');
  const records = [look('site', 'schedule'), look('site', 'request'), look('site', 'webhook')];
  const [work, ...others] = workOf(records);
  assert.deepEqual(
    [work?.kind === 'reconcile' && work.message.trigger, work?.records.length, others.length],
    ['request', 3, 0],
  );
  world.asked();
  assert.deepEqual(await run(records), []);
  assert.equal(world.asked().filter((call) => call.startsWith('manifest')).length, 1);
});

test('a webhook that comes together with a person’s request is looked at twice more all the same', async () => {
  const { run, push, counts } = await open(TWO);
  push('site');
  assert.deepEqual(await run([look('site', 'request'), look('site', 'webhook')]), []);
  assert.deepEqual(Object.fromEntries(counts), { Looked: 3, Landed: 1, Unchanged: 2 });
});

test('what fails for the moment goes back with all its triggers, later each time, and takes nothing else with it', async () => {
  const { run, push, world, statusOf, queue, counts } = await open(TWO);
  push('site');
  push('app');
  world.registry.failures.set('manifest app', new LandfallError('REGISTRY_UNAVAILABLE', 'down'));
  const records = [look('app', 'webhook', 1), look('site'), look('app', 'schedule', 4)];
  assert.deepEqual(await run(records), [records[0]?.messageId, records[2]?.messageId]);
  assert.equal((await statusOf('site')).generation, 1);
  assert.equal((await statusOf('app')).failure?.code, 'REGISTRY_UNAVAILABLE');
  const [first = 0, fourth = 0] = queue.returned.values();
  assert.ok(first < fourth && fourth <= 60_000, `${first} ${fourth}`);
  assert.equal(counts.get('SourceFailed'), 1);
});

test('what the registry asks to wait is waited', async () => {
  const { run, push, world, queue } = await open(TWO);
  push('site');
  world.registry.failures.set(
    'manifest site',
    new LandfallError('RATE_LIMITED', 'slow down', { retryAfterMs: 120_000 }),
  );
  await run([look('site')]);
  assert.deepEqual([...queue.returned.values()], [120_000]);
});

test('a failure for good is done, and told', async () => {
  const { run, counts, statusOf } = await open(TWO);
  assert.deepEqual(await run([look('site', 'schedule')]), []);
  assert.equal((await statusOf('site')).failure?.code, 'TAG_NOT_FOUND');
  assert.equal(counts.get('SourceStalled'), 1);
});

for (const body of [
  '',
  'no JSON',
  '[]',
  'null',
  '7',
  '{}',
  '{"version":1,"look":"../x","trigger":"webhook"}',
  '{"detail-type":"Anything","source":"evil"}',
]) {
  test(`a message of ${JSON.stringify(body)} goes back to end as a dead letter, and its neighbours finish`, async () => {
    const { run, push, statusOf } = await open(TWO);
    push('site');
    const poison = record(body);
    assert.deepEqual(await run([poison, look('site')]), [poison.messageId]);
    assert.equal((await statusOf('site')).generation, 1);
  });
}

test('a trigger for a source that is gone is done', async () => {
  const { run } = await open(TWO);
  assert.deepEqual(await run([look('nobody')]), []);
});

test('a store that cannot be read sends the trigger back', async () => {
  const { run } = await open(TWO);
  const trigger = look('site');
  const configuration = async () => Promise.reject(new LandfallError('STORE_UNAVAILABLE', 'down'));
  assert.deepEqual(await run([trigger], AbortSignal.timeout(1000), { configuration }), [trigger.messageId]);
});

/** A hundred times as fast. */
const waits = {
  now: () => systemClock.now() * 100,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 100, signal),
};

test('a store that does not answer holds a batch no longer than its signal, nor others of the host', async () => {
  const { world, queue, run, push, statusOf } = await open(TWO);
  push('site');
  const [waiting, other] = [look('site'), look('app')];
  const store = silentStore(world.store, /^get sources\/web\/site\//);
  push('app');
  const controller = new AbortController();
  setTimeout(() => controller.abort(new LandfallError('CANCELLED', 'over')), 300);
  assert.deepEqual(await run([waiting, other], controller.signal, { store, waits }), [waiting.messageId]);
  assert.ok(queue.returned.has(waiting.receiptHandle));
  assert.equal((await statusOf('app')).generation, 1);
});

test('an invocation that is nearly over sends back what it has not begun, and records no failure', async () => {
  const { run, push, world } = await open(TWO);
  push('site');
  const trigger = look('site');
  assert.deepEqual(await run([trigger], AbortSignal.abort(new LandfallError('CANCELLED', 'over'))), [
    trigger.messageId,
  ]);
  assert.deepEqual(await Array.fromAsync(world.store.objects.list('sources/')), []);
});

test('a sweep asks for looks at what changed, and lands nothing itself', async () => {
  const { run, push, queue, counts } = await open(TWO);
  push('site');
  push('app');
  await run([look('site', 'schedule'), look('app', 'schedule')]);
  push('app', 'two');
  assert.deepEqual(await run([sweepOf('site', 'app', 'nobody')]), []);
  assert.deepEqual(queue.messages, [{ namespace: 'web', name: 'app', trigger: 'schedule' }]);
  assert.equal(counts.get('Unchanged'), 1);
});

const documentsChanged = () =>
  record({
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: ACCOUNT,
    region: 'eu-west-1',
    detail: { bucket: { name: 'b' }, object: { key: 'config/documents/a.yaml' } },
  });

test('a changed document is in force for what comes with it, and its sources are looked at', async () => {
  const { run, push, world, queue, statusOf } = await open(TWO);
  push('site');
  push('new');
  const text = TWO.replace('tag: site', 'tag: new');
  await putDocument({ file: 'a.yaml', text }, world.store.objects);
  assert.deepEqual(await run([look('site'), documentsChanged(), documentsChanged()]), []);
  assert.deepEqual(
    queue.messages.map(({ name }) => name),
    ['site'],
  );
  assert.equal((await statusOf('site')).current?.tag, 'new');
});

test('a source whose document turned bad is stalled, told once, and lands again when it is corrected', async () => {
  const { run, push, world, statusOf, counts } = await open(TWO);
  push('site');
  push('app');
  await run([look('site'), look('app')]);
  await putDocument({ file: 'a.yaml', text: TWO.replace('tag: site', 'tagg: site') }, world.store.objects);
  push('site', 'two');
  push('app', 'two');
  await run([documentsChanged(), look('site'), look('app')]);
  const stalled = await statusOf('site');
  assert.equal(stalled.failure?.code, 'CONFIG_INVALID');
  assert.match(
    stalled.failure?.message ?? '',
    /^a\.yaml:3:\d+: sources\[0\]\.ref: unknown key "tagg"; did you mean "tag"\?$/,
  );
  assert.deepEqual([stalled.generation, (await statusOf('app')).generation], [1, 2]);
  assert.deepEqual([counts.get('DocumentsRefused'), counts.get('SourceStalled')], [1, 1]);
  await run([look('site')]);
  assert.deepEqual(await statusOf('site'), stalled, 'told once');
  await putDocument({ file: 'a.yaml', text: TWO }, world.store.objects);
  await run([documentsChanged(), look('site')]);
  assert.deepEqual([(await statusOf('site')).generation, (await statusOf('site')).failure], [2, null]);
  const types = world.events().map((event) => [event['detail-type'], event.detail['name']]);
  assert.deepEqual(
    types.filter(([type]) => type !== 'Artifact Revision Changed'),
    [
      ['Source Reconcile Failed', 'site'],
      ['Source Recovered', 'site'],
    ],
  );
});

test('a batch asks once which configuration is in force', async () => {
  const { run, counted } = await open(TWO);
  counted.reset();
  await run(Array.from({ length: 10 }, (_, at) => look(`nobody${at}`)));
  assert.deepEqual({ ...counted.requests }, { get: 1, put: 0, list: 0 });
});
