import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { isLandfallError } from '../../shared/errors.ts';
import type { Transport } from '../../shared/registry/client.ts';
import { networkError } from '../../shared/registry/network-error.ts';
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

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  const demanding = { key, cert, ca: cert, requestCert: true, rejectUnauthorized: true, maxVersion } as const;

  test(`a registry that wants a client certificate over ${maxVersion} and gets none has that said`, async (t) => {
    const registry = await startScripted(t, sendManifest, demanding);
    const client = startClient(t, { attempts: 1, transport: { ...LOCAL, ca: cert } });
    await assert.rejects(client.manifest(registry.repository, 'v1'), (error) => {
      assert.ok(isLandfallError(error));
      assert.equal(error.code, maxVersion === 'TLSv1.2' ? 'TLS_FAILED' : 'REGISTRY_UNREACHABLE');
      assert.match(
        error.hint ?? '',
        /wants? a client certificate.*--registry-cert-file.*--registry-key-file.*certFile.*keyFile/,
      );
      return true;
    });
    assert.equal(registry.seen.length, 0);
  });

  test(`a registry that does not take the client certificate over ${maxVersion} has that said`, async (t) => {
    const registry = await startScripted(t, sendManifest, { ...demanding, ca: [] });
    const client = startClient(t, { attempts: 1, transport: { ...LOCAL, ca: cert, cert, key } });
    await assert.rejects(client.manifest(registry.repository, 'v1'), { hint: /client certificate given/ });
  });

  test(`a registry that wants a client certificate over ${maxVersion} and gets it answers`, async (t) => {
    const registry = await startScripted(t, sendManifest, demanding);
    const client = startClient(t, { attempts: 1, transport: { ...LOCAL, ca: cert, cert, key } });
    assert.equal((await client.manifest(registry.repository, 'v1')).digest, MANIFEST_DIGEST);
  });
}

test('of a registry that ends a connection without TLS nothing is said of certificates', async (t) => {
  const registry = await startScripted(t, (_, response) => void response.destroy());
  const client = startClient(t, { attempts: 1 });
  await assert.rejects(client.manifest(registry.repository, 'v1'), (error) => {
    assert.ok(isLandfallError(error));
    assert.match(error.message, /closed from the other side/);
    assert.doesNotMatch(`${error.hint}`, /certificate/);
    return true;
  });
});

for (const [code, isOfCertificate] of [
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', true],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', true],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', true],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', true],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', false],
  ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', false],
] as const) {
  test(`the alert ${code} ${isOfCertificate ? 'may be' : 'is not'} about a client certificate`, () => {
    const { hint, ...error } = networkError({ code }, 'GET https://r.example', undefined, 'absent');
    assert.equal(error.code, 'TLS_FAILED');
    assert.equal(/client certificate/.test(hint ?? ''), isOfCertificate);
  });
}

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
