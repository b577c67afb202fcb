import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { EmbeddedRegistry } from '../../shared/embedded-registry/embedded-registry.ts';
import type { FaultEffect } from '../../shared/embedded-registry/fault.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { codeOf, openRegistry, plant } from './test-registry.ts';

const BLOB = Buffer.from('0123456789abcdef');
const ANY = { path: /./ };

async function withBlob(t: TestContext, ...effects: readonly FaultEffect[]) {
  const registry = await openRegistry(t);
  const path = `/v2/a/b/blobs/${registry.content.addBlob('a/b', BLOB)}`;
  registry.faults.add(ANY, ...effects);
  return { registry, path };
}

/** The head of the response and whatever comes of its body; `ended` once it is whole or broken. */
async function receive({ url }: EmbeddedRegistry, path: string) {
  const request = get(url + path, { agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  // A reset is told to the request too; the response's own error is what counts.
  request.on('error', () => undefined);
  const chunks: Buffer[] = [];
  const first = Promise.withResolvers<void>();
  const ended = (async (): Promise<string> => {
    try {
      for await (const chunk of response) {
        chunks.push(chunk as Buffer);
        first.resolve();
      }
      return 'whole';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  })();
  return { response, ended, arrived: first.promise, body: () => Buffer.concat(chunks).toString() };
}

const BENT: readonly (readonly [string, FaultEffect, number, string, Readonly<Record<string, string>>])[] = [
  [
    'a status with seconds to wait',
    { kind: 'status', status: 429, retryAfter: 7, body: 'slow down' },
    429,
    'slow down',
    { 'retry-after': '7', 'content-type': 'text/plain' },
  ],
  [
    'a status with a date to wait for',
    { kind: 'status', status: 503, retryAfter: new Date(0), body: '' },
    503,
    '',
    { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' },
  ],
  [
    'a hostile challenge, word for word',
    {
      kind: 'status',
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer realm="http://evil/",x=' },
      body: '',
    },
    401,
    '',
    { 'www-authenticate': 'Bearer realm="http://evil/",x=' },
  ],
  ...([301, 302, 303, 307, 308] as const).map(
    (status) =>
      [
        `a ${status} redirect`,
        { kind: 'redirect', status, location: 'http://x/?a=%2f' },
        status,
        '',
        { location: 'http://x/?a=%2f' },
      ] as const,
  ),
  ['a bit turned', { kind: 'corrupt' }, 200, '0123456799abcdef', { 'content-length': '16' }],
  ['bytes too many', { kind: 'extra', bytes: 'XYZ' }, 200, '0123456789abcdefXYZ', { 'content-length': '19' }],
  ['half of the bytes', { kind: 'truncate' }, 200, '01234567', { 'content-length': '8' }],
  [
    'other bytes',
    { kind: 'body', body: '<html>', contentType: 'text/html' },
    200,
    '<html>',
    { 'content-type': 'text/html', 'content-length': '6' },
  ],
  [
    'another digest header',
    { kind: 'headers', headers: { 'docker-content-digest': digestOf('lie') } },
    200,
    BLOB.toString(),
    { 'docker-content-digest': digestOf('lie') },
  ],
  [
    'a content encoding that is not there',
    { kind: 'headers', headers: { 'Content-Encoding': 'gzip' } },
    200,
    BLOB.toString(),
    { 'content-encoding': 'gzip' },
  ],
  [
    'a Link, word for word',
    { kind: 'headers', headers: { Link: '<//evil/v2/>; rel=next' } },
    200,
    BLOB.toString(),
    { link: '<//evil/v2/>; rel=next' },
  ],
];

for (const [what, effect, status, body, headers] of BENT) {
  test(`sends ${what}`, async (t) => {
    const { registry, path } = await withBlob(t, effect);
    const got = await receive(registry, path);
    assert.equal(await got.ended, 'whole');
    assert.equal(got.response.statusCode, status);
    assert.equal(got.body(), body);
    for (const [name, value] of Object.entries(headers)) assert.equal(got.response.headers[name], value);
    assert.equal(registry.requests.entries[0]?.status, status);
  });
}

test('leaves a header out', async (t) => {
  const { registry, path } = await withBlob(t, {
    kind: 'headers',
    headers: { 'docker-content-digest': undefined },
  });
  const { response } = await receive(registry, path);
  assert.equal(response.headers['docker-content-digest'], undefined);
  assert.equal(response.headers['content-length'], '16');
});

test('sends a header several times', async (t) => {
  const challenges = ['Bearer realm="a"', 'Basic realm="b"'];
  const { registry, path } = await withBlob(t, {
    kind: 'headers',
    headers: { 'WWW-Authenticate': challenges },
  });
  const { response } = await receive(registry, path);
  assert.deepEqual(response.headersDistinct['www-authenticate'], challenges);
});

test('ends early where Content-Length says more than there is', async (t) => {
  const { registry, path } = await withBlob(t, { kind: 'headers', headers: { 'Content-Length': '20' } });
  const got = await receive(registry, path);
  assert.equal(got.response.headers['content-length'], '20');
  assert.equal(await got.ended, 'ECONNRESET');
  assert.equal(got.body(), BLOB.toString());
});

test('sends more than Content-Length says', async (t) => {
  const { registry, path } = await withBlob(t, { kind: 'headers', headers: { 'Content-Length': '4' } });
  const socket = connect(Number(new URL(registry.url).port), '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const chunks = await socket.toArray();
  assert.match(Buffer.concat(chunks).toString(), /content-length: 4\r\n[\s\S]*\r\n\r\n0123456789abcdef$/i);
});

test('puts raw bytes on the connection', async (t) => {
  const bytes = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy';
  const { registry, path } = await withBlob(t, { kind: 'raw', bytes });
  const socket = connect(Number(new URL(registry.url).port), '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  assert.equal(Buffer.concat(await socket.toArray()).toString(), bytes);
});

for (const reset of [false, true]) {
  const how = reset ? 'resets' : 'closes';
  test(`${how} the connection in the middle of the body`, async (t) => {
    const { registry, path } = await withBlob(t, { kind: 'cut', at: 'half', reset });
    const got = await receive(registry, path);
    assert.equal(got.response.headers['content-length'], '16');
    assert.equal(await got.ended, 'ECONNRESET');
    assert.notEqual(got.body(), BLOB.toString());
    if (!reset) assert.equal(got.body(), '01234567');
  });

  test(`${how} the connection after the head`, async (t) => {
    const { registry, path } = await withBlob(t, { kind: 'cut', at: 'head' });
    const got = await receive(registry, path);
    assert.equal(await got.ended, 'ECONNRESET');
    assert.equal(got.body(), '');
  });

  test(`${how} the connection before anything`, async (t) => {
    const { registry, path } = await withBlob(t, { kind: 'cut', at: 'start', reset });
    await assert.rejects(receive(registry, path), { code: 'ECONNRESET' });
    assert.equal(registry.requests.entries[0]?.status, undefined);
  });
}

test('stalls in the middle of the body until the registry closes', async (t) => {
  const { registry, path } = await withBlob(t, { kind: 'stall', at: 'half' });
  const got = await receive(registry, path);
  await got.arrived;
  await registry.close();
  assert.equal(await got.ended, 'ECONNRESET');
  assert.equal(got.body(), '01234567');
});

test('stalls after the head until the registry closes', async (t) => {
  const { registry, path } = await withBlob(t, { kind: 'stall', at: 'head' });
  const got = await receive(registry, path);
  assert.equal(got.response.statusCode, 200);
  await registry.close();
  assert.equal(await got.ended, 'ECONNRESET');
  assert.equal(got.body(), '');
});

test('stalls before anything until the registry closes', async (t) => {
  const { registry, path } = await withBlob(t, { kind: 'stall', at: 'start' });
  const asked = receive(registry, path);
  while (registry.requests.entries.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await registry.close();
  await assert.rejects(asked, { code: 'ECONNRESET' });
});

test('waits by its clock before it answers', async (t) => {
  const waits: number[] = [];
  const sleep = async (milliseconds: number): Promise<void> => void waits.push(milliseconds);
  const registry = await openRegistry(t, { clock: { now: Date.now, sleep } });
  registry.faults.add(
    { path: /^\/v2\/$/ },
    { kind: 'delay', milliseconds: 30_000 },
    { kind: 'status', status: 500 },
  );
  assert.equal((await fetch(`${registry.url}/v2/`)).status, 500);
  assert.deepEqual(waits, [30_000]);
});

test('moves a tag after it answered truly', async (t) => {
  const registry = await openRegistry(t);
  const { manifest } = plant(registry, 'a/b', 'v1');
  const to = registry.content.addManifest('a/b', 'application/json', Buffer.from('{}'));
  const effect = { kind: 'move-tag', repository: 'a/b', tag: 'v1', to } as const;
  registry.faults.add({ method: 'HEAD', path: /manifests/ }, effect);
  const ask = async (method: string): Promise<string | null> =>
    (await fetch(`${registry.url}/v2/a/b/manifests/v1`, { method })).headers.get('docker-content-digest');
  assert.equal(await ask('GET'), manifest.descriptor.digest);
  assert.equal(await ask('HEAD'), manifest.descriptor.digest);
  assert.equal(await ask('GET'), to);
});

test('does nothing of what was asked where it answers a status instead', async (t) => {
  const registry = await openRegistry(t);
  const { digest } = plant(registry, 'a/b', 'v1').manifest.descriptor;
  registry.faults.add({ method: 'DELETE', path: /./, times: 1 }, { kind: 'status', status: 500 });
  const target = `${registry.url}/v2/a/b/manifests/${digest}`;
  assert.equal((await fetch(target, { method: 'DELETE' })).status, 500);
  assert.equal((await fetch(target)).status, 200);
});

test('opens an upload elsewhere than the Location it says', async (t) => {
  const registry = await openRegistry(t);
  registry.faults.add(
    { method: 'POST', path: /uploads/ },
    { kind: 'headers', headers: { Location: 'http://evil.example/upload' } },
  );
  const response = await fetch(`${registry.url}/v2/a/b/blobs/uploads/`, { method: 'POST' });
  assert.equal(response.status, 202);
  assert.equal(response.headers.get('location'), 'http://evil.example/upload');
});

async function statuses(
  { url }: EmbeddedRegistry,
  requests: readonly (readonly [string, string, string?])[],
) {
  const got: number[] = [];
  for (const [method, path, authorization] of requests) {
    const headers = authorization === undefined ? {} : { authorization };
    got.push((await fetch(url + path, { method, headers })).status);
  }
  return got;
}

test('meets the requests a fault is for: method, path, query, authorization', async (t) => {
  const registry = await openRegistry(t);
  registry.faults.add({ method: 'GET', path: /^\/v2\/\?last=x$/ }, { kind: 'status', status: 418 });
  registry.faults.add({ authorized: true, path: /^\/v2\/$/ }, { kind: 'status', status: 419 });
  registry.faults.add({ authorized: false, path: /^\/v2$/g }, { kind: 'status', status: 420 });
  const got = await statuses(registry, [
    ['GET', '/v2/?last=x'],
    ['HEAD', '/v2/?last=x'],
    ['GET', '/v2/'],
    ['GET', '/v2/', 'Basic x'],
    ['GET', '/v2'],
    ['GET', '/v2'],
    ['GET', '/v2', 'Basic x'],
  ]);
  assert.deepEqual(got, [418, 200, 200, 419, 420, 420, 200]);
});

test('meets as many requests as it is told, after those it lets through, then the next fault', async (t) => {
  const registry = await openRegistry(t);
  registry.faults.add({ path: /v2/, skip: 1, times: 2 }, { kind: 'status', status: 429 });
  registry.faults.add({ path: /v2/, times: 1 }, { kind: 'status', status: 503 });
  const got = await statuses(
    registry,
    Array.from({ length: 5 }, () => ['GET', '/v2/'] as const),
  );
  assert.deepEqual(got, [503, 429, 429, 200, 200]);
});

test('behaves again once the faults are cleared', async (t) => {
  const { registry } = await withBlob(t, { kind: 'status', status: 500 });
  registry.faults.clear();
  assert.equal((await fetch(`${registry.url}/v2/`)).status, 200);
});

test('words a scripted error as registries do', async (t) => {
  const { registry } = await withBlob(t, { kind: 'status', status: 500 });
  assert.equal(await codeOf(await fetch(`${registry.url}/v2/`)), 'UNKNOWN');
});
