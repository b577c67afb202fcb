import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { BLOB, receive, withBlob } from './faulty-blob.ts';

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
  // Of two requests at once only the first is answered: the connection is not used again.
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(2));
  const said = Buffer.concat(await socket.toArray()).toString();
  assert.match(said, /content-length: 4\r\n[\s\S]*\r\n\r\n0123456789abcdef$/i);
  assert.equal(said.split('HTTP/1.1 ').length, 2);
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

test('tells a reset from a close', async (t) => {
  const { registry, path } = await withBlob(t, { kind: 'cut', at: 'start', reset: true });
  const ask = (): Promise<unknown[]> => {
    const socket = connect(Number(new URL(registry.url).port), '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return socket.toArray();
  };
  await assert.rejects(ask(), { code: 'ECONNRESET' });
  registry.faults.clear();
  registry.faults.add({ path: /./ }, { kind: 'cut', at: 'start' });
  assert.deepEqual(await ask(), []);
});

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
