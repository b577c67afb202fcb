import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { isLandfallError } from '../../../shared/errors.ts';
import { ISSUER_DOCUMENT_BYTES } from '../../../shared/limits.ts';
import type { Lookup } from '../../../shared/registry/names/name-lookups.ts';
import { httpsDocuments } from '../../../shared/trigger/jwt/https-documents.ts';
import { maxAgeOf } from '../../../shared/trigger/jwt/issuer-document.ts';
import { startIssuer } from './issuer-server.ts';

const never = new AbortController().signal;
const failsWith =
  (why: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(isLandfallError(error), String(error));
    assert.equal(error.code, 'ISSUER_UNAVAILABLE');
    assert.match(error.message, why);
    return true;
  };

test('a document is read over https, with the time it may be used', async (t) => {
  const issuer = await startIssuer(t, { keys: [] });
  const fetchDocument = httpsDocuments({ env: {}, ca: issuer.ca });
  const got = await fetchDocument(new URL('/keys', issuer.url), { local: true, signal: never });
  assert.deepEqual(got, { value: { keys: [] }, maxAgeMs: 600_000 });
});

test('a document of the limit is read, and one a byte longer is not', async (t) => {
  const issuer = await startIssuer(t, {});
  const fetchDocument = httpsDocuments({ env: {}, ca: issuer.ca });
  const read = (length: number) => {
    issuer.answers.set('/long', (_, response) => response.end(`"${'x'.repeat(length - 2)}"`));
    return fetchDocument(new URL('/long', issuer.url), { local: true, signal: never });
  };
  assert.equal(String((await read(ISSUER_DOCUMENT_BYTES)).value).length, ISSUER_DOCUMENT_BYTES - 2);
  await assert.rejects(read(ISSUER_DOCUMENT_BYTES + 1), failsWith(/over 262144 bytes/));
});

for (const [name, headers, status] of [
  ['a redirect', { location: '/keys' }, 302],
  ['an error', {}, 500],
  ['nothing there', {}, 404],
  ['no content', {}, 204],
] as const) {
  test(`${name} is no document, and is not followed`, async (t) => {
    const issuer = await startIssuer(t, { keys: [] });
    issuer.answers.set('/x', (_, response) => response.writeHead(status, headers).end());
    const fetchDocument = httpsDocuments({ env: {}, ca: issuer.ca });
    const read = fetchDocument(new URL('/x?secret=1', issuer.url), { local: true, signal: never });
    await assert.rejects(read, failsWith(new RegExp(`/x: answered ${status}, wanted 200$`)));
    assert.deepEqual(issuer.requests, ['/x?secret=1']);
  });
}

for (const [name, body] of [
  ['text', 'not JSON'],
  ['nothing', ''],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
] as const) {
  test(`${name} is no document`, async (t) => {
    const issuer = await startIssuer(t, {});
    issuer.answers.set('/x', (_, response) => response.end(body));
    const fetchDocument = httpsDocuments({ env: {}, ca: issuer.ca });
    const read = fetchDocument(new URL('/x', issuer.url), { local: true, signal: never });
    await assert.rejects(read, failsWith(/is not JSON$/));
  });
}

test('a body that never ends in time is given up', async (t) => {
  const issuer = await startIssuer(t, {});
  const stop = new AbortController();
  issuer.answers.set('/slow', (_, response) => {
    response.write('{"keys":');
    stop.abort();
  });
  const fetchDocument = httpsDocuments({ env: {}, ca: issuer.ca });
  const read = fetchDocument(new URL('/slow', issuer.url), { local: true, signal: stop.signal });
  await assert.rejects(read, failsWith(/no complete answer in time/));
});

test('a certificate that nobody vouches for is refused', async (t) => {
  const issuer = await startIssuer(t, {});
  const read = httpsDocuments({ env: {} })(new URL('/keys', issuer.url), { local: true, signal: never });
  await assert.rejects(read, failsWith(/self-signed certificate/));
  assert.deepEqual(issuer.requests, []);
});

for (const host of ['127.0.0.1', '[::1]', '2130706433', 'localhost', '10.0.0.1', '[::ffff:10.0.0.1]']) {
  test(`${host} is connected to only where the issuer is one’s own`, async () => {
    const read = httpsDocuments({ env: {} })(new URL(`https://${host}:9/x`), { local: false, signal: never });
    await assert.rejects(read, failsWith(/address$/));
  });
}

for (const [address, local] of [
  ['127.0.0.1', false],
  ['10.0.0.1', false],
  ['169.254.169.254', true],
  ['::ffff:169.254.169.254', true],
] as const) {
  test(`a name that leads to ${address} is not connected to`, async () => {
    const addresses = ['203.0.114.1', address].map((each) => ({
      address: each,
      family: each.includes(':') ? 6 : 4,
    }));
    const lookup: Lookup = (_, __, callback) => callback(null, addresses);
    const read = httpsDocuments({ env: {}, lookup })(new URL('https://issuer.example/keys'), {
      local,
      signal: never,
    });
    await assert.rejects(read, failsWith(/resolves to .* address$/));
  });
}

for (const host of ['169.254.169.254', '[fd00:ec2::254]', '168.63.129.16']) {
  test(`${host} is connected to by no setting`, async () => {
    const read = httpsDocuments({ env: {} })(new URL(`https://${host}/x`), { local: true, signal: never });
    await assert.rejects(read, failsWith(/metadata address$/));
  });
}

test('a proxy is gone through, and resolves the name', async (t) => {
  const issuer = await startIssuer(t, { keys: [] });
  const asked: string[] = [];
  const proxy = createServer().on('connect', ({ url = '' }, socket) => {
    asked.push(url);
    const { port } = new URL(issuer.url);
    const through = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(through).pipe(socket);
    });
    t.after(() => through.destroy());
    socket.on('error', () => through.destroy());
    through.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  const env = { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  // A name that only the proxy can resolve; its certificate is for another, which is seen through the tunnel.
  const read = httpsDocuments({ env, ca: issuer.ca })(new URL('https://issuer.invalid/keys'), {
    local: false,
    signal: never,
  });
  await assert.rejects(read, failsWith(/issuer\.invalid/));
  assert.deepEqual(asked, ['issuer.invalid:443']);
});

for (const [header, milliseconds] of [
  ['public, max-age=21600, must-revalidate', 21_600_000],
  ['MAX-AGE=1', 1000],
  ['max-age="60"', 60_000],
  ['max-age=60, max-age=90', 60_000],
  ['no-store, max-age=60', 0],
  ['no-cache', 0],
  ['s-maxage=60', undefined],
  ['max-age=x', undefined],
  ['max-age=-1', undefined],
  ['', undefined],
  [undefined, undefined],
] as const) {
  test(`Cache-Control ${header}: ${milliseconds} ms`, () => assert.equal(maxAgeOf(header), milliseconds));
}
