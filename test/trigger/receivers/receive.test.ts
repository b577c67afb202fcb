import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Received, receive, receiverTable, refuseHead } from '../../../functions/receive.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { WEBHOOK_BODY_BYTES } from '../../../shared/limits.ts';
import { CoalescingQueue } from '../../../shared/trigger/coalescing-queue.ts';
import { openReceiver, receiverPath } from '../../../shared/trigger/receivers/open-receiver.ts';
import type { WebhookWithBody } from '../../../shared/trigger/webhook.ts';
import { answerTo, distribution, entries, generic, push, receivers, sources } from '../requests.ts';
import { noKeys, pushEvent, SECRET, stoppedClock } from './samples.ts';

test('an authentic push is accepted, and its sources are enqueued', async () => {
  for (const request of [distribution(push), generic({ repository: 'team/app', tag: '1.0.0' })]) {
    const { status, messages, told } = await answerTo(request);
    assert.equal(status, 202);
    assert.deepEqual(messages, [{ namespace: 'web', name: 'app', trigger: 'webhook' }]);
    assert.deepEqual(
      told.map(({ status: one, sources: ids }) => [one, ids.length]),
      [[202, 1]],
    );
  }
});

const routes: readonly { name: string; over: Partial<WebhookWithBody>; status: number }[] = [
  { name: 'a path nobody answers', over: { path: '/receivers/0' }, status: 404 },
  { name: 'the root', over: { path: '/' }, status: 404 },
  {
    name: 'more after the path',
    over: { path: `${receiverPath(entries.distribution, SECRET)}/x` },
    status: 404,
  },
  {
    name: 'an upper-case path',
    over: { path: receiverPath(entries.distribution, SECRET).toUpperCase() },
    status: 404,
  },
  { name: 'a query', over: { path: `${receiverPath(entries.distribution, SECRET)}?x=1` }, status: 202 },
  { name: 'GET', over: { method: 'GET' }, status: 404 },
  { name: 'OPTIONS', over: { method: 'OPTIONS' }, status: 404 },
  { name: 'a body of the limit', over: { body: Buffer.alloc(WEBHOOK_BODY_BYTES, ' ') }, status: 202 },
  { name: 'a body one byte over', over: { body: Buffer.alloc(WEBHOOK_BODY_BYTES + 1, ' ') }, status: 413 },
];
for (const { name, over, status } of routes) {
  test(`${name}: ${status}`, async () =>
    assert.equal((await answerTo({ ...distribution(push), ...over })).status, status));
}

test('an unknown repository, a known one and a malformed body get the very same answer, and no answer echoes anything', async () => {
  const canary = 'canary-7f3a';
  const [known, unknown, broken] = await Promise.all(
    [push, { events: [pushEvent({ repository: canary })] }, canary].map(
      async (body) => (await answerTo(distribution(body))).answer,
    ),
  );
  assert.deepEqual(unknown, known);
  assert.deepEqual(broken, known);
  const denied = await answerTo(distribution(canary, { authorization: canary }));
  assert.doesNotMatch(JSON.stringify([broken, unknown, denied.answer, denied.told]), new RegExp(canary));
});

for (const { name, closed, status } of [
  {
    name: 'a receiver that opens by itself',
    closed: ['CREDENTIAL_UNREADABLE', 'REGISTRY_UNAVAILABLE'],
    status: 503,
  },
  {
    name: 'receivers that somebody has to open',
    closed: ['CREDENTIAL_UNREADABLE', 'CONFIG_INVALID'],
    status: 404,
  },
] as const) {
  test(`a path that is not known beside ${name}: ${status}, from the head alone`, async () => {
    const known = receiverTable({
      receivers: [openReceiver(entries.generic, { secret: SECRET, clock: stoppedClock, keys: noKeys })],
      closed: closed.map((code) => ({ name: code, error: new LandfallError(code, 'it cannot be read') })),
    });
    const refused = refuseHead(distribution(push), { receivers: known });
    assert.equal(refused?.status, status);
    assert.equal(refused?.headers?.['retry-after'], status === 503 ? '5' : undefined);
    const queue = { enqueue: () => Promise.resolve() };
    assert.deepEqual(await receive(distribution(push), { receivers: known, sources, queue }), refused);
    const other = await receive(generic(push), { receivers: known, sources, queue });
    assert.equal(other.status, 202);
    assert.equal(refuseHead({ ...generic(push), method: 'GET' }, { receivers: known })?.status, 404);
  });
}

test('a queue that takes nothing is a 503, so that the sender tries again', async () => {
  const told: Received[] = [];
  const queue = { enqueue: () => Promise.reject(new LandfallError('QUEUE_UNAVAILABLE', 'full')) };
  const answer = await receive(distribution(push), {
    receivers,
    sources,
    queue,
    onReceived: (one) => told.push(one),
  });
  assert.equal(answer.status, 503);
  assert.equal(told[0]?.code, 'QUEUE_UNAVAILABLE');
});

test('the same delivery ten times over is one reconcile in flight and one pending', async () => {
  let looks = 0;
  const gate = Promise.withResolvers<void>();
  const queue = new CoalescingQueue(async () => {
    looks += 1;
    await gate.promise;
    return { verdict: 'done' };
  });
  for (let count = 0; count < 10; count += 1) {
    assert.equal((await receive(distribution(push), { receivers, sources, queue })).status, 202);
  }
  gate.resolve();
  await queue.drain();
  assert.equal(looks, 2);
});
