import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { writeEndlessly } from '../support/artifacts/endless.ts';
import { failure, ociError, type Script, sendJson, startClient, startScripted } from './scripted-registry.ts';

const CONTENT = Buffer.alloc(300_000, 'landfall');
const BLOB: Descriptor = {
  mediaType: 'application/octet-stream',
  digest: digestOf(CONTENT),
  size: CONTENT.length,
};

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const whole: Script = (_, response) =>
  void response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT);

test('streams the bytes as they are', async (t) => {
  const registry = await startScripted(t, whole);
  const got = await readAll(await startClient(t).blob(registry.repository, BLOB));
  assert.ok(got.equals(CONTENT));
  assert.equal(registry.seen[0]?.path, `/v2/team/app/blobs/${BLOB.digest}`);
  assert.equal(registry.seen[0]?.headers['accept-encoding'], 'identity');
});

test('an empty blob ends', async (t) => {
  const registry = await startScripted(
    t,
    (_, response) => void response.writeHead(200, { 'content-length': 0 }).end(),
  );
  const stream = await startClient(t).blob(registry.repository, { ...BLOB, size: 0 });
  assert.equal((await readAll(stream)).length, 0);
});

const REFUSED: readonly (readonly [string, Script, string, ...RegExp[]])[] = [
  [
    'a Content-Length one short',
    (_, r) => void r.writeHead(200, { 'content-length': CONTENT.length - 1 }).end(CONTENT.subarray(1)),
    'SIZE_MISMATCH',
    /299999/,
  ],
  [
    'a Content-Length one over',
    (_, r) =>
      void r.writeHead(200, { 'content-length': CONTENT.length + 1 }).end(Buffer.alloc(CONTENT.length + 1)),
    'SIZE_MISMATCH',
    /300001/,
  ],
  [
    'a content encoding',
    (_, r) => void r.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end(CONTENT),
    'REGISTRY_PROTOCOL',
    /Content-Encoding/,
  ],
  [
    'HTML',
    (_, r) =>
      void r
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end('<!doctype html><title>Login'),
    'REGISTRY_PROTOCOL',
    /HTML was served as a layer/,
    /doctype/,
  ],
  ['206', (_, r) => void r.writeHead(206).end(CONTENT), 'REGISTRY_PROTOCOL', /206/],
  ['404', (_, r) => sendJson(r, 404, ociError('BLOB_UNKNOWN', 'x')), 'BLOB_NOT_FOUND'],
  ['404 that says nothing', (_, r) => void r.writeHead(404).end(), 'BLOB_NOT_FOUND'],
];
for (const [name, script, code, ...says] of REFUSED) {
  test(`${name} is ${code} before a byte is given`, async (t) => {
    const registry = await startScripted(t, script);
    await assert.rejects(startClient(t).blob(registry.repository, BLOB), failure(code, ...says));
  });
}

test('a body cut in transit is BLOB_TRUNCATED, transient, on the stream', async (t) => {
  const registry = await startScripted(t, (_, response) => {
    response.writeHead(200, { 'content-length': CONTENT.length });
    response.write(CONTENT.subarray(0, 100_000), () => response.destroy());
  });
  const stream = await startClient(t).blob(registry.repository, BLOB);
  await assert.rejects(
    readAll(stream),
    (error: never) =>
      failure('BLOB_TRUNCATED', /of 300000 bytes/)(error) && (error as { kind: string }).kind === 'transient',
  );
});

test('a chunked body cut in transit is BLOB_TRUNCATED', async (t) => {
  const registry = await startScripted(t, (_, response) => {
    response.writeHead(200);
    response.write(CONTENT.subarray(0, 1000), () => response.destroy());
  });
  await assert.rejects(
    readAll(await startClient(t).blob(registry.repository, BLOB)),
    failure('BLOB_TRUNCATED'),
  );
});

for (const [name, size] of [
  ['short', CONTENT.length - 1],
  ['long', CONTENT.length + 1],
] as const) {
  test(`a chunked body one byte too ${name} is SIZE_MISMATCH`, async (t) => {
    const registry = await startScripted(t, (_, response) => {
      response.writeHead(200);
      response.write(Buffer.alloc(1000));
      response.end(Buffer.alloc(size - 1000));
    });
    await assert.rejects(
      readAll(await startClient(t).blob(registry.repository, BLOB)),
      failure('SIZE_MISMATCH'),
    );
  });
}

test('a body that ends with its connection may have been cut', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${'x'.repeat(1000)}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  const registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = startClient(t);
  await assert.rejects(
    readAll(await client.blob({ registry, repository: 'a' }, BLOB)),
    failure('BLOB_TRUNCATED'),
  );
  assert.equal(
    (await readAll(await client.blob({ registry, repository: 'a' }, { ...BLOB, size: 1000 }))).length,
    1000,
  );
});

test('destroying the stream ends the transfer', async (t) => {
  let closed: (() => void) | undefined;
  const ended = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const registry = await startScripted(t, (_, response) => {
    response.on('close', () => closed?.());
    response.writeHead(200, { 'content-length': CONTENT.length }).write(CONTENT.subarray(0, 1000));
  });
  const stream = await startClient(t).blob(registry.repository, BLOB);
  for await (const _ of stream) break;
  await ended;
});

test('a reader that waits holds the sender back', async (t) => {
  const size = 64 * 1024 * 1024;
  let sent = 0;
  const registry = await startScripted(t, (_, response) => {
    response.writeHead(200, { 'content-length': size });
    const chunk = Buffer.alloc(65_536);
    const more = (): void => {
      while (sent < size) {
        sent += chunk.length;
        if (!response.write(chunk)) return;
      }
      response.end();
    };
    response.on('drain', more);
    more();
  });
  const stream = await startClient(t).blob(registry.repository, { ...BLOB, size });
  await new Promise((resolve) => stream.once('readable', resolve));
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(
    stream.readableLength < 1024 * 1024,
    `${stream.readableLength} bytes are held for a reader that read none`,
  );
  let received = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) received += chunk.length;
  assert.equal(received, size);
});

test('a body that never ends is cut as soon as it is too long', { timeout: 20_000 }, async (t) => {
  const registry = await startScripted(t, (_, response) => writeEndlessly(response, Buffer.alloc(65_536)));
  let received = 0;
  const read = async (): Promise<void> => {
    for await (const chunk of await startClient(t).blob(registry.repository, BLOB))
      received += (chunk as Buffer).length;
  };
  await assert.rejects(read(), failure('SIZE_MISMATCH', /more came/));
  assert.ok(received <= BLOB.size);
});
