import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../shared/oci/digest.ts';
import { OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import {
  failure,
  MANIFEST,
  MANIFEST_DIGEST,
  ociError,
  type Script,
  sendJson,
  startClient,
  startScripted,
} from './scripted-registry.ts';

const CONTENT = Buffer.from('content');
const BLOB = { mediaType: 'x/y', digest: digestOf(CONTENT), size: CONTENT.length };
const UPLOADS = '/v2/team/app/blobs/uploads/';

/** POST opens at `location`, PUT ends with `done`. */
const upload =
  (location: (origin: string) => string | undefined, done: Record<string, string> = {}): Script =>
  ({ method, headers }, response) => {
    if (method !== 'POST') return void response.writeHead(201, done).end();
    const at = location(`http://${headers.host}`);
    response.writeHead(202, at === undefined ? {} : { location: at }).end();
  };

const LOCATIONS: readonly (readonly [string, (origin: string) => string, string])[] = [
  ['absolute', (origin) => `${origin}${UPLOADS}u1?state=a%2Fb`, `${UPLOADS}u1?state=a%2Fb&digest=`],
  ['path', () => `${UPLOADS}u1`, `${UPLOADS}u1?digest=`],
  ['relative', () => 'u1', `${UPLOADS}u1?digest=`],
];
for (const [name, location, wanted] of LOCATIONS) {
  test(`puts the bytes to a location that is ${name}`, async (t) => {
    const registry = await startScripted(t, upload(location, { 'docker-content-digest': BLOB.digest }));
    await startClient(t).pushBlob(registry.repository, BLOB, CONTENT);
    const [post, put] = registry.seen;
    assert.deepEqual([post?.method, post?.path, post?.headers['content-length']], ['POST', UPLOADS, '0']);
    assert.equal(put?.path, wanted + encodeURIComponent(BLOB.digest));
    assert.equal(put?.body, 'content');
  });
}

const REFUSED: readonly (readonly [string, Script, string])[] = [
  ['a location on another host', upload(() => 'https://evil.example/u'), 'LINK_DENIED'],
  ['a location with a user name', upload((origin) => `${origin.replace('//', '//u:p@')}/u`), 'LINK_DENIED'],
  ['no location', upload(() => undefined), 'REGISTRY_PROTOCOL'],
  [
    'another digest than sent',
    upload(() => '/u', { 'docker-content-digest': digestOf('other') }),
    'DIGEST_MISMATCH',
  ],
  ['200 to the POST', (_, r) => void r.end(), 'REGISTRY_PROTOCOL'],
  ['403', (_, r) => sendJson(r, 403, ociError('DENIED', 'x')), 'FORBIDDEN'],
  ['400', (_, r) => sendJson(r, 400, ociError('DIGEST_INVALID', 'x')), 'PUSH_REFUSED'],
  ['413', (_, r) => sendJson(r, 413, {}), 'PUSH_REFUSED'],
];
for (const [name, script, code] of REFUSED) {
  test(`${name} is ${code} for a blob`, async (t) => {
    const registry = await startScripted(t, script);
    await assert.rejects(startClient(t).pushBlob(registry.repository, BLOB, CONTENT), failure(code));
  });
}

test('refuses content of another size before a request', async (t) => {
  const client = startClient(t);
  const call = client.pushBlob({ registry: '127.0.0.1:1', repository: 'a' }, { ...BLOB, size: 6 }, CONTENT);
  await assert.rejects(call, failure('SIZE_MISMATCH'));
  assert.equal(client.facts.length, 0);
});

for (const reference of ['v1', MANIFEST_DIGEST]) {
  test(`puts a manifest under ${reference.slice(0, 10)} with its type and bytes`, async (t) => {
    const registry = await startScripted(
      t,
      (_, r) => void r.writeHead(201, { 'docker-content-digest': MANIFEST_DIGEST }).end(),
    );
    await startClient(t).pushManifest(registry.repository, reference, OCI_MANIFEST, MANIFEST);
    const [put] = registry.seen;
    assert.deepEqual(
      [put?.method, put?.path, put?.headers['content-type'], put?.body],
      ['PUT', `/v2/team/app/manifests/${reference}`, OCI_MANIFEST, MANIFEST.toString()],
    );
  });
}

const MANIFEST_REFUSED: readonly (readonly [string, string, Script, string])[] = [
  [
    'another digest than sent',
    'v1',
    (_, r) => void r.writeHead(201, { 'docker-content-digest': BLOB.digest }).end(),
    'DIGEST_MISMATCH',
  ],
  ['200', 'v1', (_, r) => void r.end(), 'REGISTRY_PROTOCOL'],
  ['400', 'v1', (_, r) => sendJson(r, 400, ociError('MANIFEST_INVALID', 'x')), 'PUSH_REFUSED'],
  [
    '412 of an immutable tag, as Harbor has them',
    'v1',
    (_, r) => sendJson(r, 412, ociError('PRECONDITION', 'v1 configured as immutable')),
    'PUSH_REFUSED',
  ],
  [
    '404 blob unknown',
    'v1',
    (_, r) => sendJson(r, 404, ociError('MANIFEST_BLOB_UNKNOWN', 'x')),
    'PUSH_REFUSED',
  ],
];
for (const [name, reference, script, code] of MANIFEST_REFUSED) {
  test(`${name} is ${code} for a manifest`, async (t) => {
    const registry = await startScripted(t, script);
    await assert.rejects(
      startClient(t).pushManifest(registry.repository, reference, OCI_MANIFEST, MANIFEST),
      failure(code),
    );
  });
}

test('a manifest is not put under a digest that is not its own, or under what is no reference', async (t) => {
  const client = startClient(t);
  const repository = { registry: '127.0.0.1:1', repository: 'a' };
  await assert.rejects(
    client.pushManifest(repository, BLOB.digest, OCI_MANIFEST, MANIFEST),
    failure('DIGEST_MISMATCH'),
  );
  await assert.rejects(
    client.pushManifest(repository, '../x', OCI_MANIFEST, MANIFEST),
    failure('REFERENCE_INVALID'),
  );
});

for (const [status, wanted] of [
  [200, true],
  [404, false],
  [307, true],
] as const) {
  test(`${status} to HEAD means ${wanted ? 'there' : 'not there'}`, async (t) => {
    const registry = await startScripted(
      t,
      (_, r) => void r.writeHead(status, { location: 'https://storage.example/x' }).end(),
    );
    assert.equal(await startClient(t).hasBlob(registry.repository, BLOB.digest), wanted);
    assert.equal(registry.seen.length, 1);
  });
}

test('a blob that was mounted under another digest is DIGEST_MISMATCH', async (t) => {
  const registry = await startScripted(
    t,
    (_, r) => void r.writeHead(201, { 'docker-content-digest': digestOf('other') }).end(),
  );
  const mountFrom = { ...registry.repository, repository: 'team/base' };
  await assert.rejects(
    startClient(t).pushBlob(registry.repository, BLOB, CONTENT, { mountFrom }),
    failure('DIGEST_MISMATCH'),
  );
});

test('a registry that wants patience is asked to mount again, and sent nothing', async (t) => {
  const registry = await startScripted(t, (_, r, count) => void r.writeHead(count === 1 ? 429 : 201).end());
  const mountFrom = { ...registry.repository, repository: 'team/base' };
  const pushed = await startClient(t).pushBlob(registry.repository, BLOB, CONTENT, { mountFrom });
  assert.equal(pushed, 'mounted');
  const mount = `${UPLOADS}?${new URLSearchParams({ mount: BLOB.digest, from: 'team/base' })}`;
  assert.deepEqual(
    registry.seen.map(({ method, path }) => [method, path]),
    [
      ['POST', mount],
      ['POST', mount],
    ],
  );
});

for (const status of [408, 425, 429, 500]) {
  test(`${status} to HEAD does not say that a blob is not there`, async (t) => {
    const registry = await startScripted(t, (_, r) => void r.writeHead(status).end());
    const client = startClient(t, { attempts: 1 });
    await assert.rejects(client.hasBlob(registry.repository, BLOB.digest));
  });
}
