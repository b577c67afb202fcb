import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { digestOf } from '../../shared/oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { ociImage, ociIndex, referrer } from '../support/artifacts/sample-manifests.ts';
import { codeOf, openRegistry, plant } from './test-registry.ts';

const BLOB = Buffer.from('the bytes of a blob');
const DIGEST = digestOf(BLOB);

async function openUpload(url: string): Promise<string> {
  const response = await fetch(`${url}/v2/a/b/blobs/uploads/`, { method: 'POST' });
  assert.equal(response.status, 202);
  return locationOf(response, url);
}

function locationOf(response: Response, url: string): string {
  const location = response.headers.get('location');
  assert.ok(location);
  return new URL(location, url).href;
}

const fetchBlob = async (url: string): Promise<string> =>
  (await fetch(`${url}/v2/a/b/blobs/${DIGEST}`)).text();

test('takes a blob with POST alone', async (t) => {
  const { url } = await openRegistry(t);
  const response = await fetch(`${url}/v2/a/b/blobs/uploads/?digest=${DIGEST}`, {
    method: 'POST',
    body: BLOB,
  });
  assert.equal(response.status, 201);
  assert.equal(await (await fetch(locationOf(response, url))).text(), BLOB.toString());
});

test('takes a blob with POST and PUT', async (t) => {
  const { url } = await openRegistry(t);
  const location = await openUpload(url);
  const response = await fetch(`${location}&digest=${DIGEST}`, { method: 'PUT', body: BLOB });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get('docker-content-digest'), DIGEST);
  assert.equal(await fetchBlob(url), BLOB.toString());
});

test('takes a blob in chunks, refusing one out of order', async (t) => {
  const { url } = await openRegistry(t);
  const location = await openUpload(url);
  const patch = (from: number, to: number, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(location, {
      method: 'PATCH',
      body: BLOB.subarray(from, to),
      headers: { 'Content-Range': `${from}-${to - 1}`, ...headers },
    });
  assert.equal((await patch(0, 5)).headers.get('range'), '0-4');
  assert.equal((await patch(7, 9)).status, 416);
  assert.equal((await patch(0, 5)).status, 416);
  assert.equal((await patch(5, 9, { 'Content-Range': 'nonsense' })).status, 416);
  assert.equal((await fetch(location)).headers.get('range'), '0-4');
  assert.equal((await patch(5, 9)).status, 202);
  const rest = { method: 'PUT', body: BLOB.subarray(9) };
  assert.equal((await fetch(`${location}&digest=${DIGEST}`, rest)).status, 201);
  assert.equal(await fetchBlob(url), BLOB.toString());
  assert.equal((await fetch(location)).status, 404, 'the upload is over');
});

test('refuses a blob whose bytes are others, and keeps nothing', async (t) => {
  const { url } = await openRegistry(t);
  for (const digest of [digestOf('other'), 'sha256:short', '']) {
    const target = `${await openUpload(url)}&digest=${digest}`;
    const response = await fetch(target, { method: 'PUT', body: BLOB });
    assert.equal(response.status, 400);
    assert.equal(await codeOf(response), 'DIGEST_INVALID');
  }
  assert.equal((await fetch(`${url}/v2/a/b/blobs/${DIGEST}`)).status, 404);
});

test('forgets an upload that is cancelled', async (t) => {
  const { url } = await openRegistry(t);
  const location = await openUpload(url);
  assert.equal((await fetch(location, { method: 'DELETE' })).status, 204);
  assert.equal((await fetch(`${location}&digest=${DIGEST}`, { method: 'PUT', body: BLOB })).status, 404);
});

test('keeps an upload to the repository it was opened in', async (t) => {
  const { url } = await openRegistry(t);
  const elsewhere = (await openUpload(url)).replace('/v2/a/b/', '/v2/a/c/');
  assert.equal((await fetch(`${elsewhere}&digest=${DIGEST}`, { method: 'PUT', body: BLOB })).status, 404);
});

test('mounts a blob from another repository, else opens an upload', async (t) => {
  const registry = await openRegistry(t);
  registry.content.addBlob('from/here', BLOB);
  const mount = (from: string): Promise<Response> =>
    fetch(`${registry.url}/v2/a/b/blobs/uploads/?mount=${DIGEST}&from=${from}`, { method: 'POST' });
  assert.equal((await mount('nowhere')).status, 202);
  assert.equal((await fetch(`${registry.url}/v2/a/b/blobs/${DIGEST}`)).status, 404);
  assert.equal((await mount('from/here')).status, 201);
  assert.equal(await fetchBlob(registry.url), BLOB.toString());
});

for (const [size, status] of [
  [BLOB.length, 201],
  [BLOB.length - 1, 413],
] as const) {
  for (const chunked of [false, true]) {
    const how = chunked ? 'of unknown length' : 'of known length';
    test(`answers ${status} to a blob ${how} of ${BLOB.length} bytes where ${size} are allowed`, async (t) => {
      const { url } = await openRegistry(t, { blobBytes: size });
      const body = chunked ? new Blob([BLOB]).stream() : BLOB;
      const response = await fetch(`${url}/v2/a/b/blobs/uploads/?digest=${DIGEST}`, {
        method: 'POST',
        body,
        duplex: 'half',
      } as RequestInit);
      assert.equal(response.status, status);
    });
  }
}

test('refuses a blob as soon as it is too long, and says so although more would come', async (t) => {
  const { url } = await openRegistry(t, { blobBytes: 4 });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const head = `POST /v2/a/b/blobs/uploads/?digest=${DIGEST} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked`;
  socket.write(`${head}\r\n\r\n5\r\n01234\r\n`);
  const [said] = (await once(socket, 'data')) as [Buffer];
  assert.match(said.toString(), /^HTTP\/1\.1 413 /);
  socket.destroy();
});

const putManifest = (
  url: string,
  reference: string,
  bytes: Uint8Array,
  type: string = OCI_MANIFEST,
): Promise<Response> =>
  fetch(`${url}/v2/a/b/manifests/${reference}`, {
    method: 'PUT',
    body: bytes,
    headers: { 'Content-Type': type },
  });

test('takes a manifest by tag, by digest and by sha512', async (t) => {
  const registry = await openRegistry(t);
  const { blobs, manifest } = ociImage('pushed');
  for (const { bytes } of blobs) registry.content.addBlob('a/b', bytes);
  for (const [reference, digest] of [
    ['v1', manifest.descriptor.digest],
    [manifest.descriptor.digest, manifest.descriptor.digest],
    [digestOf(manifest.bytes, 'sha512'), digestOf(manifest.bytes, 'sha512')],
  ] as const) {
    const response = await putManifest(registry.url, reference, manifest.bytes);
    assert.equal(response.status, 201);
    assert.equal(response.headers.get('docker-content-digest'), digest);
    assert.equal((await fetch(`${registry.url}/v2/a/b/manifests/${digest}`)).status, 200);
  }
});

test('names the subject of a manifest where it has a referrers API', async (t) => {
  for (const referrers of [true, false]) {
    const registry = await openRegistry(t, { referrers });
    const subject = ociImage('not pushed yet').manifest.descriptor;
    const { blobs, manifest } = referrer('signature', subject);
    for (const { bytes } of blobs) registry.content.addBlob('a/b', bytes);
    const response = await putManifest(registry.url, 'sig', manifest.bytes);
    assert.equal(response.headers.get('oci-subject'), referrers ? subject.digest : null);
  }
});

const { manifest: MANIFEST } = ociImage('refused');
const REFUSED = [
  ['a manifest whose blobs are missing', 'v1', MANIFEST.bytes, OCI_MANIFEST, 404, 'MANIFEST_BLOB_UNKNOWN'],
  [
    'an index whose manifests are missing',
    'v1',
    ociIndex('x').manifest.bytes,
    OCI_INDEX,
    404,
    'MANIFEST_BLOB_UNKNOWN',
  ],
  ['one sent as another type', 'v1', MANIFEST.bytes, OCI_INDEX, 400, 'MANIFEST_INVALID'],
  ['what is no JSON', 'v1', Buffer.from('{'), OCI_MANIFEST, 400, 'MANIFEST_INVALID'],
  ['what is no object', 'v1', Buffer.from('[]'), OCI_MANIFEST, 400, 'MANIFEST_INVALID'],
  ['another digest', digestOf('other'), MANIFEST.bytes, OCI_MANIFEST, 400, 'DIGEST_INVALID'],
  ['a bad tag', '-v1', MANIFEST.bytes, OCI_MANIFEST, 400, 'MANIFEST_INVALID'],
] as const;

for (const [what, reference, bytes, type, status, code] of REFUSED) {
  test(`refuses ${what}, and keeps nothing`, async (t) => {
    const { url } = await openRegistry(t);
    const response = await putManifest(url, reference, bytes, type);
    assert.equal(response.status, status);
    assert.equal(await codeOf(response), code);
    assert.equal((await fetch(`${url}/v2/a/b/manifests/${reference}`)).status, 404);
    assert.equal((await fetch(`${url}/v2/a/b/tags/list`)).status, 404, 'no repository came of it');
  });
}

for (const [limit, status] of [
  [MANIFEST.bytes.length, 201],
  [MANIFEST.bytes.length - 1, 413],
] as const) {
  test(`answers ${status} to a manifest of ${MANIFEST.bytes.length} bytes where ${limit} are allowed`, async (t) => {
    const registry = await openRegistry(t, { manifestBytes: limit });
    for (const { bytes } of ociImage('refused').blobs) registry.content.addBlob('a/b', bytes);
    assert.equal((await putManifest(registry.url, 'v1', MANIFEST.bytes)).status, status);
  });
}

test('deletes a tag alone, a manifest with its tags, and a blob', async (t) => {
  const registry = await openRegistry(t);
  const { manifest, blobs } = plant(registry, 'a/b', 'v1');
  plant(registry, 'a/b', 'v2');
  plant(registry, 'a/b', 'beside', ociImage('beside'));
  const { digest } = manifest.descriptor;
  const layer = blobs[1]?.descriptor.digest;
  const remove = async (path: string): Promise<number> =>
    (await fetch(`${registry.url}/v2/a/b/${path}`, { method: 'DELETE' })).status;
  const status = async (path: string): Promise<number> =>
    (await fetch(`${registry.url}/v2/a/b/${path}`)).status;
  assert.equal(await remove('manifests/v1'), 202);
  assert.deepEqual([await status('manifests/v1'), await status('manifests/v2')], [404, 200]);
  assert.equal(await remove(`manifests/${digest}`), 202);
  assert.deepEqual([await status('manifests/v2'), await status(`manifests/${digest}`)], [404, 404]);
  assert.equal(await status('manifests/beside'), 200);
  assert.equal(await remove('manifests/v2'), 404);
  assert.equal(await remove(`blobs/${layer}`), 202);
  assert.equal(await status(`blobs/${layer}`), 404);
});
