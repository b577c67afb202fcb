import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMessage } from '../../../shared/aws/messages/sqs-queue.ts';
import { requireStatus } from '../../../shared/store/status-store.ts';
import { apply, bundlesOf, documentOf, ID, openHandlers } from '../support/handlers.ts';

const bundles = await bundlesOf('reconcile');

for (const trouble of ['stall', { status: 503, code: 'ServiceUnavailable' }] as const)
  test(`a cold start whose store answers with ${JSON.stringify(trouble)} gives its batch back, to come again soon`, async (t) => {
    const machine = await openHandlers(t, bundles);
    const { queue, deliver, pass, s3 } = machine;
    const reconcile = await machine.start('reconcile');
    await machine.push('team/site', 'stable', { 'index.html': 'one' });
    await apply(machine, documentOf(machine.registry.host));
    s3.faults.add({ operation: 'GetObject', key: /landfall\.json$/, when: 'before', trouble, times: 1_000 });
    await deliver(reconcile, { batches: 1, remainingMs: 8_000 });
    assert.equal(queue.messages.length, 1);
    assert.deepEqual(queue.receive(), [], 'not at once');
    assert.ok(reconcile.lines.some((line) => line.includes('reconcile cannot start')));
    assert.ok(reconcile.lines.some((line) => line.includes('"StartFailed":1')));
    s3.faults.clear();
    const restarted = performance.now();
    // Of its first wait, not of the half hour that the queue hides what is in flight.
    pass(1_000);
    await deliver(reconcile);
    assert.equal((await requireStatus(machine.store.objects, ID)).generation, 1);
    // Of what the first one waited for nothing is left: that alone would take half a minute to be given up.
    assert.ok(performance.now() - restarted < 20_000);
  });

test('a reconcile that an invocation is too short for is a failure in its status, and the last good artifact stays', async (t) => {
  const machine = await openHandlers(t, bundles);
  const { queue, deliver, pass, registry, store } = machine;
  const reconcile = await machine.start('reconcile');
  await machine.push('team/site', 'stable', { 'index.html': 'one' });
  await apply(machine, documentOf(registry.host).replace('interval: 1m', 'interval: 1m, timeout: 10m'));
  await deliver(reconcile);
  await machine.push('team/site', 'stable', { 'index.html': 'two' });
  registry.faults.add({ path: /blobs/ }, { kind: 'stall', at: 'start' });
  const body = formatMessage({ kind: 'reconcile', message: { ...ID, trigger: 'request' } });
  queue.send({ body, groupId: 'web/site', deduplicationId: 'one' });
  await deliver(reconcile, { batches: 1, remainingMs: 3_000 });
  const failed = await requireStatus(store.objects, ID);
  assert.partialDeepStrictEqual(failed, {
    generation: 1,
    failure: { code: 'REGISTRY_TIMEOUT', kind: 'transient', attempts: 1 },
  });
  assert.match(failed.failure?.hint ?? '', /reconcile\.timeout/);
  assert.ok(failed.current);
  assert.notEqual(await store.artifacts.record(failed.current), undefined);
  assert.equal(queue.messages.length, 1, 'and is tried again');
  registry.faults.clear();
  pass(60_000);
  await deliver(reconcile);
  assert.partialDeepStrictEqual(await requireStatus(store.objects, ID), { generation: 2, failure: null });
});

test('an invocation that is nearly over gives its triggers back', async (t) => {
  const machine = await openHandlers(t, bundles);
  const { queue, deliver, pass } = machine;
  const reconcile = await machine.start('reconcile');
  await machine.push('team/site', 'stable', { 'index.html': 'one' });
  await apply(machine, documentOf(machine.registry.host));
  await deliver(reconcile, { batches: 1 });
  await deliver(reconcile, { batches: 1, remainingMs: 0 });
  assert.equal(queue.messages.length, 1);
  pass(60_000);
  await deliver(reconcile);
  assert.equal((await requireStatus(machine.store.objects, ID)).generation, 1);
});

/** While S3 does not answer for one kind of request: where a reconcile then is, is where it has to end. */
const STALLS = [
  ['status.json cannot be read', { operation: 'GetObject', key: /status\.json$/ }],
  ['the configuration cannot be read', { operation: 'GetObject', key: /configuration\.json$/ }],
  ['nothing can be put', { operation: 'PutObject' }],
] as const;

for (const [what, stalled] of STALLS)
  test(`an invocation ends in time where ${what}: it counts, and its messages come back soon`, async (t) => {
    const machine = await openHandlers(t, bundles);
    const { queue, deliver, pass, s3, store } = machine;
    const reconcile = await machine.start('reconcile');
    await machine.push('team/site', 'stable', { 'index.html': 'one' });
    await apply(machine, documentOf(machine.registry.host));
    await deliver(reconcile);
    await machine.push('team/site', 'stable', { 'index.html': 'two' });
    s3.faults.add({ ...stalled, when: 'before', trouble: 'stall', times: 1_000 });
    const body = formatMessage({ kind: 'reconcile', message: { ...ID, trigger: 'schedule' } });
    queue.send({ body, groupId: 'web/site', deduplicationId: 'one' });
    const logged = reconcile.lines.length;
    const began = performance.now();
    await deliver(reconcile, { batches: 1, remainingMs: 8_000 });
    assert.ok(performance.now() - began < 8_000, 'Lambda would have killed it');
    assert.ok(
      reconcile.lines.slice(logged).some((line) => line.includes('"_aws"')),
      'metrics are flushed',
    );
    assert.equal(queue.messages.length, 1);
    assert.deepEqual(queue.receive(), [], 'not at once');
    s3.faults.clear();
    // Of its first wait, not of the half hour that the queue hides what is in flight.
    pass(2_000);
    await deliver(reconcile);
    assert.equal((await requireStatus(store.objects, ID)).generation, 2);
  });
