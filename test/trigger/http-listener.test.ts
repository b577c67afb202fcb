import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type ReceiveDeps, receive, receiverTable, refuseHead } from '../../functions/receive.ts';
import { isLandfallError } from '../../shared/errors.ts';
import { WEBHOOK_BODIES_PER_ADDRESS, WEBHOOK_BODY_BYTES } from '../../shared/limits.ts';
import {
  type HttpListener,
  type HttpListenerOptions,
  startHttpListener,
} from '../../shared/trigger/http-listener.ts';
import { sourceMatcher } from '../../shared/trigger/match-sources.ts';
import { openReceiver } from '../../shared/trigger/receivers/open-receiver.ts';
import {
  MemoryQueue,
  noKeys,
  pushEvent,
  REGISTRY,
  SECRET,
  stoppedClock,
  watched,
} from './receivers/samples.ts';

const receiver = openReceiver(
  { name: 'main', type: 'distribution', registry: REGISTRY },
  { secret: SECRET, clock: stoppedClock, keys: noKeys },
);
const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' };
const push = JSON.stringify({ events: [pushEvent()] });

async function start(
  t: TestContext,
  over: Partial<ReceiveDeps> = {},
  options: Partial<HttpListenerOptions> = {},
) {
  const queue = new MemoryQueue();
  const deps = {
    receivers: receiverTable({ receivers: [receiver], closed: [] }),
    sources: sourceMatcher([watched('app', `${REGISTRY}/team/app`, { semver: '*' })]),
    queue,
    ...over,
  };
  const listener = await startHttpListener(
    { host: '127.0.0.1', port: 0, closeGraceMs: 50, ...options },
    { refuseHead: (webhook) => refuseHead(webhook, deps), receive: (webhook) => receive(webhook, deps) },
  );
  t.after(() => listener.close());
  return { listener, queue, url: `${listener.url}${receiver.path}` };
}

/** The status line of what a raw connection gets, and then its end. */
async function rawStatus(listener: HttpListener, text: string): Promise<string> {
  const { port } = new URL(listener.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer.split('\r\n', 1)[0] ?? '';
}

test('a push over HTTP is enqueued', async (t) => {
  const { url, queue } = await start(t);
  const response = await fetch(url, { method: 'POST', headers, body: push });
  assert.equal(response.status, 202);
  assert.deepEqual(queue.names, ['app']);
});

const answers: readonly { name: string; path?: string; init?: RequestInit; status: number }[] = [
  { name: 'health', path: '/healthz', status: 200 },
  { name: 'health with a query', path: '/healthz?x', status: 200 },
  { name: 'HEAD of health', path: '/healthz', init: { method: 'HEAD' }, status: 200 },
  { name: 'POST to health', path: '/healthz', init: { method: 'POST', body: 'x' }, status: 405 },
  { name: 'an unknown path', path: '/x', init: { method: 'POST', body: 'x' }, status: 404 },
  { name: 'GET of a receiver', status: 404 },
  { name: 'no credentials', init: { method: 'POST', body: push }, status: 401 },
  { name: 'an authentic malformed body', init: { method: 'POST', headers, body: '{' }, status: 202 },
];
for (const { name, path, init, status } of answers) {
  test(`${name}: ${status}`, async (t) => {
    const { listener, url } = await start(t);
    const response = await fetch(path === undefined ? url : `${listener.url}${path}`, init ?? {});
    await response.text();
    assert.equal(response.status, status);
  });
}

const sizes: readonly { name: string; bytes: number; status: number }[] = [
  { name: 'of the limit', bytes: WEBHOOK_BODY_BYTES, status: 202 },
  { name: 'one byte over', bytes: WEBHOOK_BODY_BYTES + 1, status: 413 },
  { name: 'of many times the limit', bytes: 8 * WEBHOOK_BODY_BYTES, status: 413 },
];
for (const { name, bytes, status } of sizes) {
  for (const isChunked of [false, true]) {
    test(`a ${isChunked ? 'chunked ' : ''}body ${name}: ${status}`, async (t) => {
      const { url } = await start(t);
      const whole = Buffer.alloc(bytes, ' ');
      const pieces = async function* () {
        for (let at = 0; at < bytes; at += 65_536) yield whole.subarray(at, at + 65_536);
      };
      const body = isChunked ? ReadableStream.from(pieces()) : whole;
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        ...(isChunked && { duplex: 'half' }),
      } as RequestInit);
      await response.text();
      assert.equal(response.status, status);
    });
  }
}

test('a body over the limit is not held until somebody looks at it', async (t) => {
  let calls = 0;
  const listener = await startHttpListener(
    { host: '127.0.0.1', port: 0, closeGraceMs: 50 },
    {
      refuseHead: () => undefined,
      receive: async () => {
        calls += 1;
        return { status: 202 };
      },
    },
  );
  t.after(() => listener.close());
  const body = Buffer.alloc(WEBHOOK_BODY_BYTES + 1);
  assert.equal((await fetch(listener.url, { method: 'POST', body })).status, 413);
  assert.equal(calls, 0);
});

test('who asks first is told to go on, or is refused before it sends', async (t) => {
  const { url, listener } = await start(t);
  const ask = (target: string, length: number): Promise<{ continued: boolean; status: number }> =>
    new Promise((resolve, reject) => {
      let continued = false;
      const request = httpRequest(target, {
        method: 'POST',
        headers: { ...headers, expect: '100-continue', 'content-length': length },
      });
      request.on('error', reject);
      request.on('continue', () => {
        continued = true;
        request.end(Buffer.alloc(length, ' '));
      });
      request.on('response', (response) => {
        response.resume();
        resolve({ continued, status: response.statusCode ?? 0 });
        request.destroy();
      });
      request.flushHeaders();
    });
  assert.deepEqual(await ask(url, 10), { continued: true, status: 202 });
  assert.deepEqual(await ask(url, WEBHOOK_BODY_BYTES + 1), { continued: false, status: 413 });
  assert.deepEqual(await ask(`${listener.url}/x`, 10), { continued: false, status: 404 });
});

const head = `POST ${receiver.path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${SECRET}\r\ncontent-type: application/json\r\n`;

test('a body that does not come is cut off, and the listener goes on', async (t) => {
  const { listener, url } = await start(t, {}, { requestTimeoutMs: 50 });
  assert.match(await rawStatus(listener, `${head}content-length: 1000\r\n\r\n{`), /^HTTP\/1\.1 408/);
  assert.equal((await fetch(url, { method: 'POST', headers, body: push })).status, 202);
});

test('a head that does not end is cut off', async (t) => {
  const { listener } = await start(t, {}, { headersTimeoutMs: 50, requestTimeoutMs: 60 });
  assert.match(await rawStatus(listener, `${head}x: y`), /^HTTP\/1\.1 408/);
});

test('two authorizations are none, though one is right', async (t) => {
  const { listener } = await start(t);
  const text = `${head}authorization: Bearer x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}`;
  assert.match(await rawStatus(listener, text), /^HTTP\/1\.1 401/);
});

test('a sender that goes away in the middle of its body hurts nobody', async (t) => {
  const { listener, url, queue } = await start(t);
  const socket = connect(Number(new URL(listener.url).port), '127.0.0.1');
  socket.write(`${head}content-length: 1000\r\n\r\n{"events"`);
  await once(socket, 'connect');
  socket.destroy();
  assert.equal((await fetch(url, { method: 'POST', headers, body: push })).status, 202);
  assert.deepEqual(queue.names, ['app']);
});

test('more bodies at a time than an address may have are told to come back', async (t) => {
  const { listener, url } = await start(t);
  const sockets = Array.from({ length: WEBHOOK_BODIES_PER_ADDRESS }, () =>
    connect(Number(new URL(listener.url).port), '127.0.0.1'),
  );
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const post = async (): Promise<number> =>
    (await fetch(url, { method: 'POST', headers, body: push })).status;
  for (const socket of sockets.slice(1))
    socket.write(`${head}expect: 100-continue\r\ncontent-length: 1000\r\n\r\n`);
  await Promise.all(sockets.slice(1).map((socket) => once(socket, 'data')));
  assert.equal(await post(), 202, 'one place is left');
  sockets[0]?.write(`${head}expect: 100-continue\r\ncontent-length: 1000\r\n\r\n`);
  await once(sockets[0] as (typeof sockets)[number], 'data');
  assert.equal(await post(), 503);
  sockets[0]?.write(' '.repeat(1000));
  await once(sockets[0] as (typeof sockets)[number], 'data');
  for (let count = 0; count < 3; count += 1) assert.equal(await post(), 202, 'a place is free again');
  assert.equal((await fetch(`${listener.url}/healthz`)).status, 200);
});

test('an address that is taken is named', async (t) => {
  const { listener } = await start(t);
  const port = Number(new URL(listener.url).port);
  await assert.rejects(
    start(t, {}, { port }),
    (error) =>
      isLandfallError(error) && error.code === 'USAGE' && error.message.includes(`127.0.0.1:${port}`),
  );
});

test('a method that a receiver has comes through over HTTP, without a body', async (t) => {
  const grid = openReceiver(
    { name: 'grid', type: 'acr-event-grid', registry: REGISTRY },
    { secret: SECRET, clock: stoppedClock, keys: noKeys },
  );
  const { listener } = await start(t, { receivers: receiverTable({ receivers: [grid], closed: [] }) });
  const options = { method: 'OPTIONS', headers: { 'webhook-request-origin': 'eventgrid.azure.net' } };
  const response = await fetch(`${listener.url}${grid.path}`, options);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('webhook-allowed-origin'), 'eventgrid.azure.net');
});
