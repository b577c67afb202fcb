import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { MiB } from '../../shared/limits.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { failure, type Script, startClient, startScripted } from './scripted-registry.ts';

const CONTENT = Buffer.from('content');
const BLOB = { mediaType: 'x/y', digest: digestOf(CONTENT), size: CONTENT.length };

/** POST opens an upload; the PUT is answered with these statuses in turn. */
function answering(...statuses: readonly number[]): Script {
  const left = [...statuses];
  return ({ method }, response) =>
    method === 'POST'
      ? void response.writeHead(202, { location: '/v2/team/app/blobs/uploads/u1' }).end()
      : void response.writeHead(left.shift() ?? 201).end();
}

test('a stream is sent with its length, and opened anew for each try', async (t) => {
  const registry = await startScripted(t, answering(503, 503, 201));
  let opened = 0;
  const open = (): Readable => {
    opened += 1;
    return Readable.from([CONTENT.subarray(0, 3), CONTENT.subarray(3)]);
  };
  await startClient(t).pushBlob(registry.repository, BLOB, open);
  const puts = registry.seen.filter(({ method }) => method === 'PUT');
  assert.deepEqual(
    puts.map(({ body, headers }) => [body, headers['content-length'], headers['transfer-encoding']]),
    Array(3).fill(['content', '7', undefined]),
  );
  assert.equal(opened, 3);
});

for (const [what, open, code, message] of [
  ['ends early', () => Readable.from([CONTENT.subarray(1)]), 'SIZE_MISMATCH', /says 7 bytes, there are 6/],
  ['goes on', () => Readable.from([CONTENT, CONTENT]), 'SIZE_MISMATCH', /says 7 bytes, there are more/],
  ['cannot be read', () => createReadStream('/nowhere/layer'), 'INPUT_UNREADABLE', /ENOENT/],
] as const) {
  test(`a stream that ${what} is ${code}, and not tried again`, async (t) => {
    const registry = await startScripted(t, answering());
    const client = startClient(t);
    await assert.rejects(client.pushBlob(registry.repository, BLOB, open), failure(code, message));
    assert.deepEqual(
      client.facts.map(({ method }) => method),
      ['POST', 'PUT'],
    );
  });
}

/** Resolves with the first bytes of a PUT, whose answer waits for the last. */
async function startReader(
  t: TestContext,
): Promise<{ readonly host: string; readonly first: Promise<string> }> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    if (request.method === 'POST') return void response.writeHead(202, { location: '/u' }).end();
    request.once('data', (bytes: Buffer) => resolve(bytes.toString()));
    return void request.on('end', () => response.writeHead(201).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, first: promise };
}

test('a blob is sent as it is read, and never held whole', async (t) => {
  const { host, first } = await startReader(t);
  const open = (): Readable =>
    Readable.from(
      (async function* () {
        yield CONTENT.subarray(0, 3);
        // What comes first is at the registry before the rest is there.
        assert.equal(await first, 'con');
        yield CONTENT.subarray(3);
      })(),
    );
  await startClient(t).pushBlob({ registry: host, repository: 'team/app' }, BLOB, open);
});

test('an upload that broke off is opened anew: where it was, its registry has a part of it', async (t) => {
  let uploads = 0;
  const registry = await startScripted(t, ({ method, path }, response) => {
    if (method === 'POST') {
      uploads += 1;
      return void response.writeHead(202, { location: `/v2/team/app/blobs/uploads/u${uploads}` }).end();
    }
    return path.includes('/u1?') ? void response.destroy() : void response.writeHead(201).end();
  });
  await startClient(t).pushBlob(registry.repository, BLOB, () => Readable.from([CONTENT]));
  assert.deepEqual(
    registry.seen.map(
      ({ method, path }) => `${method} ${path.replace(/\?.*/, '').replace(/.*uploads\//, '')}`,
    ),
    ['POST ', 'PUT u1', 'POST ', 'PUT u2'],
  );
});

test('a push that is given up lets go of what it reads', { timeout: 10_000 }, async (t) => {
  const { host } = await startReader(t);
  const stop = new AbortController();
  const source = new Readable({ read: () => stop.abort() });
  const pushed = startClient(t).pushBlob({ registry: host, repository: 'team/app' }, BLOB, () => source, {
    signal: stop.signal,
  });
  await assert.rejects(pushed, failure('CANCELLED'));
  await once(source, 'close');
});

for (const [how, connection] of [
  ['and goes on', 'keep-alive'],
  ['and closes', 'close'],
] as const) {
  test(`a registry that refuses before it has read the blob, ${how}, is told as what it says`, async (t) => {
    const size = 64 * MiB;
    const server = createServer((request, response) => {
      const isOpened = request.method === 'POST';
      response.writeHead(isOpened ? 202 : 413, { location: '/u', connection }).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const open = (): Readable => Readable.from(Array(64).fill(Buffer.alloc(MiB)));
    await assert.rejects(
      startClient(t).pushBlob({ registry, repository: 'team/app' }, { ...BLOB, size }, open),
      failure('PUSH_REFUSED'),
    );
  });
}
