import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_COMPILED, formatCompiled } from '../../../shared/aws/configuration/compiled.ts';
import { MiB } from '../../../shared/limits.ts';
import { CONFIGURATION_KEY, filesPrefix } from '../../../shared/store/layout.ts';
import { requireStatus } from '../../../shared/store/status-store.ts';
import { receiverPath } from '../../../shared/trigger/receivers/open-receiver.ts';
import { startLambda } from '../../support/lambda/lambda-process.ts';
import { sourceOf } from '../../support/stores/memory-sources.ts';
import { apply, bundlesOf, documentOf, ID, openHandlers } from '../support/handlers.ts';
import { SECRET, type UrlAnswer, webhook } from '../support/url-event.ts';

const bundles = await bundlesOf('receive', 'poll', 'reconcile', 'collect');

test('a document, a webhook and a tick of the schedule each end in an event', async (t) => {
  const machine = await openHandlers(t, bundles);
  const { aws, store, registry, push, deliver, queue, pass } = machine;
  const [receive, poll, reconcile] = await Promise.all([
    machine.start('receive'),
    machine.start('poll'),
    machine.start('reconcile'),
  ]);
  await push('team/site', 'stable', { 'index.html': 'one' });
  await apply(machine, documentOf(registry.host));
  await deliver(reconcile);
  assert.deepEqual(
    aws.events.map(({ bus, detailType, detail }) => [bus, detailType, detail['generation']]),
    [['landfall', 'Artifact Revision Changed', 1]],
  );
  const { current } = await requireStatus(store.objects, ID);
  assert.ok(current);
  const file = await store.objects.get(`${filesPrefix(current)}index.html`);
  assert.equal(Buffer.from(file?.bytes ?? []).toString(), 'one');

  await push('team/site', 'stable', { 'index.html': 'two' });
  for (const isBase64Encoded of [true, false]) {
    const answer = await receive.invoke<UrlAnswer>(
      webhook({ repository: 'team/site', tag: 'stable' }, { isBase64Encoded }),
    );
    assert.deepEqual([answer.statusCode, answer.body], [202, 'accepted\n']);
  }
  assert.equal(queue.messages.length, 2);
  await deliver(reconcile);
  assert.deepEqual(
    aws.events.map(({ detail }) => [detail['generation'], detail['trigger']]),
    [
      [1, 'schedule'],
      [2, 'webhook'],
    ],
  );

  await push('team/site', 'stable', { 'index.html': 'three' });
  for (const minute of [1, 2])
    await poll.invoke({ time: new Date(Date.UTC(2026, 10, 21, 9, minute)).toISOString() });
  assert.ok(
    queue.messages.every(({ body }) => !('sweep' in (JSON.parse(body) as object))) &&
      queue.messages.length > 0,
    'the look alone is queued',
  );
  await deliver(reconcile);
  pass(60_000);
  await deliver(reconcile);
  assert.deepEqual(
    aws.events.map(({ detail }) => detail['generation']),
    [1, 2, 3],
  );
  assert.equal(aws.events[0]?.detail['artifact'] !== undefined, true);
  const places = aws.events.map(({ detail }) => (detail['artifact'] as { readonly bucket: string }).bucket);
  assert.deepEqual(new Set(places), new Set(['landfall']));
  const logged = [...receive.lines, ...reconcile.lines].join('\n');
  assert.doesNotMatch(logged, new RegExp(SECRET));
  assert.match(logged, /"Landed":1/);
  assert.match(poll.lines.join('\n'), /"CloudWatchMetrics".*"SourcesFailing":0/);
});

test('each line that a function writes, its counts among them, names the invocation', async (t) => {
  const machine = await openHandlers(t, bundles);
  const { store, registry, push, deliver } = machine;
  const [poll, reconcile, collect] = await Promise.all([
    machine.start('poll'),
    machine.start('reconcile'),
    machine.start('collect'),
  ]);
  await push('team/site', 'stable', { 'index.html': 'one' });
  await apply(machine, documentOf(registry.host));
  await deliver(reconcile);
  for (const minute of [1, 2, 3])
    await poll.invoke({ time: new Date(Date.UTC(2026, 10, 21, 9, minute)).toISOString() });
  await collect.invoke({});
  const receive = await machine.start('receive');
  await receive.invoke(webhook({ repository: 'team/site', tag: 'stable' }));
  assert.ok(await requireStatus(store.objects, ID));
  const idsOf = ({ lines }: { readonly lines: readonly string[] }): readonly string[] =>
    lines.map((line) => (JSON.parse(line) as { readonly requestId: string }).requestId);
  for (const each of [reconcile, collect, receive]) {
    assert.ok(each.lines.length > 0);
    assert.ok(idsOf(each).every((id) => /^request-\d+$/.test(id)));
  }
  assert.deepEqual([...new Set(idsOf(poll))], ['request-1', 'request-2', 'request-3']);
});

test('webhooks that are not for us are told so, and name no reason', async (t) => {
  const machine = await openHandlers(t, bundles);
  const receive = await machine.start('receive');
  const push = { repository: 'team/site', tag: 'stable' };
  const unready = await receive.invoke<UrlAnswer>(webhook(push));
  assert.equal(unready.statusCode, 503, 'before the documents have been read');
  const reconcile = await machine.start('reconcile');
  await apply(machine, documentOf(machine.registry.host));
  await machine.deliver(reconcile);
  const fresh = await machine.start('receive');
  const big = { ...webhook(push), headers: { ...webhook(push).headers, 'content-length': String(2 * MiB) } };
  for (const [event, status] of [
    [webhook(push), 202],
    [webhook({ repository: 'team/other' }), 202],
    [webhook(push, { secret: 'wrong' }), 401],
    [webhook(push, { path: '/receivers/guess' }), 404],
    [{ ...webhook(push), requestContext: { http: { method: 'GET' } } }, 404],
    [big, 413],
    [{ ...webhook(push), body: undefined }, 401],
  ] as const) {
    assert.equal((await fresh.invoke<UrlAnswer>(event)).statusCode, status);
  }
  machine.aws.fault({
    operation: 'SendMessageBatch',
    times: 99,
    kind: 'error',
    status: 403,
    code: 'AccessDenied',
  });
  assert.equal((await fresh.invoke<UrlAnswer>(webhook(push))).statusCode, 503);
});

test('the handshakes of Event Grid are answered at the Function URL', async (t) => {
  const machine = await openHandlers(t, bundles);
  const reconcile = await machine.start('reconcile');
  await apply(machine, documentOf(machine.registry.host));
  await machine.deliver(reconcile);
  const receive = await machine.start('receive');
  const path = receiverPath({ name: 'grid', type: 'acr-event-grid' }, SECRET);
  const of = (method: string, headers: Readonly<Record<string, string>>, body: unknown) => ({
    ...webhook(body, { path }),
    headers,
    requestContext: { http: { method, path } },
  });
  const eventType = 'Microsoft.EventGrid.SubscriptionValidationEvent';
  const validation = [{ eventType, data: { validationCode: 'code-1' } }];
  assert.deepEqual(
    await receive.invoke(of('POST', { 'aeg-event-type': 'SubscriptionValidation' }, validation)),
    {
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"validationResponse":"code-1"}',
    },
  );
  const options = of('OPTIONS', { 'webhook-request-origin': 'eventgrid.azure.net' }, '');
  const allowed = await receive.invoke<UrlAnswer>(options);
  assert.equal(allowed.statusCode, 200);
  assert.equal(allowed.headers?.['webhook-allowed-origin'], 'eventgrid.azure.net');
  const push = [{ eventType: 'Microsoft.ContainerRegistry.ImagePushed', data: {} }];
  assert.equal((await receive.invoke<UrlAnswer>(of('POST', {}, push))).statusCode, 401);
});

test('a poison message is a dead letter after as many tries as are set, and its neighbours finish', async (t) => {
  const machine = await openHandlers(t, bundles);
  const { queue, deliver, pass } = machine;
  const reconcile = await machine.start('reconcile');
  await machine.push('team/site', 'stable', { 'index.html': 'one' });
  queue.send({ body: 'poison', groupId: 'web/evil', deduplicationId: 'poison' });
  await apply(machine, documentOf(machine.registry.host));
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await deliver(reconcile);
    assert.deepEqual(queue.dead, [], `try ${attempt}`);
    pass(120_000);
  }
  await deliver(reconcile);
  assert.deepEqual(
    queue.dead.map(({ body }) => body),
    ['poison'],
  );
  assert.equal(queue.messages.length, 0);
  assert.equal((await requireStatus(machine.store.objects, ID)).generation, 1);
  assert.equal(reconcile.lines.filter((line) => line.includes('message goes back')).length, 3);
});

test('a bus that refuses, and a process that ends, lose nothing', async (t) => {
  const machine = await openHandlers(t, bundles);
  const { aws, queue, deliver, pass, registry, store } = machine;
  const reconcile = await machine.start('reconcile');
  await machine.push('team/site', 'stable', { 'index.html': 'one' });
  aws.fault({ operation: 'PutEvents', times: 4, kind: 'partial', at: [0], code: 'InternalFailure' });
  await apply(machine, documentOf(registry.host));
  await deliver(reconcile);
  const refused = await requireStatus(store.objects, ID);
  assert.deepEqual([refused.generation, refused.outbox.length, aws.events.length], [1, 1, 0]);
  await reconcile.kill();
  const next = await machine.start('reconcile');
  pass(60_000);
  await deliver(next);
  assert.deepEqual(
    [(await requireStatus(store.objects, ID)).outbox.length, aws.events.length, queue.messages.length],
    [0, 1, 0],
  );
});

test('a poll of 10,000 sources asks about 2,000 by itself, queues sweeps of the rest, in 256 MB', async (t) => {
  const machine = await openHandlers(t, bundles);
  const sources = Array.from({ length: 10_000 }, (_, at) =>
    sourceOf({ namespace: `team-${at % 100}`, name: `source-${at}`, intervalMs: 60_000 }),
  );
  await machine.store.objects.putIfAbsent(
    CONFIGURATION_KEY,
    formatCompiled({
      ...EMPTY_COMPILED,
      files: { 'a.yaml': { sources, credentials: [], receivers: [], deploys: [], notify: [] } },
    }),
  );
  const poll = await startLambda(t, bundles.poll, machine.env, { memoryMb: 256 });
  await poll.invoke({ time: '2026-11-21T09:01:00Z' });
  const bodies = machine.queue.messages.map(({ body }) => JSON.parse(body) as { readonly sweep?: string[] });
  const swept = bodies.flatMap(({ sweep = [] }) => sweep);
  // None of them has landed: a reconcile at each is queued.
  const looks = bodies.filter(({ sweep }) => sweep === undefined);
  assert.ok(swept.length > 7_000 && looks.length >= 2_000, `${swept.length} swept, ${looks.length} looks`);
  assert.ok(poll.peakBytes <= 256 * MiB, `${Math.round(poll.peakBytes / MiB)} MiB`);
});

test('collect runs, and says what it did', async (t) => {
  const machine = await openHandlers(t, bundles);
  const collect = await machine.start('collect');
  await collect.invoke({});
  assert.match(collect.lines.join('\n'), /"message":"collected"/);
});

test('a function that is not told where it is says which variable is missing', async (t) => {
  const machine = await openHandlers(t, bundles);
  const { LANDFALL_QUEUE_URL: _, ...env } = machine.env;
  const poll = await startLambda(t, bundles.poll, env);
  await assert.rejects(poll.invoke({ time: '2026-11-21T09:01:00Z' }), /LANDFALL_QUEUE_URL is not set/);
});
