import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import type { Hop } from '../../shared/registry/hop.ts';
import { type ProxyEnv, proxyFor } from '../../shared/registry/proxy.ts';
import { failure, MANIFEST_DIGEST, sendManifest, startClient, startScripted } from './scripted-registry.ts';

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
];
for (const [url, env, wanted] of CASES) {
  test(`${url} with ${JSON.stringify(env)} goes through ${wanted}`, () =>
    assert.equal(proxyFor(hop(url), env), wanted));
}

test('refuses a proxy that is not HTTP, without showing its password', () => {
  const env = { HTTPS_PROXY: 'socks5://user:secret@proxy.example' };
  assert.throws(() => proxyFor(hop('https://r.example'), env), failure('NOT_SUPPORTED', /HTTPS_PROXY/));
});

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
    const forward = request({ host, port, path: pathname, method: incoming.method }, (upstreamResponse) => {
      response.writeHead(upstreamResponse.statusCode ?? 500, upstreamResponse.headers);
      upstreamResponse.pipe(response);
    });
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
  assert.match(proxy.asked.join(), /registry\.invalid/);
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
