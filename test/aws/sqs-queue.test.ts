import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { receivedMessages } from '../../shared/aws/messages/received-messages.ts';
import { BATCH_MESSAGES, readMessage, SWEEP_SOURCES, sqsQueue } from '../../shared/aws/messages/sqs-queue.ts';
import { ATTEMPTS } from '../../shared/aws/request/retry.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { TriggerMessage } from '../../shared/trigger/queue.ts';
import {
  ACCOUNT,
  awsClientFor,
  CREDENTIALS,
  REGION,
  SleepingClock,
  sdkFor,
} from '../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../support/aws-server/aws-server.ts';

const look = (name: string, trigger: TriggerMessage['trigger'] = 'webhook'): TriggerMessage => ({
  namespace: 'web',
  name,
  trigger,
});
const looks = (count: number): readonly TriggerMessage[] =>
  Array.from({ length: count }, (_, at) => look(`s${at}`));

async function open(t: TestContext) {
  const clock = new SleepingClock();
  const server = await awsServerFor(t, () => clock.now());
  const queueUrl = `${server.url}/${ACCOUNT}/landfall.fifo`;
  const queue = {
    ...sqsQueue({ queueUrl, client: awsClientFor(server.url, clock, 500), clock, random: () => 0 }),
    ...receivedMessages(queueUrl, sdkFor(server.url, clock)),
  };
  const fifo = server.queue('landfall.fifo');
  const read = () =>
    fifo.messages.map(({ body }) => readMessage(JSON.parse(body) as Record<string, unknown>));
  return { server, clock, queue, queueUrl, fifo, read };
}

test('sends a reconcile of each source once, in the group of its source', async (t) => {
  const { queue, fifo, read } = await open(t);
  await queue.enqueue([look('site'), look('app'), look('site')]);
  assert.deepEqual(read(), [
    { kind: 'reconcile', message: look('site') },
    { kind: 'reconcile', message: look('app') },
  ]);
  assert.deepEqual(
    fifo.messages.map(({ groupId }) => groupId),
    ['web/site', 'web/app'],
  );
});

test('a source has one reconcile in flight, and another waits for it', async (t) => {
  const { queue, fifo } = await open(t);
  await queue.enqueue([look('site')]);
  await queue.enqueue([look('site')]);
  const [first] = fifo.receive(1);
  assert.equal(fifo.receive(1).length, 0);
  fifo.delete(first?.receiptHandle ?? '');
  assert.equal(fifo.receive().length, 1);
});

test('a push that comes after a reconcile began is never swallowed, however soon it comes', async (t) => {
  const { queue, fifo } = await open(t);
  for (let push = 0; push < 20; push += 1) {
    // The clock stands still: every id that time is in would be the same.
    await queue.enqueue([look('site')]);
    const [received] = fifo.receive();
    assert.ok(received, `push ${push} was swallowed`);
    await queue.enqueue([look('site')]);
    fifo.delete(received.receiptHandle);
    const [second] = fifo.receive();
    assert.ok(second, `the push during look ${push} was swallowed`);
    fifo.delete(second.receiptHandle);
  }
});

test('a lost answer does not send a trigger twice', async (t) => {
  const { server, queue, fifo } = await open(t);
  server.fault({ operation: 'SendMessageBatch', times: 1, kind: 'cut', effect: true });
  await queue.enqueue([look('site')]);
  assert.equal(server.count('SendMessageBatch'), 2);
  assert.equal(fifo.messages.length, 1);
});

test('a send ends with its signal, while the service does not answer', async (t) => {
  const { server, queue } = await open(t);
  server.fault({ operation: 'SendMessageBatch', times: 99, kind: 'stall' });
  const reason = new LandfallError('CANCELLED', 'the invocation is over');
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 50);
  await assert.rejects(
    queue.enqueue(looks(3), { signal: controller.signal }),
    (error: unknown) => error === reason,
  );
});

test('sends ten a call', async (t) => {
  const { server, queue, fifo } = await open(t);
  await queue.enqueue(looks(BATCH_MESSAGES * 3 + 1));
  assert.equal(server.count('SendMessageBatch'), 4);
  assert.equal(fifo.messages.length, 31);
});

test('sends again the messages that were refused one by one', async (t) => {
  const { server, queue, fifo } = await open(t);
  server.fault({
    operation: 'SendMessageBatch',
    times: 2,
    kind: 'partial',
    at: [0, 2],
    code: 'InternalError',
  });
  await queue.enqueue(looks(5));
  assert.deepEqual(
    fifo.messages.map(({ groupId }) => groupId).toSorted(),
    looks(5).map(({ name }) => `web/${name}`),
  );
});

test('says so where messages stay refused', async (t) => {
  const { server, queue } = await open(t);
  server.fault({ operation: 'SendMessageBatch', times: 99, kind: 'partial', at: [0], code: 'InternalError' });
  await assert.rejects(queue.enqueue(looks(2)), { code: 'QUEUE_UNAVAILABLE', message: /1 of 2 messages/ });
});

for (const [what, fault] of [
  ['throttling', { kind: 'error', status: 400, code: 'RequestThrottled' }],
  ['a 503', { kind: 'error', status: 503, code: 'ServiceUnavailable' }],
  ['a cut connection', { kind: 'cut', effect: false }],
] as const) {
  test(`outlives ${what}, and says so where it stays`, async (t) => {
    const { server, queue, fifo } = await open(t);
    server.fault({ operation: 'SendMessageBatch', times: ATTEMPTS - 1, ...fault });
    await queue.enqueue([look('site')]);
    assert.equal(fifo.messages.length, 1);
    server.fault({ operation: 'SendMessageBatch', times: 99, ...fault });
    await assert.rejects(queue.enqueue([look('site')]), { code: 'QUEUE_UNAVAILABLE' });
  });
}

test('a queue that denies is asked once, and the message names the permission', async (t) => {
  const { server, queue } = await open(t);
  server.fault({
    operation: 'SendMessageBatch',
    times: 9,
    kind: 'error',
    status: 403,
    code: 'AccessDeniedException',
    message: 'not authorized to perform: sqs:sendmessage',
  });
  await assert.rejects(queue.enqueue([look('site')]), {
    code: 'QUEUE_UNAVAILABLE',
    message: /sqs:sendmessage/,
  });
  assert.equal(server.calls.length, 1);
});

test('groups what is due into sweeps of sources that lie together in the store', async (t) => {
  const { queue, fifo, read } = await open(t);
  const ids = Array.from({ length: SWEEP_SOURCES * 2 + 1 }, (_, at) => ({
    namespace: 'web',
    name: `s${String(at).padStart(3, '0')}`,
  }));
  await queue.sweep(ids.toReversed(), 'tick');
  const sweeps = read().map((message) => (message.kind === 'sweep' ? message.sources : []));
  assert.deepEqual(
    sweeps.map(({ length }) => length),
    [SWEEP_SOURCES, SWEEP_SOURCES, 1],
  );
  assert.deepEqual(sweeps.flat(), ids);
  assert.equal(new Set(fifo.messages.map(({ groupId }) => groupId)).size, 3);
});

test('the same tick again sends nothing, the next tick does', async (t) => {
  const { queue, fifo } = await open(t);
  const sources = [{ namespace: 'web', name: 'site' }];
  await queue.sweep(sources, 'tick 1');
  await queue.sweep(sources, 'tick 1');
  assert.equal(fifo.messages.length, 1);
  await queue.sweep(sources, 'tick 2');
  assert.equal(fifo.messages.length, 2);
});

test('has a message come back when it is told to', async (t) => {
  const { queue, fifo, clock } = await open(t);
  await queue.documents();
  const [received] = fifo.receive();
  await queue.returnAfter(received?.receiptHandle ?? '', 1500);
  clock.advance(1999);
  assert.equal(fifo.receive().length, 0);
  clock.advance(1);
  assert.equal(fifo.receive()[0]?.receives, 2);
  await assert.rejects(queue.returnAfter('nobody', 0), { code: 'QUEUE_UNAVAILABLE' });
});

test('a source of the longest name fits a group', async (t) => {
  const { queue, fifo } = await open(t);
  const name = 'a'.repeat(63);
  await queue.enqueue([{ namespace: name, name, trigger: 'request' }]);
  assert.ok((fifo.messages[0]?.groupId.length ?? 999) <= 128);
});

for (const body of [
  {},
  { version: 2, look: 'web/site', trigger: 'webhook' },
  { version: 1, look: 'web/../site', trigger: 'webhook' },
  { version: 1, look: 'web/site', trigger: 'magic' },
  { version: 1, sweep: ['web/site', 7] },
  { version: 1, sweep: 'web/site' },
]) {
  test(`refuses a message such as ${JSON.stringify(body)}`, () => {
    assert.throws(() => readMessage(body), { code: 'WEBHOOK_MALFORMED' });
  });
}

test('the stand-in is one that the SDK understands', async (t) => {
  const { server, queueUrl } = await open(t);
  const sdk = new SQSClient({ endpoint: server.url, region: REGION, credentials: CREDENTIALS });
  t.after(() => sdk.destroy());
  const entry = { Id: 'a', MessageBody: 'hello', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  const sent = await sdk.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [entry] }));
  assert.deepEqual(
    sent.Successful?.map(({ Id }) => Id),
    ['a'],
  );
  const { Messages } = await sdk.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
  assert.deepEqual(
    Messages?.map(({ Body }) => Body),
    ['hello'],
  );
});
