import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  BATCH_BYTES,
  BATCH_ENTRIES,
  ENTRY_ATTEMPTS,
  eventBridgeBus,
} from '../../shared/aws/messages/eventbridge-bus.ts';
import { ATTEMPTS } from '../../shared/aws/request/retry.ts';
import { isLandfallError, LandfallError } from '../../shared/errors.ts';
import { composeEvent } from '../../shared/event/compose.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { CREDENTIALS, REGION, SleepingClock, sdkFor } from '../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../support/aws-server/aws-server.ts';

const origin = { time: '2026-11-21T09:00:00.250Z', account: '123456789012', region: REGION };

const event = (at: number, message = 'no'): EventEnvelope =>
  composeEvent(
    'Source Reconcile Failed',
    {
      ...{
        version: '1',
        id: `web.site.${at}`,
        namespace: 'web',
        name: 'site',
        url: 'oci://r.example/site',
        labels: {},
      },
      ...{ generation: at, revision: null, code: 'FORBIDDEN', message, hint: null, kind: 'permanent' },
      ...{ since: origin.time, attempts: 1, trigger: 'schedule' },
    },
    ['arn:aws:s3:::store'],
    origin,
  );

const events = (count: number): readonly EventEnvelope[] =>
  Array.from({ length: count }, (_, at) => event(at));

async function open(t: TestContext) {
  const clock = new SleepingClock();
  const server = await awsServerFor(t, () => clock.now());
  const bus = eventBridgeBus({
    bus: 'landfall',
    sdk: sdkFor(server.url, clock),
    clock,
    random: () => 0,
  });
  return { server, clock, bus, ids: () => server.events.map(({ detail }) => detail['id']) };
}

const failure = (code: string) => (error: unknown) =>
  isLandfallError(error) && error.code === 'EMIT_FAILED' && error.message.includes(code);

test('puts an event as it is, under its own source, type and time', async (t) => {
  const { server, bus } = await open(t);
  await bus.emit([event(1)]);
  const [put] = server.events;
  assert.deepEqual(put, {
    ...{
      bus: 'landfall',
      source: 'landfall',
      detailType: 'Source Reconcile Failed',
      resources: ['arn:aws:s3:::store'],
    },
    ...{ detail: event(1).detail, time: Date.parse(origin.time), accessKeyId: CREDENTIALS.accessKeyId },
  });
  assert.deepEqual(
    server.calls.map(({ service, region }) => [service, region]),
    [['events', REGION]],
  );
});

test('sends ten at a time, in order, and none for none', async (t) => {
  const { server, bus, ids } = await open(t);
  await bus.emit([]);
  assert.equal(server.calls.length, 0);
  await bus.emit(events(BATCH_ENTRIES + 1));
  assert.equal(server.count('PutEvents'), 2);
  assert.deepEqual(
    ids(),
    events(BATCH_ENTRIES + 1).map(({ id }) => id),
  );
});

test('keeps a call within its bytes', async (t) => {
  const { server, bus, ids } = await open(t);
  const large = [1, 2, 3].map((at) => event(at, 'x'.repeat(BATCH_BYTES * 0.45)));
  await bus.emit(large);
  assert.equal(server.count('PutEvents'), 2);
  assert.deepEqual(
    ids(),
    large.map(({ id }) => id),
  );
});

test('sends again exactly the entries that a 200 refused', async (t) => {
  const { server, bus, ids } = await open(t);
  server.fault({
    operation: 'PutEvents',
    times: 1,
    kind: 'partial',
    at: [1, 3],
    code: 'ThrottlingException',
  });
  await bus.emit(events(5));
  assert.deepEqual(
    server.calls.map(({ input }) => (input['Entries'] as unknown[]).length),
    [5, 2],
  );
  assert.deepEqual(
    ids().toSorted(),
    events(5).map(({ id }) => id),
  );
});

test('sends an only entry again, too', async (t) => {
  const { server, bus, ids } = await open(t);
  server.fault({
    operation: 'PutEvents',
    times: ENTRY_ATTEMPTS - 1,
    kind: 'partial',
    at: [0],
    code: 'InternalFailure',
  });
  await bus.emit(events(1));
  assert.deepEqual(ids(), ['web.site.0']);
});

test('fails where entries stay refused, though the answer is a 200', async (t) => {
  const { server, bus, ids } = await open(t);
  server.fault({ operation: 'PutEvents', times: 99, kind: 'partial', at: [0], code: 'InternalFailure' });
  await assert.rejects(bus.emit(events(3)), failure('InternalFailure'));
  assert.equal(server.count('PutEvents'), ENTRY_ATTEMPTS);
  assert.deepEqual(ids(), ['web.site.1', 'web.site.2']);
});

test('does not send again what is refused for what it is', async (t) => {
  const { server, bus } = await open(t);
  server.fault({
    operation: 'PutEvents',
    times: 99,
    kind: 'partial',
    at: [0],
    code: 'NotAuthorizedForSourceException',
  });
  await assert.rejects(bus.emit(events(1)), failure('NotAuthorizedForSourceException'));
  assert.equal(server.count('PutEvents'), 1);
});

test('sends the other batches where one fails', async (t) => {
  const { server, bus, ids } = await open(t);
  server.fault({
    operation: 'PutEvents',
    times: 1,
    kind: 'error',
    status: 403,
    code: 'AccessDeniedException',
    message: 'not authorized to perform: events:PutEvents',
  });
  await assert.rejects(bus.emit(events(12)), failure('events:PutEvents'));
  assert.deepEqual(ids(), ['web.site.10', 'web.site.11']);
});

for (const [what, fault] of [
  ['throttling', { kind: 'error', status: 400, code: 'ThrottlingException' }],
  ['a 500', { kind: 'error', status: 500, code: 'InternalFailure' }],
  ['a connection that is cut', { kind: 'cut', effect: false }],
  ['an answer that is no JSON', { kind: 'error', status: 503, code: '<html>' }],
] as const) {
  test(`outlives ${what}, and fails where it stays`, async (t) => {
    const { server, bus, ids } = await open(t);
    server.fault({ operation: 'PutEvents', times: ATTEMPTS - 1, ...fault });
    await bus.emit(events(1));
    assert.deepEqual(ids(), ['web.site.0']);
    server.fault({ operation: 'PutEvents', times: 99, ...fault });
    await assert.rejects(bus.emit(events(1)), failure('landfall'));
    assert.equal(server.count('PutEvents'), 2 * ATTEMPTS);
  });
}

test('an answer that was lost repeats the event under the same id', async (t) => {
  const { server, bus, ids } = await open(t);
  server.fault({ operation: 'PutEvents', times: 1, kind: 'cut', effect: true });
  await bus.emit(events(1));
  assert.deepEqual(ids(), ['web.site.0', 'web.site.0']);
});

test('a service that never answers is given up on', async (t) => {
  const { server, clock } = await open(t);
  const bus = eventBridgeBus({ bus: 'landfall', sdk: sdkFor(server.url, clock, 30), clock });
  server.fault({ operation: 'PutEvents', times: 99, kind: 'stall' });
  await assert.rejects(bus.emit(events(1)), failure('timeout'));
});

test('an emit ends with its signal, while the service does not answer', async (t) => {
  const { server, bus } = await open(t);
  server.fault({ operation: 'PutEvents', times: 99, kind: 'stall' });
  const reason = new LandfallError('CANCELLED', 'the invocation is over');
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 50);
  await assert.rejects(
    bus.emit(events(1), { signal: controller.signal }),
    (error: unknown) => error === reason,
  );
});

for (const text of ['', '{"Entries":[]}', '{"Entries":[null]}', '{"Entries":"no"}', 'null', '[]']) {
  test(`an answer of ${JSON.stringify(text)} is not taken for done`, async (t) => {
    const { server, bus } = await open(t);
    server.fault({ operation: 'PutEvents', times: 99, kind: 'body', text });
    await assert.rejects(bus.emit(events(1)), failure('landfall'));
  });
}

test('the stand-in is one that the SDK understands', async (t) => {
  const { server, ids } = await open(t);
  const sdk = new EventBridgeClient({
    endpoint: server.url,
    region: REGION,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  t.after(() => sdk.destroy());
  server.fault({ operation: 'PutEvents', times: 1, kind: 'partial', at: [1], code: 'InternalFailure' });
  const entry = { Source: 'landfall', DetailType: 'x', Detail: '{"id":"a"}', EventBusName: 'landfall' };
  const put = await sdk.send(new PutEventsCommand({ Entries: [entry, entry] }));
  assert.deepEqual(
    [put.FailedEntryCount, put.Entries?.map(({ ErrorCode }) => ErrorCode)],
    [1, [undefined, 'InternalFailure']],
  );
  assert.deepEqual(ids(), ['a']);
  server.fault({ operation: 'PutEvents', times: 1, kind: 'error', status: 400, code: 'ThrottlingException' });
  await assert.rejects(sdk.send(new PutEventsCommand({ Entries: [entry] })), { name: 'ThrottlingException' });
});
