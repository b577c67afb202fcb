import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { Transport } from '../../shared/registry/client.ts';
import { failure, MANIFEST_DIGEST, sendManifest, startClient, startScripted } from './scripted-registry.ts';

const read = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const key = read('key.pem');
const cert = read('cert.pem');
const LOCAL: Transport = { plainHttp: false, insecureSkipTlsVerify: false, local: true };

test('a CA given makes a private certificate good', async (t) => {
  const registry = await startScripted(t, sendManifest, { key, cert });
  const client = startClient(t, { transport: { ...LOCAL, ca: cert } });
  assert.equal((await client.manifest(registry.repository, 'v1')).digest, MANIFEST_DIGEST);
});

const FAILURES: readonly (readonly [string, string, Partial<Transport>, RegExp])[] = [
  ['self-signed', cert, {}, /self-signed/],
  ['expired', read('expired.pem'), { ca: read('expired.pem') }, /expired/],
  ['for another host', read('other-host.pem'), { ca: read('other-host.pem') }, /another host name/],
];
for (const [name, served, transport, says] of FAILURES) {
  test(`a certificate that is ${name} is TLS_FAILED, says so, and is not tried again`, async (t) => {
    const registry = await startScripted(t, sendManifest, { key, cert: served });
    const client = startClient(t, { transport: { ...LOCAL, ...transport } });
    await assert.rejects(
      client.manifest(registry.repository, 'v1'),
      failure('TLS_FAILED', says, /--ca-file/),
    );
    assert.equal(client.facts.length, 1);
    assert.equal(registry.seen.length, 0);
  });

  test(`a certificate that is ${name} passes where verification is skipped`, async (t) => {
    const registry = await startScripted(t, sendManifest, { key, cert: served });
    const client = startClient(t, { transport: { ...LOCAL, insecureSkipTlsVerify: true } });
    assert.equal((await client.manifest(registry.repository, 'v1')).digest, MANIFEST_DIGEST);
  });
}

test('plain HTTP on a TLS transport says what to do', async (t) => {
  const registry = await startScripted(t, sendManifest);
  const client = startClient(t, { transport: LOCAL });
  await assert.rejects(client.manifest(registry.repository, 'v1'), failure('TLS_FAILED', /--plain-http/));
});

test('TLS on a plain transport says so', async (t) => {
  const registry = await startScripted(t, sendManifest, { key, cert });
  const client = startClient(t, { attempts: 1 });
  await assert.rejects(client.manifest(registry.repository, 'v1'), failure('REGISTRY_UNREACHABLE', /closed/));
  assert.equal(registry.seen.length, 0);
});

test('the client certificate goes to the registry and not to what it redirects to', async (t) => {
  const presented: Record<string, boolean> = {};
  const start = async (name: string, location?: string): Promise<string> => {
    const server = createServer(
      { key, cert, ca: cert, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        presented[name] = Object.keys((request.socket as TLSSocket).getPeerCertificate()).length > 0;
        if (location) response.writeHead(307, { location }).end();
        else sendManifest({ method: 'GET', path: '', headers: {}, body: '' }, response);
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const storage = await start('storage');
  const registry = await start('registry', `https://${storage}/object`);
  const client = startClient(t, { transport: { ...LOCAL, ca: cert, cert, key } });
  await client.manifest({ registry, repository: 'a' }, 'v1');
  assert.deepEqual(presented, { registry: true, storage: false });
});
