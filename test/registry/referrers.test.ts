import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../shared/oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import {
  failure,
  MANIFEST_DIGEST,
  ociError,
  type Script,
  type Seen,
  sendJson,
  sendManifest,
  startClient,
  startScripted,
} from './scripted-registry.ts';

const SUBJECT = digestOf('subject');
const API = `/v2/team/app/referrers/${SUBJECT}`;
const FALLBACK = `/v2/team/app/manifests/sha256-${SUBJECT.slice(7)}`;
const entry = (name: string) => ({
  mediaType: OCI_MANIFEST,
  digest: digestOf(name),
  size: 3,
  artifactType: `application/${name}`,
});
const index = (...names: readonly string[]) => ({
  schemaVersion: 2,
  mediaType: OCI_INDEX,
  manifests: names.map(entry),
});
const TYPE = { 'content-type': OCI_INDEX };

test('reads every page of the API', async (t) => {
  const registry = await startScripted(t, ({ path }, response) =>
    path === API
      ? sendJson(response, 200, index('a', 'b'), { ...TYPE, link: `<${API}?page=2>; rel=next` })
      : sendJson(response, 200, index('c'), TYPE),
  );
  const found = await startClient(t).referrers(registry.repository, SUBJECT);
  assert.deepEqual(found, ['a', 'b', 'c'].map(entry));
});

const notThere: Script = (_, response) => sendJson(response, 404, ociError('NOT_FOUND', 'page not found'));
const missing: Script = (_, response) => sendJson(response, 404, ociError('MANIFEST_UNKNOWN', 'x'));
const fallback: Script = (_, response) => sendJson(response, 200, index('f'), TYPE);
const split =
  (api: Script, tag: Script): Script =>
  (seen: Seen, response, count) =>
    (seen.path === API ? api : tag)(seen, response, count);

for (const [name, api] of [
  ['404', notThere],
  ['405', (_, response) => sendJson(response, 405, ociError('UNSUPPORTED', 'x'))],
  [
    'a web page',
    (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
  ],
] as readonly (readonly [string, Script])[]) {
  test(`${name} instead of the API leads to the fallback tag`, async (t) => {
    const registry = await startScripted(t, split(api, fallback));
    assert.deepEqual(await startClient(t).referrers(registry.repository, SUBJECT), [entry('f')]);
    assert.deepEqual(
      registry.seen.map(({ path }) => path),
      [API, FALLBACK],
    );
  });
}

test('neither API nor fallback tag means none', async (t) => {
  const registry = await startScripted(t, split(notThere, missing));
  assert.deepEqual(await startClient(t).referrers(registry.repository, SUBJECT), []);
});

const REFUSED: readonly (readonly [string, Script, string])[] = [
  ['a manifest from the API', sendManifest, 'REGISTRY_PROTOCOL'],
  ['a manifest under the fallback tag', split(notThere, sendManifest), 'REGISTRY_PROTOCOL'],
  ['403', (_, r) => sendJson(r, 403, {}), 'FORBIDDEN'],
  [
    'a page that is not said',
    (_, r) => sendJson(r, 200, index(), { ...TYPE, link: '<https://evil.example/x>; rel="next"' }),
    'LINK_DENIED',
  ],
  [
    'a page that links to itself',
    (_, r) => sendJson(r, 200, index(), { ...TYPE, link: `<${API}>; rel="next"` }),
    'LINK_DENIED',
  ],
  ['nonsense', (_, r) => sendJson(r, 200, { schemaVersion: 2, manifests: 'x' }, TYPE), 'MANIFEST_INVALID'],
];
for (const [name, script, code] of REFUSED) {
  test(`${name} is ${code}`, async (t) => {
    const registry = await startScripted(t, script);
    await assert.rejects(startClient(t).referrers(registry.repository, SUBJECT), failure(code));
  });
}

test('an index over the limit is refused', async (t) => {
  const registry = await startScripted(t, (_, response) => sendJson(response, 200, index('a', 'b'), TYPE));
  const client = startClient(t, { limits: { manifestBytes: JSON.stringify(index('a', 'b')).length - 1 } });
  await assert.rejects(client.referrers(registry.repository, SUBJECT), failure('MANIFEST_TOO_LARGE'));
  assert.notEqual(MANIFEST_DIGEST, SUBJECT);
});
