import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { MANIFEST, MANIFEST_DIGEST } from '../scripted-registry.ts';
import { drip, endless } from './hostile-stream.ts';
import { behave, CONTENT, type Misbehaviour, misbehaves } from './misbehaviour.ts';

type Fields = Readonly<Record<string, string>>;

const on = (
  call: NonNullable<Misbehaviour['call']>,
  name: string,
  code: Misbehaviour['code'],
  [status, headers, body]: readonly [number, Fields, string | Uint8Array],
): Misbehaviour => ({
  name: `${call}: ${name}`,
  code,
  call,
  act: (_, __, send) => send.answer(status, headers, body),
});

const OCI = { 'content-type': OCI_MANIFEST };
const OTHER = `sha256:${createHash('sha256').update('other').digest('hex')}`;
const GZIP = { 'content-encoding': 'gzip' };

misbehaves([
  on('manifest', 'the digest of other bytes', 'DIGEST_MISMATCH', [
    200,
    { ...OCI, 'docker-content-digest': OTHER },
    MANIFEST,
  ]),
  on('manifest', 'a digest that is none', 'fine', [
    200,
    { ...OCI, 'docker-content-digest': 'sha256:../../x' },
    MANIFEST,
  ]),
  on('manifest', 'two digests', 'fine', [
    200,
    { ...OCI, 'docker-content-digest': `${MANIFEST_DIGEST}, ${OTHER}` },
    MANIFEST,
  ]),
  on('manifest', 'a digest in an algorithm of 1995', 'fine', [
    200,
    { ...OCI, 'docker-content-digest': 'md5:d41d8cd98f00b204e9800998ecf8427e' },
    MANIFEST,
  ]),
  on('pinned', 'other bytes under the digest that was asked for', 'DIGEST_MISMATCH', [
    200,
    { ...OCI, 'docker-content-digest': MANIFEST_DIGEST },
    '{}',
  ]),
  on('pinned', 'no bytes at all', 'DIGEST_MISMATCH', [200, OCI, '']),
  on('manifest', 'a page', 'MEDIA_TYPE_UNSUPPORTED', [200, { 'content-type': 'text/html' }, '<html>']),
  on('manifest', 'a picture', 'MEDIA_TYPE_UNSUPPORTED', [200, { 'content-type': 'image/png' }, '\u0089PNG']),
  on('manifest', 'a manifest that is called a picture', 'fine', [
    200,
    { 'content-type': 'image/png' },
    MANIFEST,
  ]),
  on('manifest', 'a manifest of 2014', 'MEDIA_TYPE_UNSUPPORTED', [
    200,
    {
      'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws',
      'docker-content-digest': OTHER,
    },
    '{"schemaVersion": 1, "fsLayers": [], "signatures": []}',
  ]),
  on('manifest', 'a content type of 10 kB', 'fine', [
    200,
    { 'content-type': 'x/'.padEnd(10_000, 'y') },
    MANIFEST,
  ]),
  on('manifest', 'a part for the whole', 'REGISTRY_PROTOCOL', [
    206,
    { ...OCI, 'content-range': 'bytes 0-9/100' },
    MANIFEST,
  ]),
  on('manifest', 'nothing, well meant', 'REGISTRY_PROTOCOL', [204, OCI, '']),
  on('manifest', 'a bomb in gzip', 'MANIFEST_TOO_LARGE', [
    200,
    { ...OCI, ...GZIP },
    gzipSync(Buffer.alloc(50_000_000)),
  ]),
  on('manifest', 'an encoding that nobody knows', 'REGISTRY_PROTOCOL', [
    200,
    { ...OCI, 'content-encoding': 'x-snappy' },
    '\u00ff\u0006sNaPpY',
  ]),
  on('manifest', 'gzip within gzip', 'REGISTRY_PROTOCOL', [
    200,
    { ...OCI, 'content-encoding': 'gzip, gzip' },
    gzipSync(gzipSync(MANIFEST)),
  ]),
  on('manifest', 'a label for an encoding that it has not', 'fine', [
    200,
    { ...OCI, 'content-encoding': 'br' },
    MANIFEST,
  ]),
  on('manifest', 'gzip that was not asked for, and is one', 'fine', [
    200,
    { ...OCI, ...GZIP },
    gzipSync(MANIFEST),
  ]),
  on('manifest', 'one byte over the limit', 'MANIFEST_TOO_LARGE', [
    200,
    OCI,
    Buffer.alloc(4 * 1024 * 1024 + 1, ' '),
  ]),
  on('manifest', 'cookies', 'fine', [
    200,
    { ...OCI, 'set-cookie': 'session=1; Path=/', 'content-length': String(MANIFEST.length) },
    MANIFEST,
  ]),
  {
    name: 'twice: cookies, which do not come back',
    code: 'fine',
    call: 'twice',
    act: (_, { method }, send) =>
      send.answer(
        200,
        { ...OCI, 'set-cookie': 'session=1; Path=/', 'content-length': String(MANIFEST.length) },
        method === 'HEAD' ? '' : MANIFEST,
      ),
  },
  on('peek', 'a digest with a path in it, which is no claim', 'fine', [
    200,
    { 'docker-content-digest': 'sha256:../../x' },
    '',
  ]),
  on('manifest', 'a status that there is not', 'REGISTRY_UNAVAILABLE', [999, {}, '']),
  on('peek', 'a status that there is not, and GET is to say what is wrong', 'fine', [999, {}, '']),
  on('peek', '405, and a page to GET', 'fine', [405, {}, '']),
  on('tags', 'no JSON', 'REGISTRY_PROTOCOL', [200, {}, '<html>']),
  on('tags', 'JSON cut short', 'REGISTRY_PROTOCOL', [200, {}, '{"tags":["v1"']),
  on('tags', 'a list', 'REGISTRY_PROTOCOL', [200, {}, '["v1"]']),
  on('tags', 'a number', 'REGISTRY_PROTOCOL', [200, {}, '7']),
  on('tags', 'text for a list', 'REGISTRY_PROTOCOL', [200, {}, '{"tags":"v1"}']),
  on('tags', 'numbers for tags', 'REGISTRY_PROTOCOL', [200, {}, '{"tags":[1,2]}']),
  on('tags', 'lists for tags', 'REGISTRY_PROTOCOL', [200, {}, '{"tags":[["v1"]]}']),
  on('tags', 'null for a list, which means none', 'fine', [200, {}, '{"tags":null}']),
  on('tags', 'tags that are paths, which are left out', 'fine', [200, {}, '{"tags":["../../x","a/b","v1"]}']),
  on('tags', 'a list that would change what objects are', 'REGISTRY_PROTOCOL', [
    200,
    {},
    '{"__proto__":{"tags":["v1"]}}',
  ]),
  on('tags', 'a hundred thousand brackets', 'REGISTRY_PROTOCOL', [200, {}, '['.repeat(100_000)]),
  on('tags', 'a bomb in gzip, cut where the limit is', 'TOO_MANY_TAGS', [
    200,
    GZIP,
    gzipSync(Buffer.alloc(50_000_000)),
  ]),
  on('tags', 'text in UTF-16', 'REGISTRY_PROTOCOL', [200, {}, Buffer.from('{"tags":["v1"]}', 'utf16le')]),
  on('referrers', 'an image for an index', 'REGISTRY_PROTOCOL', [200, OCI, MANIFEST]),
  on('referrers', 'numbers for text', 'MANIFEST_INVALID', [
    200,
    {},
    '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":1,"digest":2,"size":"3"}]}',
  ]),
  on('blob', 'a page', 'REGISTRY_PROTOCOL', [200, { 'content-type': 'text/html' }, '<html>']),
  on('blob', 'a part for the whole', 'REGISTRY_PROTOCOL', [206, { 'content-range': 'bytes 0-6/7' }, CONTENT]),
  on('blob', 'fewer bytes than the manifest says', 'SIZE_MISMATCH', [200, {}, 'cont']),
  on('blob', 'more bytes than the manifest says', 'SIZE_MISMATCH', [200, {}, `${CONTENT}!`]),
  on('blob', 'a bomb in gzip, cut where its size is', 'SIZE_MISMATCH', [
    200,
    GZIP,
    gzipSync(Buffer.alloc(50_000_000)),
  ]),
  {
    name: 'push: another digest for what was sent',
    code: 'DIGEST_MISMATCH',
    call: 'push',
    act: (_, received, send) =>
      received.method === 'PUT'
        ? send.answer(201, { 'docker-content-digest': OTHER })
        : behave(received, send),
  },
  on('manifest', 'an error that repeats the password', 'FORBIDDEN', [
    403,
    {},
    '{"errors":[{"code":"DENIED","message":"alice:wonder:land YWxpY2U6d29uZGVyOmxhbmQ="}]}',
  ]),
  on('manifest', 'an error of 1 MB', 'FORBIDDEN', [403, {}, 'x'.repeat(1_000_000)]),
  on('manifest', 'an error with control characters', 'FORBIDDEN', [
    403,
    {},
    '\u001b]0;owned\u0007\r\n\u202e',
  ]),
  on('manifest', 'an error whose code is an object', 'FORBIDDEN', [
    403,
    {},
    '{"errors":[{"code":{"a":1},"message":["x"]}]}',
  ]),
  on('manifest', 'too many requests under another status', 'RATE_LIMITED', [
    400,
    {},
    '{"errors":[{"code":"TOOMANYREQUESTS","message":"retry-after: 99h"}]}',
  ]),
]);

misbehaves([
  { name: 'manifest: no end', code: 'MANIFEST_TOO_LARGE', act: (_, __, send) => endless(send) },
  {
    name: 'tags: no end',
    code: 'TOO_MANY_TAGS',
    call: 'tags',
    act: (_, __, send) => endless(send, '', '{"tags":["'),
  },
  {
    name: 'referrers: no end',
    code: 'MANIFEST_TOO_LARGE',
    call: 'referrers',
    act: (_, __, send) => endless(send),
  },
  { name: 'blob: no end', code: 'SIZE_MISMATCH', call: 'blob', act: (_, __, send) => endless(send) },
  {
    name: 'manifest: an error without end',
    code: 'FORBIDDEN',
    act: (_, __, send) => endless(send, '', '', 403),
  },
  {
    name: 'blob: a redirect with a body without end',
    code: 'fine',
    call: 'blob',
    act: ({ thief }, __, send) => endless(send, `location: ${thief}/x\r\n`, '', 307),
  },
  {
    name: 'push: an answer without end',
    code: 'REGISTRY_PROTOCOL',
    call: 'push',
    act: (_, __, send) => endless(send),
  },
  ...(['manifest', 'tags', 'blob', 'referrers'] as const).map(
    (call): Misbehaviour => ({
      name: `${call}: a byte now and then`,
      code: 'REGISTRY_TIMEOUT',
      call,
      patience: 200,
      act: (_, __, send) =>
        drip(
          send,
          call === 'blob' ? `content-length: ${CONTENT.length}\r\n` : 'content-length: 1000000\r\n',
          call === 'blob' ? '' : ' ',
        ),
    }),
  ),
]);
