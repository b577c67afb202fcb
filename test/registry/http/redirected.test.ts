import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { digestOf } from '../../../shared/oci/digest.ts';
import { addressKind } from '../../../shared/registry/http/address.ts';
import {
  ALICE,
  failure,
  MANIFEST_DIGEST,
  type Script,
  sendJson,
  sendManifest,
  startClient,
  startScripted,
} from '../scripted-registry.ts';

const CONTENT = Buffer.from('content');
const BLOB = { mediaType: 'x/y', digest: digestOf(CONTENT), size: CONTENT.length };
const send: Script = (_, response) =>
  void response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT);
const to =
  (location: string, status = 307): Script =>
  (_, response) =>
    void response.writeHead(status, { location, 'set-cookie': 'session=1' }).end('<a>moved</a>');

/** Basic first, so that there is an Authorization that could leak. */
const behindBasic =
  (script: Script): Script =>
  (seen, response, count) =>
    seen.headers.authorization
      ? script(seen, response, count)
      : void response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();

for (const status of [301, 302, 303, 307, 308]) {
  test(`a blob behind ${status} comes from storage, which sees no credential and the exact URL`, async (t) => {
    const path = "/bucket/a%2Fb?X-Amz-Signature=%2b+c'd|&x=%7E";
    const storage = await startScripted(t, send);
    const registry = await startScripted(t, behindBasic(to(`${storage.origin}${path}`, status)));
    const stream = await startClient(t, { credential: ALICE }).blob(registry.repository, BLOB);
    assert.equal((await stream.toArray()).join(''), 'content');
    const [seen] = storage.seen;
    assert.equal(seen?.path, path);
    assert.deepEqual(Object.keys(seen?.headers ?? {}).sort(), [
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
  });
}

test('authorization that was dropped on the way does not come back', async (t) => {
  const storage = await startScripted(
    t,
    (_, response) => void response.writeHead(307, { location: `${registry.origin}/back` }).end(),
  );
  const registry = await startScripted(t, (seen, response, count) => {
    if (seen.path === '/back') return send(seen, response, count);
    behindBasic(to(`${storage.origin}/x`))(seen, response, count);
  });
  await startClient(t, { credential: ALICE }).blob(registry.repository, BLOB);
  assert.equal(registry.seen.at(-1)?.path, '/back');
  assert.equal(registry.seen.at(-1)?.headers.authorization, undefined);
});

test('on the same origin authorization stays', async (t) => {
  const registry = await startScripted(
    t,
    behindBasic((seen, response, count) =>
      seen.path === '/moved' ? send(seen, response, count) : to('/moved')(seen, response, count),
    ),
  );
  await startClient(t, { credential: ALICE }).blob(registry.repository, BLOB);
  assert.match(registry.seen.at(-1)?.headers.authorization ?? '', /^Basic /);
});

test('a manifest may be redirected, and is still proven by its bytes', async (t) => {
  const storage = await startScripted(t, sendManifest);
  const registry = await startScripted(t, to(`${storage.origin}/m`));
  const client = startClient(t);
  assert.equal((await client.manifest(registry.repository, MANIFEST_DIGEST)).digest, MANIFEST_DIGEST);
  assert.equal(await client.peek(registry.repository, 'v1'), MANIFEST_DIGEST);
});

test('a challenge from storage is answered with nothing', async (t) => {
  const storage = await startScripted(
    t,
    (_, response) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
  );
  const registry = await startScripted(t, to(`${storage.origin}/x`));
  await assert.rejects(
    startClient(t, { credential: ALICE }).blob(registry.repository, BLOB),
    failure('UNAUTHORIZED'),
  );
  assert.deepEqual(
    storage.seen.map(({ headers }) => headers.authorization),
    [undefined],
  );
});

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['the metadata service', 'http://169.254.169.254/latest/meta-data/iam', 'ADDRESS_DENIED'],
  ['the metadata service as a number', 'http://2852039166/', 'ADDRESS_DENIED'],
  ['the metadata service in IPv6', 'http://[fd00:ec2::254]/', 'ADDRESS_DENIED'],
  ['the metadata service mapped', 'http://[::ffff:169.254.169.254]/', 'ADDRESS_DENIED'],
  ['container credentials', 'http://169.254.170.2/v2/credentials', 'ADDRESS_DENIED'],
  ['a file', 'file:///etc/passwd', 'REDIRECT_DENIED'],
  ['itself, for ever', '', 'REDIRECT_DENIED'],
];
for (const [name, location, code] of REFUSED) {
  test(`even a local registry may not redirect to ${name}`, async (t) => {
    const registry = await startScripted(t, to(location || '/loop'));
    await assert.rejects(startClient(t).blob(registry.repository, BLOB), failure(code));
    assert.equal(registry.seen.length, location ? 1 : 6);
  });
}

test('https to http is refused', async (t) => {
  const read = (name: string): string =>
    readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
  const storage = await startScripted(t, send);
  const registry = await startScripted(t, to(`${storage.origin}/x`), {
    key: read('key.pem'),
    cert: read('cert.pem'),
  });
  const client = startClient(t, {
    transport: { plainHttp: false, insecureSkipTlsVerify: true, local: true },
  });
  await assert.rejects(client.blob(registry.repository, BLOB), failure('REDIRECT_DENIED', /https to http/));
  assert.equal(storage.seen.length, 0);
});

const PUBLIC = { plainHttp: false, insecureSkipTlsVerify: false, local: false };
for (const registry of [
  '127.0.0.1:5000',
  '10.0.0.1',
  '[::1]:5000',
  'localhost:5000',
  '169.254.169.254',
  '2130706433',
]) {
  test(`a registry on ${registry} is refused unless it is said to be one's own`, async (t) => {
    const client = startClient(t, { transport: PUBLIC });
    await assert.rejects(client.manifest({ registry, repository: 'a' }, 'v1'), failure('ADDRESS_DENIED'));
  });
}

test('a name that resolves to a private address is refused when connecting', async (t) => {
  const own = await lookup(hostname()).catch(() => undefined);
  if (own === undefined || addressKind(own.address) === 'public')
    return t.skip('this host has no name for a private address');
  const registry = await startScripted(t, sendManifest);
  const client = startClient(t, { transport: PUBLIC });
  const repository = {
    registry: `${hostname().toLowerCase()}:${registry.host.split(':')[1]}`,
    repository: 'a',
  };
  await assert.rejects(client.manifest(repository, 'v1'), failure('ADDRESS_DENIED', /resolves to/));
  assert.equal(registry.seen.length, 0);
});

test('a redirect is refused for an upload', async (t) => {
  const registry = await startScripted(t, to('/elsewhere'));
  await assert.rejects(
    startClient(t).pushBlob(registry.repository, BLOB, CONTENT),
    failure('REGISTRY_PROTOCOL', /307/),
  );
});

test('storage that fails is retried through the registry, for a new signature', async (t) => {
  const storage = await startScripted(t, (seen, response, count) =>
    count === 1 ? sendJson(response, 503, {}) : send(seen, response, count),
  );
  const registry = await startScripted(t, to(`${storage.origin}/x?X-Amz-Signature=s3cret`));
  const client = startClient(t);
  await client.blob(registry.repository, BLOB);
  assert.equal(registry.seen.length, 2);
  assert.ok(client.facts.every(({ url }) => !url.includes('s3cret')));
});
