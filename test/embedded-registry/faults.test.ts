import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import type { FaultEffect } from '../../embedded-registry/faults/fault.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { BLOB, receive, withBlob } from './faulty-blob.ts';
import { codeOf, openRegistry, plant } from './test-registry.ts';

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
