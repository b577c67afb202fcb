import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { LandfallError } from '../../../shared/errors.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import type { RegistryReader } from '../../../shared/registry/client.ts';
import { createRegistryClient } from '../../../shared/registry/create-client.ts';
import {
  failure,
  type Script,
  type ScriptedRegistry,
  sendManifest,
  startClient,
  startScripted,
  steppedClock,
} from '../scripted-registry.ts';

const BLOB = { mediaType: 'x/y', digest: digestOf('x'), size: 1000 };
const silent: Script = () => undefined;
const half: Script = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 }).write('{"tags":[');
};

type Call = (client: RegistryReader, registry: ScriptedRegistry, signal: AbortSignal) => Promise<unknown>;
const readBlob: Call = async (client, { repository }, signal) => {
  for await (const _ of await client.blob(repository, BLOB, { signal }));
};

const STALLS: readonly (readonly [string, Script, Call])[] = [
  [
    'a manifest without a head',
    silent,
    (c, { repository }, signal) => c.manifest(repository, 'v1', { signal }),
  ],
  ['half a manifest', half, (c, { repository }, signal) => c.manifest(repository, 'v1', { signal })],
  ['a HEAD', silent, (c, { repository }, signal) => c.peek(repository, 'v1', { signal })],
  ['half a tag list', half, (c, { repository }, signal) => c.tags(repository, { signal })],
  ['half a blob', half, readBlob],
  [
    'half an error',
    (_, r) => void r.writeHead(403, { 'content-length': 100 }).write('{'),
    (c, { repository }, signal) => c.manifest(repository, 'v1', { signal }),
  ],
  [
    'a token service',
    ({ path, headers }, response) => {
      if (!path.startsWith('/token'))
        response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${headers.host}/token"` }).end();
    },
    (c, { repository }, signal) => c.manifest(repository, 'v1', { signal }),
  ],
  [
    'half a token',
    ({ path, headers }, response) => {
      if (path.startsWith('/token')) response.writeHead(200, { 'content-length': 100 }).write('{');
      else
        response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${headers.host}/token"` }).end();
    },
    (c, { repository }, signal) => c.manifest(repository, 'v1', { signal }),
  ],
];
for (const [name, script, call] of STALLS) {
  test(`${name} that stalls ends with the signal`, { timeout: 20_000 }, async (t) => {
    const registry = await startScripted(t, script);
    const client = startClient(t);
    await assert.rejects(call(client, registry, AbortSignal.timeout(60)), failure('REGISTRY_TIMEOUT'));
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 60);
    await assert.rejects(call(client, registry, stop.signal), failure('CANCELLED'));
  });
}

test('a host that accepts and says nothing in TLS ends with the signal', { timeout: 8000 }, async (t) => {
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  const client = startClient(t, {
    transport: { plainHttp: false, insecureSkipTlsVerify: false, local: true },
  });
  const repository = { registry: `127.0.0.1:${(server.address() as AddressInfo).port}`, repository: 'a' };
  const call = client.manifest(repository, 'v1', { signal: AbortSignal.timeout(60) });
  await assert.rejects(call, failure('REGISTRY_TIMEOUT'));
});

test('a credential lookup that hangs ends with the signal', { timeout: 20_000 }, async (t) => {
  const client = createRegistryClient({
    access: { access: () => new Promise(() => undefined) },
    clock: steppedClock(),
    limits: DEFAULT_LIMITS,
  });
  t.after(() => client.close());
  const call = client.manifest({ registry: 'r.example', repository: 'a' }, 'v1', {
    signal: AbortSignal.timeout(60),
  });
  await assert.rejects(call, failure('REGISTRY_TIMEOUT'));
});

test('an aborted signal makes no request, and its own LandfallError is what is thrown', async (t) => {
  const registry = await startScripted(t, sendManifest);
  const client = startClient(t);
  const reason = new LandfallError('STORE_LOCKED', 'stopping');
  await assert.rejects(
    client.peek(registry.repository, 'v1', { signal: AbortSignal.abort(reason) }),
    failure('STORE_LOCKED'),
  );
  assert.equal(registry.seen.length, 0);
});

test('one caller who gives up leaves the token request to the others', { timeout: 20_000 }, async (t) => {
  const asked = Promise.withResolvers<() => void>();
  const registry = await startScripted(t, (seen, response) => {
    if (seen.path.startsWith('/token')) asked.resolve(() => void response.end('{"token":"t"}'));
    else if (seen.headers.authorization) sendManifest(seen, response);
    else
      response
        .writeHead(401, { 'www-authenticate': `Bearer realm="http://${seen.headers.host}/token"` })
        .end();
  });
  const client = startClient(t);
  const stop = new AbortController();
  const patient = client.peek(registry.repository, 'v1');
  const hasty = client.peek(registry.repository, 'v1', { signal: stop.signal });
  const release = await asked.promise;
  while (client.facts.length < 2) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await assert.rejects(hasty, failure('CANCELLED'));
  release();
  assert.ok(await patient);
  assert.equal(registry.seen.filter(({ path }) => path.startsWith('/token')).length, 1);
});

test('a signal that outlives many calls keeps no listener of theirs', async (t) => {
  const registry = await startScripted(t, sendManifest);
  const client = startClient(t);
  const { signal } = new AbortController();
  let listeners = 0;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...input: Parameters<typeof add>) => {
    listeners += 1;
    add(...input);
  };
  signal.removeEventListener = (...input: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...input);
  };
  for (let call = 0; call < 5; call++) {
    await client.peek(registry.repository, 'v1', { signal });
    await client.manifest(registry.repository, 'v1', { signal });
  }
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(listeners <= 0, `${listeners} listeners were left`);
});
