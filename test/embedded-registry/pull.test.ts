import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../shared/oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { ociImage, referrer } from '../support/artifacts/sample-manifests.ts';
import { codeOf, openRegistry, plant } from './test-registry.ts';

test('serves a manifest by tag and by digest with its type and digest', async (t) => {
  const registry = await openRegistry(t);
  const { manifest } = plant(registry, 'a/b', 'v1');
  for (const reference of ['v1', manifest.descriptor.digest]) {
    const response = await fetch(`${registry.url}/v2/a/b/manifests/${reference}`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), OCI_MANIFEST);
    assert.equal(response.headers.get('docker-content-digest'), manifest.descriptor.digest);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), Buffer.from(manifest.bytes));
  }
});

test('answers HEAD with the length and no body', async (t) => {
  const registry = await openRegistry(t);
  const { manifest, blobs } = plant(registry, 'a/b', 'v1');
  const layer = blobs[1]?.descriptor;
  assert.ok(layer);
  for (const [path, descriptor] of [
    ['manifests/v1', manifest.descriptor],
    [`blobs/${layer.digest}`, layer],
  ] as const) {
    const response = await fetch(`${registry.url}/v2/a/b/${path}`, { method: 'HEAD' });
    assert.equal(response.headers.get('content-length'), String(descriptor.size));
    assert.equal(response.headers.get('docker-content-digest'), descriptor.digest);
    assert.equal((await response.arrayBuffer()).byteLength, 0);
  }
});

test('answers 304 where the client has the manifest', async (t) => {
  const registry = await openRegistry(t);
  const { manifest } = plant(registry, 'a/b', 'v1');
  for (const [tag, status] of [
    [`"${manifest.descriptor.digest}"`, 304],
    [`"x", "${manifest.descriptor.digest}"`, 304],
    [`"${digestOf('other')}"`, 200],
  ] as const) {
    const headers = { 'If-None-Match': tag };
    const response = await fetch(`${registry.url}/v2/a/b/manifests/v1`, { headers });
    assert.equal(response.status, status, tag);
  }
});

test('has nothing for a client that does not accept the media type', async (t) => {
  const registry = await openRegistry(t);
  plant(registry, 'a/b', 'v1');
  for (const [accept, status] of [
    [OCI_INDEX, 404],
    [`${OCI_INDEX}, ${OCI_MANIFEST};q=0.5`, 200],
    ['*/*', 200],
  ] as const) {
    const response = await fetch(`${registry.url}/v2/a/b/manifests/v1`, { headers: { accept } });
    assert.equal(response.status, status, accept);
  }
});

const ABSENT = digestOf('absent');
const REFUSALS = [
  ['GET', '/v2/a/b/manifests/v2', 404, 'MANIFEST_UNKNOWN'],
  ['GET', `/v2/a/b/manifests/${ABSENT}`, 404, 'MANIFEST_UNKNOWN'],
  ['GET', '/v2/a/c/manifests/v1', 404, 'NAME_UNKNOWN'],
  ['GET', '/v2/a/c/tags/list', 404, 'NAME_UNKNOWN'],
  ['GET', `/v2/a/b/blobs/${ABSENT}`, 404, 'BLOB_UNKNOWN'],
  ['GET', '/v2/a/b/blobs/sha256:xyz', 400, 'DIGEST_INVALID'],
  ['GET', '/v2/a/b/referrers/latest', 400, 'DIGEST_INVALID'],
  ['GET', '/v2/A/b/manifests/v1', 400, 'NAME_INVALID'],
  ['GET', '/v2/a%2F..%2Fb/manifests/v1', 400, 'NAME_INVALID'],
  ['GET', '/v2/a/b/tags/list?n=-1', 400, 'UNSUPPORTED'],
  ['POST', '/v2/a/b/manifests/v1', 405, 'UNSUPPORTED'],
  ['DELETE', '/v2/a/b/tags/list', 405, 'UNSUPPORTED'],
  ['GET', '/v2/a/b/blobs/uploads/', 405, 'UNSUPPORTED'],
  ['GET', '/v2/a/b/blobs/uploads/none', 404, 'BLOB_UPLOAD_UNKNOWN'],
  ['GET', '/token', 404, 'UNSUPPORTED'],
  ['GET', '/elsewhere', 404, 'UNSUPPORTED'],
] as const;

for (const [method, path, status, code] of REFUSALS) {
  test(`answers ${method} ${path.slice(0, 60)} with ${status} ${code}`, async (t) => {
    const registry = await openRegistry(t);
    plant(registry, 'a/b', 'v1');
    const response = await fetch(registry.url + path, { method });
    assert.equal(response.status, status);
    assert.equal(await codeOf(response), code);
  });
}

const RANGES = [
  ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
  ['bytes=8-', 206, '89', 'bytes 8-9/10'],
  ['bytes=-3', 206, '789', 'bytes 7-9/10'],
  ['bytes=-30', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
  ['bytes=9-9', 206, '9', 'bytes 9-9/10'],
  ['bytes=10-', 416, undefined, 'bytes */10'],
  ['bytes=-0', 416, undefined, 'bytes */10'],
  ['bytes=5-2', 200, '0123456789', null],
  ['bytes=0-1,3-4', 200, '0123456789', null],
  ['lines=0-1', 200, '0123456789', null],
] as const;

for (const [range, status, body, contentRange] of RANGES) {
  test(`answers Range: ${range} with ${status}`, async (t) => {
    const registry = await openRegistry(t);
    const digest = registry.content.addBlob('a/b', Buffer.from('0123456789'));
    const response = await fetch(`${registry.url}/v2/a/b/blobs/${digest}`, { headers: { range } });
    assert.equal(response.status, status);
    assert.equal(response.headers.get('content-range'), contentRange);
    const text = await response.text();
    if (body !== undefined) assert.equal(text, body);
  });
}

async function readPages(url: string, path: string): Promise<readonly (readonly string[])[]> {
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const response = await fetch(url + next);
    const { tags } = (await response.json()) as { readonly tags: string[] };
    pages.push(tags);
    next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
  }
  return pages;
}

const PAGES = [
  ['', [['a', 'b'], ['c', 'd'], ['e']]],
  ['?n=3', [['a', 'b'], ['c', 'd'], ['e']]],
  ['?n=1&last=c', [['d'], ['e']]],
  ['?last=bb', [['c', 'd'], ['e']]],
  ['?n=0', [[]]],
] as const;

for (const [query, pages] of PAGES) {
  test(`lists tags in order in pages of two at most: tags/list${query}`, async (t) => {
    const registry = await openRegistry(t, { pageSize: 2 });
    for (const tag of ['c', 'a', 'e', 'd', 'b']) registry.content.moveTag('a/b', tag, ABSENT);
    assert.deepEqual(await readPages(registry.url, `/v2/a/b/tags/list${query}`), pages);
  });
}

test('lists referrers, by artifact type where asked', async (t) => {
  const registry = await openRegistry(t);
  const { manifest } = plant(registry, 'a/b', 'v1');
  const signature = plant(registry, 'a/b', 'sig', referrer('signature', manifest.descriptor));
  plant(registry, 'a/b', 'other', referrer('of another', ociImage('another').manifest.descriptor));
  for (const [type, digests] of [
    [undefined, [signature.manifest.descriptor.digest]],
    ['application/vnd.example.signature', [signature.manifest.descriptor.digest]],
    ['application/vnd.example.sbom', []],
  ] as const) {
    const query = type === undefined ? '' : `?artifactType=${encodeURIComponent(type)}`;
    const response = await fetch(`${registry.url}/v2/a/b/referrers/${manifest.descriptor.digest}${query}`);
    assert.equal(response.headers.get('content-type'), OCI_INDEX);
    assert.equal(response.headers.get('oci-filters-applied'), type === undefined ? null : 'artifactType');
    const { manifests } = (await response.json()) as { readonly manifests: { readonly digest: string }[] };
    assert.deepEqual(
      manifests.map(({ digest }) => digest),
      digests,
    );
  }
});

test('has an empty list of referrers for what it does not know', async (t) => {
  const registry = await openRegistry(t);
  const response = await fetch(`${registry.url}/v2/a/b/referrers/${ABSENT}`);
  assert.equal(response.status, 200);
  assert.deepEqual(((await response.json()) as { readonly manifests: unknown }).manifests, []);
});

test('has no referrers API where it is switched off', async (t) => {
  const registry = await openRegistry(t, { referrers: false });
  const response = await fetch(`${registry.url}/v2/a/b/referrers/${ABSENT}`);
  assert.equal(response.status, 404);
});

test('serves what was planted, however broken', async (t) => {
  const registry = await openRegistry(t);
  registry.content.addManifest('a/b', OCI_MANIFEST, Buffer.from('{"not": json'), { tag: 'broken' });
  registry.content.addBlob('a/b', Buffer.from('other bytes'), ABSENT);
  assert.equal(await (await fetch(`${registry.url}/v2/a/b/manifests/broken`)).text(), '{"not": json');
  assert.equal(await (await fetch(`${registry.url}/v2/a/b/blobs/${ABSENT}`)).text(), 'other bytes');
});

test('logs requests without their secrets, until reset', async (t) => {
  const registry = await openRegistry(t);
  plant(registry, 'a/b', 'v1');
  const headers = { authorization: 'Basic c2VjcmV0OnNlY3JldA==', cookie: 'secret', 'x-trace': '1' };
  await fetch(`${registry.url}/v2/a/b/manifests/v1?ns=x`, { headers });
  await fetch(`${registry.url}/v2/a/b/manifests/v2`, { method: 'HEAD' });
  const facts = registry.requests.entries.map(({ method, path, query, authorized, status }) => [
    method,
    path,
    query,
    authorized,
    status,
  ]);
  assert.deepEqual(facts, [
    ['GET', '/v2/a/b/manifests/v1', 'ns=x', true, 200],
    ['HEAD', '/v2/a/b/manifests/v2', '', false, 404],
  ]);
  assert.equal(registry.requests.entries[0]?.headers['x-trace'], '1');
  assert.doesNotMatch(JSON.stringify(registry.requests.entries), /c2VjcmV0|secret/);
  assert.equal(registry.requests.count('GET', /manifests/g), 1);
  assert.equal(registry.requests.count(), 2);
  registry.requests.reset();
  assert.deepEqual(registry.requests.entries, []);
});
