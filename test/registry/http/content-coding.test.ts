import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { digestOf } from '../../../shared/oci/digest.ts';
import { peekAt } from '../../../shared/registry/http/content-coding.ts';
import {
  failure,
  MANIFEST,
  MANIFEST_DIGEST,
  type Script,
  startClient,
  startScripted,
} from '../scripted-registry.ts';

const answer =
  (headers: Record<string, string>, body: string | Uint8Array): Script =>
  ({ method }, response) =>
    void response.writeHead(200, headers).end(method === 'HEAD' ? undefined : body);
const TYPE = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };

describe('a manifest', () => {
  for (const [name, headers, body] of [
    ['that a proxy encoded with gzip', { 'content-encoding': 'gzip' }, gzipSync(MANIFEST)],
    ['that a proxy encoded with x-gzip', { 'content-encoding': ' X-GZIP ' }, gzipSync(MANIFEST)],
    ['that a proxy encoded with deflate', { 'content-encoding': 'deflate' }, deflateSync(MANIFEST)],
    ['that a proxy encoded with zstd', { 'content-encoding': 'zstd' }, zstdCompressSync(MANIFEST)],
    ['that is said to be encoded and is not', { 'content-encoding': 'gzip' }, MANIFEST],
    ['that is said to be a text', { 'content-type': 'text/plain; charset=utf-8' }, MANIFEST],
    ['that is said to be a page', { 'content-type': 'text/html' }, MANIFEST],
  ] as const) {
    test(`${name} is what its bytes are`, async (t) => {
      const registry = await startScripted(t, answer({ ...TYPE, ...headers }, body));
      const client = startClient(t);
      for (const reference of ['v1', MANIFEST_DIGEST]) {
        const got = await client.manifest(registry.repository, reference);
        assert.equal(got.digest, MANIFEST_DIGEST);
        assert.deepEqual(Buffer.from(got.bytes), MANIFEST);
      }
    });
  }

  for (const [name, headers, body, code] of [
    ['encoded, of other bytes', { 'content-encoding': 'gzip' }, gzipSync('{}'), 'DIGEST_MISMATCH'],
    [
      'that unfolds over the limit',
      { 'content-encoding': 'gzip' },
      gzipSync(Buffer.alloc(50_000_000)),
      'MANIFEST_TOO_LARGE',
    ],
    [
      'encoded twice',
      { 'content-encoding': 'gzip, gzip' },
      gzipSync(gzipSync(MANIFEST)),
      'REGISTRY_PROTOCOL',
    ],
    ['in a coding that is not taken', { 'content-encoding': 'br' }, '\x0b\x02\x80hi', 'REGISTRY_PROTOCOL'],
    ['that is neither encoded nor a document', { 'content-encoding': 'gzip' }, 'hello', 'REGISTRY_PROTOCOL'],
    ['that is a page', { 'content-type': 'text/html' }, '<html>', 'MEDIA_TYPE_UNSUPPORTED'],
    ['of schema 1', { 'content-type': 'text/plain' }, '{"schemaVersion":1}', 'MEDIA_TYPE_UNSUPPORTED'],
  ] as const) {
    test(`${name} is ${code}`, async (t) => {
      const registry = await startScripted(t, answer({ ...TYPE, ...headers }, body));
      const client = startClient(t, { attempts: 1 });
      await assert.rejects(client.manifest(registry.repository, MANIFEST_DIGEST), failure(code));
    });
  }
});

test('a list that a proxy encoded is read, and one that is said to be encoded', async (t) => {
  for (const body of [gzipSync('{"tags":["v1"]}'), '{"tags":["v1"]}']) {
    const registry = await startScripted(t, answer({ 'content-encoding': 'gzip' }, body));
    assert.deepEqual(await startClient(t).tags(registry.repository), ['v1']);
  }
});

test('of a body without a byte nothing is seen, and nothing comes', async () => {
  const { start, rest } = await peekAt(Readable.from([], { objectMode: false }));
  assert.deepEqual([start.length, (await buffer(rest)).length], [0, 0]);
});

describe('a blob', () => {
  const layer = gzipSync('a layer');
  const text = Buffer.from('{"a":"text that a proxy would make shorter"}'.repeat(100));
  const length = (body: Uint8Array): Record<string, string> => ({ 'content-length': String(body.length) });
  const CODED = { 'content-encoding': 'gzip' };
  for (const [name, content, headers, body] of [
    ['whose storage calls its gzip an encoding', layer, { ...CODED, ...length(layer) }, layer],
    ['encoded by a proxy, with its length', text, { ...CODED, ...length(gzipSync(text)) }, gzipSync(text)],
    ['encoded by a proxy, in chunks', text, CODED, gzipSync(text)],
    ['that is gzip, encoded again', layer, CODED, gzipSync(layer)],
    ['that is said to be a page', text, { 'content-type': 'text/html', ...length(text) }, text],
    ['that is said to be a page, in chunks', text, { 'content-type': 'text/html' }, text],
  ] as const) {
    test(`${name} comes as it was pushed`, async (t) => {
      const registry = await startScripted(t, answer(headers, body));
      const descriptor = { mediaType: 'x/y', digest: digestOf(content), size: content.length };
      const stream = await startClient(t).blob(registry.repository, descriptor);
      assert.deepEqual(Buffer.concat(await stream.toArray()), content);
    });
  }

  test('behind a redirect that has a page for its body comes as it was pushed', async (t) => {
    const storage = await startScripted(t, answer({ 'content-type': 'application/xml' }, text));
    const registry = await startScripted(
      t,
      (_, response) =>
        void response
          .writeHead(307, { location: `${storage.origin}/x`, 'content-type': 'text/html' })
          .end('<a href="/x">Temporary Redirect</a>'),
    );
    const descriptor = { mediaType: 'x/y', digest: digestOf(text), size: text.length };
    const stream = await startClient(t).blob(registry.repository, descriptor);
    assert.deepEqual(Buffer.concat(await stream.toArray()), text);
  });

  for (const [name, size, headers, body, code] of [
    ['that unfolds over its size', 100, CODED, gzipSync(Buffer.alloc(50_000_000)), 'SIZE_MISMATCH'],
    ['that unfolds to less', 100, CODED, gzipSync('less'), 'SIZE_MISMATCH'],
    ['encoded twice', 100, { 'content-encoding': 'gzip, gzip' }, 'x', 'REGISTRY_PROTOCOL'],
    ['that is said to be encoded and is not', 100, CODED, 'hello', 'REGISTRY_PROTOCOL'],
    ['that is a page', 100, { 'content-type': 'text/html' }, '<html>', 'REGISTRY_PROTOCOL'],
  ] as const) {
    test(`${name} is ${code}`, async (t) => {
      const registry = await startScripted(t, answer(headers, body));
      const descriptor = { mediaType: 'x/y', digest: MANIFEST_DIGEST, size };
      const read = async (): Promise<unknown> =>
        (await startClient(t, { attempts: 1 }).blob(registry.repository, descriptor)).toArray();
      await assert.rejects(read(), failure(code));
    });
  }
});
