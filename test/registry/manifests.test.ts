import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { digestOf } from '../../shared/oci/digest.ts';
import { MANIFEST_TYPES, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { writeEndlessly } from '../support/artifacts/endless.ts';
import {
  failure,
  MANIFEST,
  MANIFEST_DIGEST,
  ociError,
  type Script,
  sendJson,
  sendManifest,
  startClient,
  startScripted,
} from './scripted-registry.ts';

/** GET of the manifest with other headers, status or bytes. */
const answer =
  (headers: Record<string, string>, body: Buffer | string = MANIFEST, status = 200): Script =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);
const TYPE = { 'content-type': OCI_MANIFEST };

test('sends the whole Accept list and identity encoding with GET and HEAD', async (t) => {
  const registry = await startScripted(t, sendManifest);
  const client = startClient(t);
  await client.peek(registry.repository, 'v1');
  await client.manifest(registry.repository, 'v1');
  for (const { headers } of registry.seen) {
    assert.equal(headers.accept, MANIFEST_TYPES.join(', '));
    assert.equal(headers['accept-encoding'], 'identity');
  }
});

test('gives the exact bytes, their digest and the content type as sent', async (t) => {
  const registry = await startScripted(t, answer({ 'content-type': `${OCI_MANIFEST}; charset=utf-8` }));
  const { bytes, digest, contentType } = await startClient(t).manifest(registry.repository, MANIFEST_DIGEST);
  assert.deepEqual(Buffer.from(bytes), MANIFEST);
  assert.equal(digest, MANIFEST_DIGEST);
  assert.equal(contentType, `${OCI_MANIFEST}; charset=utf-8`);
  assert.equal(registry.seen[0]?.path, `/v2/team/app/manifests/${MANIFEST_DIGEST}`);
});

const SHA512 = digestOf(MANIFEST, 'sha512');
test('a sha512 digest, asked for or claimed, is checked and kept', async (t) => {
  const registry = await startScripted(t, answer({ ...TYPE, 'docker-content-digest': SHA512 }));
  const client = startClient(t);
  assert.equal((await client.manifest(registry.repository, SHA512)).digest, SHA512);
  assert.equal((await client.manifest(registry.repository, 'v1')).digest, SHA512);
  assert.equal((await client.manifest(registry.repository, MANIFEST_DIGEST)).digest, MANIFEST_DIGEST);
});

const OTHER = digestOf('other');
const ANSWERS: readonly (readonly [string, Script, string, ...RegExp[]])[] = [
  [
    'a claimed digest that differs',
    answer({ ...TYPE, 'docker-content-digest': OTHER }),
    'DIGEST_MISMATCH',
    /Docker-Content-Digest/,
  ],
  [
    'HTML',
    answer({ 'content-type': 'text/html' }, '<html>\u001b[31mlogin'),
    'MEDIA_TYPE_UNSUPPORTED',
    /text\/html/,
    /<html>\\u001b/,
    /web page/,
  ],
  [
    'schema 1, whose digest is over a part of its bytes',
    answer(
      {
        'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws',
        'docker-content-digest': OTHER,
      },
      '{"schemaVersion": 1, "name": "a", "fsLayers": [], "signatures": []}',
    ),
    'MEDIA_TYPE_UNSUPPORTED',
    /schema 1/,
    /skopeo copy/,
  ],
  ['206', answer(TYPE, MANIFEST, 206), 'REGISTRY_PROTOCOL', /206/],
  ['204', answer(TYPE, '', 204), 'REGISTRY_PROTOCOL', /204/],
  ['304', answer(TYPE, '', 304), 'REGISTRY_PROTOCOL', /304/],
  [
    'a content encoding that cannot be undone',
    answer({ ...TYPE, 'content-encoding': 'br' }, 'xxxx'),
    'REGISTRY_PROTOCOL',
    /Content-Encoding "br"/,
  ],
  ['401 without a challenge', (_, r) => sendJson(r, 401, ociError('UNAUTHORIZED', 'no')), 'UNAUTHORIZED'],
  ['403', (_, r) => sendJson(r, 403, ociError('DENIED', 'no')), 'FORBIDDEN'],
  [
    '412 of a registry that lets no vulnerable image be pulled',
    (_, r) =>
      sendJson(r, 412, ociError('PROJECTPOLICYVIOLATION', 'cannot be pulled due to configured policy')),
    'FORBIDDEN',
    /answered 412 to a request without a credential, saying "PROJECTPOLICYVIOLATION: cannot be pulled/,
    /keeps it back by a rule of its own/,
  ],
  [
    '404 MANIFEST_UNKNOWN',
    (_, r) => sendJson(r, 404, ociError('MANIFEST_UNKNOWN', 'x')),
    'TAG_NOT_FOUND',
    /app:v1/,
  ],
  ['404 NAME_UNKNOWN', (_, r) => sendJson(r, 404, ociError('NAME_UNKNOWN', 'x')), 'REPOSITORY_NOT_FOUND'],
  [
    '404 with a web page',
    answer({ 'content-type': 'text/html' }, '<h1>nginx', 404),
    'TAG_NOT_FOUND',
    /nginx/,
  ],
  ['405', (_, r) => sendJson(r, 405, ociError('UNSUPPORTED', 'x')), 'REGISTRY_PROTOCOL', /405/],
  [
    'a TLS port',
    answer({}, 'Client sent an HTTP request to an HTTPS server.\n', 400),
    'REGISTRY_PROTOCOL',
    /leave out --plain-http/,
  ],
];
for (const [name, script, code, ...says] of ANSWERS) {
  test(`${name} is ${code}`, async (t) => {
    const registry = await startScripted(t, script);
    await assert.rejects(startClient(t).manifest(registry.repository, 'v1'), failure(code, ...says));
    assert.equal(registry.seen.length, 1);
  });
}

/** What is said about the bytes does not count where they are proven, or say it themselves. */
const LABELS: readonly (readonly [string, Record<string, string>])[] = [
  ['no content type', {}],
  ['a content type that is none of a manifest', { 'content-type': 'text/plain' }],
  ['the content type of a web page', { 'content-type': 'text/html; charset=utf-8' }],
  [
    'the content type of schema 1',
    { 'content-type': 'application/vnd.docker.distribution.manifest.v1+json' },
  ],
  ['a claimed digest that is none', { ...TYPE, 'docker-content-digest': 'sha256:../../etc' }],
  ['an empty claim', { ...TYPE, 'docker-content-digest': '' }],
  ['a claimed digest of an algorithm that is not ours', { ...TYPE, 'docker-content-digest': 'md5:d41d8cd9' }],
  ['a content encoding that it has not', { ...TYPE, 'content-encoding': 'gzip' }],
];
for (const [name, headers] of LABELS) {
  test(`a manifest sent with ${name} is what its bytes are`, async (t) => {
    const registry = await startScripted(t, answer(headers));
    assert.equal((await startClient(t).manifest(registry.repository, 'v1')).digest, MANIFEST_DIGEST);
  });
}

test('what a registry claims does not count where a digest was asked for, since that proves the bytes', async (t) => {
  const registry = await startScripted(t, answer({ ...TYPE, 'docker-content-digest': OTHER }));
  const { digest } = await startClient(t).manifest(registry.repository, MANIFEST_DIGEST);
  assert.equal(digest, MANIFEST_DIGEST);
});

test('a manifest that a proxy compressed is hashed as it was asked for', async (t) => {
  const registry = await startScripted(
    t,
    answer({ ...TYPE, 'content-encoding': 'gzip' }, gzipSync(MANIFEST)),
  );
  const { bytes, digest } = await startClient(t).manifest(registry.repository, 'v1');
  assert.deepEqual(Buffer.from(bytes), MANIFEST);
  assert.equal(digest, MANIFEST_DIGEST);
});

test('a manifest that unpacks to more than the limit is cut there', async (t) => {
  const bomb = gzipSync(Buffer.alloc(MANIFEST.length + 1, '{'));
  const registry = await startScripted(t, answer({ ...TYPE, 'content-encoding': 'gzip' }, bomb));
  const client = startClient(t, { limits: { manifestBytes: MANIFEST.length } });
  await assert.rejects(client.manifest(registry.repository, 'v1'), failure('MANIFEST_TOO_LARGE'));
});

test('other bytes than the digest asked for are refused, whatever the header says', async (t) => {
  const registry = await startScripted(t, answer({ ...TYPE, 'docker-content-digest': OTHER }));
  await assert.rejects(
    startClient(t).manifest(registry.repository, OTHER),
    failure('DIGEST_MISMATCH', /asked for/),
  );
});

for (const type of [
  {},
  { 'content-type': 'application/json' },
  { 'content-type': 'application/octet-stream' },
]) {
  test(`a static registry's ${JSON.stringify(type)} is left to the document`, async (t) => {
    const registry = await startScripted(t, answer(type as Record<string, string>));
    assert.equal((await startClient(t).manifest(registry.repository, 'v1')).digest, MANIFEST_DIGEST);
  });
}

test('a manifest of the limit passes, one byte more does not, with or without Content-Length', async (t) => {
  const registry = await startScripted(t, (seen, response) => {
    if (seen.path.endsWith('chunked')) response.writeHead(200, TYPE).write(MANIFEST.subarray(0, 5));
    else response.writeHead(200, { ...TYPE, 'content-length': MANIFEST.length });
    response.end(seen.path.endsWith('chunked') ? MANIFEST.subarray(5) : MANIFEST);
  });
  const just = startClient(t, { limits: { manifestBytes: MANIFEST.length } });
  const short = startClient(t, { limits: { manifestBytes: MANIFEST.length - 1 } });
  for (const tag of ['whole', 'chunked']) {
    await just.manifest(registry.repository, tag);
    await assert.rejects(short.manifest(registry.repository, tag), failure('MANIFEST_TOO_LARGE'));
  }
});

test('an endless manifest is cut at the limit', async (t) => {
  const registry = await startScripted(t, (_, response) => {
    writeEndlessly(response.writeHead(200, TYPE), 'x'.repeat(65_536));
  });
  await assert.rejects(startClient(t).manifest(registry.repository, 'v1'), failure('MANIFEST_TOO_LARGE'));
});

for (const reference of ['../../x', 'a/b', 'sha256:abc', `sha256:${'A'.repeat(64)}`, '', 'v1?x', 'v 1']) {
  test(`${JSON.stringify(reference)} never becomes a path`, async (t) => {
    const client = startClient(t);
    await assert.rejects(
      client.manifest({ registry: '127.0.0.1:1', repository: 'a' }, reference),
      failure('REFERENCE_INVALID'),
    );
    assert.equal(client.facts.length, 0);
  });
}

const PEEKS: readonly (readonly [string, Script, string | undefined])[] = [
  ['a digest', sendManifest, MANIFEST_DIGEST],
  ['no header', (_, r) => void r.writeHead(200).end(), undefined],
  [
    'no digest in the header',
    (_, r) => void r.writeHead(200, { 'docker-content-digest': 'sha256:x' }).end(),
    undefined,
  ],
  [
    'two digests',
    (_, r) => void r.setHeader('docker-content-digest', [OTHER, MANIFEST_DIGEST]).writeHead(200).end(),
    undefined,
  ],
  ['405', (_, r) => void r.writeHead(405).end(), undefined],
  ['400', (_, r) => void r.writeHead(400).end(), undefined],
  ['204', (_, r) => void r.writeHead(204).end(), undefined],
];
for (const [name, script, wanted] of PEEKS) {
  test(`peek at ${name} gives ${wanted?.slice(0, 12)}, with one request`, async (t) => {
    const registry = await startScripted(t, script);
    assert.equal(await startClient(t).peek(registry.repository, 'v1'), wanted);
    assert.deepEqual(
      registry.seen.map(({ method }) => method),
      ['HEAD'],
    );
  });
}

test('peek asks with GET what a 404 to HEAD was about', async (t) => {
  const registry = await startScripted(t, ({ method }, response) =>
    method === 'HEAD'
      ? void response.writeHead(404).end()
      : sendJson(response, 404, ociError('NAME_UNKNOWN', 'x')),
  );
  await assert.rejects(startClient(t).peek(registry.repository, 'v1'), failure('REPOSITORY_NOT_FOUND'));
});

test('peeks one after another use their connections again', async (t) => {
  const registry = await startScripted(t, sendManifest);
  const client = startClient(t);
  for (let poll = 0; poll < 5; poll++) await client.peek(registry.repository, 'v1');
  // The next may start before the last has quite let go of its own.
  assert.ok(registry.connections() <= 2, `${registry.connections()} connections for 5 peeks`);
});

test('what a registry says is shown escaped, cut, and without our secret', async (t) => {
  const said = `no\u202e\u0007 wonder:land ${'x'.repeat(2000)}`;
  const registry = await startScripted(t, (_, r) => sendJson(r, 403, ociError('DENIED', said)));
  const client = startClient(t, {
    credential: { kind: 'basic', username: 'alice', password: 'wonder:land' },
  });
  await assert.rejects(client.manifest(registry.repository, 'v1'), ({ message }: Error) => {
    assert.match(message, /DENIED: no\\u202e\\u0007 \*\*\* x/);
    assert.ok(message.length < 800);
    return true;
  });
});
