import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { isLandfallError } from '../../../shared/errors.ts';
import type { Transport } from '../../../shared/registry/client.ts';
import { networkError } from '../../../shared/registry/http/network-error.ts';
import { failure, MANIFEST_DIGEST, sendManifest, startClient, startScripted } from '../scripted-registry.ts';

const read = (name: string): string => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
const key = read('key.pem');
const cert = read('cert.pem');
const LOCAL: Transport = { plainHttp: false, insecureSkipTlsVerify: false, local: true };

test('a CA given makes a private certificate good', async (t) => {
  const registry = await startScripted(t, sendManifest, { key, cert });
  const client = startClient(t, { transport: { ...LOCAL, ca: cert } });
  assert.equal((await client.manifest(registry.repository, 'v1')).digest, MANIFEST_DIGEST);
});

const today = new Date().toISOString().slice(0, 10);

/** What is served, what is given, and what is said: the fault, and the next step for it and for no other. */
const FAILURES: readonly (readonly [string, string, Partial<Transport>, readonly RegExp[]])[] = [
  ['self-signed', cert, {}, [/is self-signed/, /--ca-file/]],
  ['of another authority', cert, { ca: read('names.pem') }, [/self-signed|issuer/, /--ca-file/]],
  [
    'expired',
    read('expired.pem'),
    { ca: read('expired.pem') },
    [
      /its certificate has expired: it is valid from 2020-01-01 to 2020-01-02/,
      new RegExp(`clock says ${today}`),
    ],
  ],
  [
    'not valid yet',
    read('not-yet.pem'),
    { ca: read('not-yet.pem') },
    [/its certificate is not valid yet: it is valid from 2100-01-01 to 2101-01-01/, /clock says/],
  ],
  [
    'for another host',
    read('other-host.pem'),
    { ca: read('other-host.pem') },
    [/another host name: for other\.example, not for 127\.0\.0\.1/, /one for 127\.0\.0\.1/],
  ],
  [
    'for several others',
    read('names.pem'),
    { ca: read('names.pem') },
    [/for registry\.corp\.example, \*\.registry\.corp\.example, 192\.0\.2\.1, not for 127\.0\.0\.1/],
  ],
];
for (const [name, served, transport, says] of FAILURES) {
  test(`a certificate that is ${name} is TLS_FAILED, says so, and is not tried again`, async (t) => {
    const registry = await startScripted(t, sendManifest, { key, cert: served });
    const client = startClient(t, { transport: { ...LOCAL, ...transport } });
    await assert.rejects(client.manifest(registry.repository, 'v1'), (error) => {
      assert.ok(isLandfallError(error));
      const wantsCa = says.some(({ source }) => source === '--ca-file');
      assert.equal(/--ca-file/.test(error.hint ?? ''), wantsCa, error.hint);
      return failure('TLS_FAILED', ...says)(error);
    });
    assert.equal(client.facts.length, 1);
    assert.equal(registry.seen.length, 0);
  });

  test(`a certificate that is ${name} passes where verification is skipped`, async (t) => {
    const registry = await startScripted(t, sendManifest, { key, cert: served });
    const client = startClient(t, { transport: { ...LOCAL, insecureSkipTlsVerify: true } });
    assert.equal((await client.manifest(registry.repository, 'v1')).digest, MANIFEST_DIGEST);
  });
}

const pem = { type: 'pkcs8', format: 'pem' } as const;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const otherKey = privateKey.export(pem).toString();
const lockedKey = privateKey.export({ ...pem, cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
/** The certificate is of an elliptic key: of such a pair OpenSSL says nothing, and uses neither. */
const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pem).toString();

const GIVEN: readonly (readonly [string, Partial<Transport>, RegExp])[] = [
  ['a key of another certificate', { cert, key: otherKey }, /certFile and keyFile.*do not belong together/],
  ['a key of another kind', { cert, key: rsaKey }, /certFile and keyFile.*do not belong together/],
  ['a key with a passphrase', { cert, key: lockedKey }, /cannot be read.*without a passphrase/],
  ['a key that is none', { cert, key: key.replace(/\n.{20}/, '\nAAAA') }, /cannot be read.*PEM/],
  ['a certificate that is none', { cert: cert.replace(/\n.{20}/, '\nAAAA'), key }, /cannot be read.*PEM/],
];
for (const [name, transport, says] of GIVEN) {
  test(`${name} is named, and no authority asked for`, async (t) => {
    const registry = await startScripted(t, sendManifest, { key, cert });
    const client = startClient(t, { transport: { ...LOCAL, ca: cert, ...transport } });
    await assert.rejects(client.manifest(registry.repository, 'v1'), (error) => {
      assert.ok(isLandfallError(error));
      assert.doesNotMatch(error.hint ?? '', /Give the CA/);
      assert.doesNotMatch(error.message, /BEGIN/);
      return failure('TLS_FAILED', says)(error);
    });
    assert.equal(registry.seen.length, 0);
  });
}

test('a registry that speaks only an old TLS has that said', async (t) => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const registry = await startScripted(t, sendManifest, { key, cert, ...old });
  const client = startClient(t, { transport: { ...LOCAL, ca: cert } });
  await assert.rejects(
    client.manifest(registry.repository, 'v1'),
    failure('TLS_FAILED', /no version of TLS/, /TLS 1\.2 or newer/),
  );
});

test('a certificate with names made to confuse is shown escaped and cut', () => {
  const subjectaltname = Array.from({ length: 500 }, (_, at) => `DNS:a${at}\u202e\u001b[31m.example`).join(
    ', ',
  );
  const error = { code: 'ERR_TLS_CERT_ALTNAME_INVALID', host: 'r.example', cert: { subjectaltname } };
  const { message } = networkError(error, 'GET https://r.example', undefined);
  assert.ok(!message.includes('\u202e') && !message.includes('\u001b'));
  assert.ok(message.length < 500);
});

for (const [name, said] of [
  ['Go', 'Client sent an HTTP request to an HTTPS server.\n'],
  ['nginx', '<html><center>The plain HTTP request was sent to HTTPS port</center></html>'],
  ['Apache', "Reason: You're speaking plain HTTP to an SSL-enabled server port."],
  ['a server without words', ''],
] as const) {
  test(`plain HTTP to a port for TLS says to leave out --plain-http (${name})`, async (t) => {
    const registry = await startScripted(t, (_, response) => void response.writeHead(400).end(said));
    await assert.rejects(
      startClient(t).manifest(registry.repository, 'v1'),
      failure('REGISTRY_PROTOCOL', /leave out --plain-http/),
    );
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
  await assert.rejects(
    client.manifest(registry.repository, 'v1'),
    failure('REGISTRY_UNREACHABLE', /closed/, /leave out --plain-http/),
  );
  assert.equal(registry.seen.length, 0);
});

test('a refusal that no server for TLS gives says nothing of HTTPS', async (t) => {
  const registry = await startScripted(t, (_, response) => void response.writeHead(418).end('tea'));
  await assert.rejects(
    startClient(t).manifest(registry.repository, 'v1'),
    (error) =>
      isLandfallError(error) && error.code === 'REGISTRY_PROTOCOL' && !/HTTPS/.test(error.hint ?? ''),
  );
});

test('a plain port where nobody listens is not said to speak HTTPS', async (t) => {
  const client = startClient(t, { attempts: 1 });
  await assert.rejects(
    client.manifest({ registry: '127.0.0.1:1', repository: 'team/app' }, 'v1'),
    failure('REGISTRY_UNREACHABLE', /nothing listens there/, / proxy\.$/),
  );
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
