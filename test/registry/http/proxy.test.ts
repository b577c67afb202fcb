import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import type { LandfallError } from '../../../shared/errors.ts';
import type { Hop } from '../../../shared/registry/http/hop.ts';
import { type ProxyEnv, proxyFor } from '../../../shared/registry/http/proxy.ts';
import { failure, MANIFEST_DIGEST, sendManifest, startClient, startScripted } from '../scripted-registry.ts';

const hop = (url: string): Hop => {
  const { origin, hostname, protocol, pathname } = new URL(url);
  return { origin, hostname, secure: protocol === 'https:', path: pathname };
};
const HTTPS = { HTTPS_PROXY: 'http://proxy.example:3128' };

const CASES: readonly (readonly [string, ProxyEnv, string | undefined])[] = [
  ['https://r.example', {}, undefined],
  ['https://r.example', HTTPS, 'http://proxy.example:3128'],
  ['http://r.example', HTTPS, undefined],
  ['http://r.example', { http_proxy: 'proxy.example:3128' }, 'http://proxy.example:3128'],
  ['https://r.example', { HTTPS_PROXY: 'http://a', https_proxy: 'http://b' }, 'http://b'],
  ['http://r.example', { HTTP_PROXY: 'http://a', REQUEST_METHOD: 'GET' }, undefined],
  ['http://r.example', { http_proxy: 'http://a', REQUEST_METHOD: 'GET' }, 'http://a'],
  ['https://r.example', { HTTPS_PROXY: 'http://a', REQUEST_METHOD: 'GET' }, 'http://a'],
  ['https://r.example', { HTTPS_PROXY: ' HTTPS://A:3129/x ' }, 'https://a:3129'],
  ['https://r.example', { HTTPS_PROXY: 'u:p@proxy.example:3128' }, 'http://proxy.example:3128'],
  ['https://r.example', { HTTPS_PROXY: '' }, undefined],
  ['https://localhost:5000', HTTPS, undefined],
  ['https://127.0.0.1', HTTPS, undefined],
  ['https://[::1]', HTTPS, undefined],
  ['https://r.example', { ...HTTPS, NO_PROXY: '*' }, undefined],
  ['https://r.example', { ...HTTPS, NO_PROXY: 'r.example' }, undefined],
  ['https://a.r.example', { ...HTTPS, NO_PROXY: 'x, r.example' }, undefined],
  ['https://a.r.example', { ...HTTPS, no_proxy: '.r.example' }, undefined],
  ['https://ar.example', { ...HTTPS, NO_PROXY: 'r.example' }, 'http://proxy.example:3128'],
  ['https://r.example:5000', { ...HTTPS, NO_PROXY: 'r.example:5000' }, undefined],
  ['https://r.example', { ...HTTPS, NO_PROXY: 'r.example:5000' }, 'http://proxy.example:3128'],
  ['https://10.1.2.3', { ...HTTPS, NO_PROXY: '10.0.0.0/8' }, undefined],
  ['https://11.1.2.3', { ...HTTPS, NO_PROXY: '10.0.0.0/8' }, 'http://proxy.example:3128'],
  ['https://[fd00::1]', { ...HTTPS, NO_PROXY: 'fd00::/8' }, undefined],
  ['https://10.1.2.3', { ...HTTPS, NO_PROXY: '10.1.2.3' }, undefined],
  ['https://10.1.2.3:5000', { ...HTTPS, NO_PROXY: '10.1.2.3:5000' }, undefined],
  ['https://10.1.2.3', { ...HTTPS, NO_PROXY: '10.1.2.3:5000' }, 'http://proxy.example:3128'],
  ['https://[fd00::1]', { ...HTTPS, NO_PROXY: 'fd00:0:0::1' }, undefined],
  ['https://[fd00::1]:5000', { ...HTTPS, NO_PROXY: '[fd00::1]:5000' }, undefined],
  ['https://r.example.', { ...HTTPS, NO_PROXY: 'r.example' }, undefined],
  ['https://r.example', { ...HTTPS, NO_PROXY: 'R.Example.' }, undefined],
  ['https://a.r.example', { ...HTTPS, NO_PROXY: '*.r.example' }, undefined],
  ['https://10.1.2.3', { ...HTTPS, NO_PROXY: '10.0.0.0/99, 10.0.0.0/x, /8' }, 'http://proxy.example:3128'],
];
for (const [url, env, wanted] of CASES) {
  test(`${url} with ${JSON.stringify(env)} goes through ${wanted}`, () =>
    assert.equal(proxyFor(hop(url), env)?.origin, wanted));
}

for (const [value, says] of [
  ['socks5://user:secret@proxy.example', /HTTPS_PROXY is a SOCKS proxy/],
  ['SOCKS5h://proxy.example:1080', /SOCKS is not supported/],
  ['ftp://user:secret@proxy.example', /not the URL of an HTTP proxy/],
  ['http://user:se#secret@proxy.example:3128', /percent-encoded/],
  ['http://', /not the URL/],
] as const) {
  test(`refuses ${value.replace('secret', '…')} for a proxy, without showing its password`, () => {
    assert.throws(
      () => proxyFor(hop('https://r.example'), { HTTPS_PROXY: value }),
      (error: LandfallError) => {
        assert.doesNotMatch(`${error.message} ${error.hint} ${JSON.stringify(error.detail)}`, /secret/);
        return failure('NOT_SUPPORTED', says)(error);
      },
    );
  });
}

/** As curl sends them. */
const LOGINS: readonly (readonly [string, string | undefined])[] = [
  ['proxy.example', undefined],
  ['@proxy.example', undefined],
  ['u:p@proxy.example', 'u:p'],
  ['u@proxy.example', 'u:'],
  ['u:@proxy.example', 'u:'],
  [':p@proxy.example', ':p'],
  ['dom%5Cu:p%40ss%3Aw%2Frd%25@proxy.example', 'dom\\u:p@ss:w/rd%'],
  ['u:p@ss@proxy.example', 'u:p@ss'],
  ['u:p:q@proxy.example', 'u:p:q'],
  ['u:100%@proxy.example', 'u:100%'],
  ['%C3%BC:%C3%A9@proxy.example', 'ü:é'],
];
for (const [value, login] of LOGINS) {
  test(`a proxy ${value} is logged in to as ${login}`, () => {
    const { authorization } = proxyFor(hop('http://r.example'), { http_proxy: `http://${value}` }) ?? {};
    assert.equal(authorization, login && `Basic ${Buffer.from(login).toString('base64')}`);
  });
}

/** A proxy that leads every host to one upstream, and says 407 to who does not give the password. */
async function startProxy(
  t: { after(done: () => void): void },
  upstream: string,
): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const authorized = (header: string | undefined): boolean =>
    header === `Basic ${Buffer.from('u:p').toString('base64')}`;
  const [host = '', port = ''] = upstream.split(':');
  const server = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    if (!authorized(incoming.headers['proxy-authorization'])) return void response.writeHead(407).end();
    const { pathname } = new URL(incoming.url ?? '');
    const forward = request(
      { host, port, path: pathname, method: incoming.method, headers: { host: incoming.headers.host } },
      (upstreamResponse) => {
        response.writeHead(upstreamResponse.statusCode ?? 500, upstreamResponse.headers);
        upstreamResponse.pipe(response);
      },
    );
    incoming.pipe(forward);
  });
  server.on('connect', (incoming, socket) => {
    asked.push(`CONNECT ${incoming.url}`);
    if (!authorized(incoming.headers['proxy-authorization']))
      return void socket.end('HTTP/1.1 407 No\r\n\r\n');
    const tunnel = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(tunnel).pipe(socket);
    });
    tunnel.on('error', () => socket.destroy());
    socket.on('error', () => tunnel.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('reaches a registry through a proxy with a password, by a name only the proxy knows', async (t) => {
  const registry = await startScripted(t, sendManifest);
  const proxy = await startProxy(t, registry.host);
  const client = startClient(t, { env: { HTTP_PROXY: `http://u:p@${proxy.url}` } });
  const repository = { registry: 'registry.invalid', repository: 'team/app' };
  assert.equal((await client.manifest(repository, 'v1')).digest, MANIFEST_DIGEST);
  // No tunnel: proxies allow CONNECT to port 443 alone (undici 4083, squid's default).
  assert.deepEqual(proxy.asked, ['GET http://registry.invalid/v2/team/app/manifests/v1']);
  assert.equal(registry.seen[0]?.headers.host, 'registry.invalid');
});

test('a registry over TLS is reached through a tunnel, and its password is not the proxy’s to see', async (t) => {
  const read = (name: string): string =>
    readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
  const registry = await startScripted(t, sendManifest, { key: read('key.pem'), cert: read('cert.pem') });
  const proxy = await startProxy(t, registry.host);
  const client = startClient(t, {
    env: { https_proxy: `http://u:p@${proxy.url}` },
    transport: { plainHttp: false, insecureSkipTlsVerify: true, local: false },
  });
  const repository = { registry: 'registry.invalid', repository: 'team/app' };
  assert.equal((await client.manifest(repository, 'v1')).digest, MANIFEST_DIGEST);
  assert.deepEqual(proxy.asked, ['CONNECT registry.invalid:443']);
  assert.equal(registry.seen[0]?.headers['proxy-authorization'], undefined);
});

test('a redirect from plain HTTP to TLS goes through the tunnel of its own', async (t) => {
  const read = (name: string): string =>
    readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
  const storage = await startScripted(t, sendManifest, { key: read('key.pem'), cert: read('cert.pem') });
  const registry = await startScripted(
    t,
    (_, response) => void response.writeHead(307, { location: 'https://storage.invalid/x' }).end(),
  );
  const [plain, tunnel] = [await startProxy(t, registry.host), await startProxy(t, storage.host)];
  const client = startClient(t, {
    env: { http_proxy: `http://u:p@${plain.url}`, https_proxy: `http://u:p@${tunnel.url}` },
    transport: { plainHttp: true, insecureSkipTlsVerify: true, local: true },
  });
  const repository = { registry: 'registry.invalid', repository: 'team/app' };
  assert.equal((await client.manifest(repository, 'v1')).digest, MANIFEST_DIGEST);
  assert.deepEqual(tunnel.asked, ['CONNECT storage.invalid:443']);
});

test('the login of a proxy goes to no registry that is asked without it', async (t) => {
  const registry = await startScripted(t, sendManifest);
  const client = startClient(t, { env: { http_proxy: 'http://u:p@127.0.0.1:9' } });
  await client.manifest(registry.repository, 'v1');
  assert.equal(registry.seen[0]?.headers['proxy-authorization'], undefined);
});

test('a registry that says 407 without a proxy is no proxy', async (t) => {
  const registry = await startScripted(t, (_, response) => void response.writeHead(407).end());
  await assert.rejects(
    startClient(t).manifest(registry.repository, 'v1'),
    failure('REGISTRY_PROTOCOL', /407/),
  );
});

test('says that the proxy refused, without its password', async (t) => {
  const registry = await startScripted(t, sendManifest);
  const proxy = await startProxy(t, registry.host);
  const client = startClient(t, { env: { HTTP_PROXY: `http://u:secret@${proxy.url}` } });
  const repository = { registry: 'registry.invalid', repository: 'team/app' };
  await assert.rejects(
    client.manifest(repository, 'v1'),
    failure('REGISTRY_UNREACHABLE', /proxy refused/, /HTTP_PROXY/),
  );
});

test('names the proxy of a request that nobody answered, without its password', async (t) => {
  const client = startClient(t, { env: { HTTP_PROXY: 'http://u:secret@127.0.0.1:9' } });
  await assert.rejects(
    client.manifest({ registry: 'registry.invalid', repository: 'team/app' }, 'v1'),
    failure(
      'REGISTRY_UNREACHABLE',
      /^GET http:\/\/registry\.invalid\S+ through the proxy 127\.0\.0\.1:9: nothing listens there /,
      /proxy/,
    ),
  );
});

test('a literal forbidden address is refused through a proxy as well', async (t) => {
  const client = startClient(t, {
    env: { HTTPS_PROXY: 'http://127.0.0.1:9' },
    transport: { plainHttp: false, insecureSkipTlsVerify: false, local: false },
  });
  await assert.rejects(
    client.manifest({ registry: '10.0.0.1', repository: 'a' }, 'v1'),
    failure('ADDRESS_DENIED'),
  );
});
