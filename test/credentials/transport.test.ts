import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccessOptions, createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import type { Transport } from '../../shared/registry/client.ts';
import { createHome, repositoryOf } from './home.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN EC PRIVATE KEY-----\nMA==\n-----END EC PRIVATE KEY-----\n';
const registry = 'r.example';
const plain: Transport = { plainHttp: false, insecureSkipTlsVerify: false, local: false };

const cases: readonly (readonly [what: string, options: AccessOptions, transport: Partial<Transport>])[] = [
  ['is https, checked and not local unless said otherwise', {}, {}],
  [
    'plain HTTP says that the registry is local',
    { credentials: [{ registry, plainHttp: true }] },
    { plainHttp: true, local: true },
  ],
  ['local alone stays https', { credentials: [{ registry, local: true }] }, { local: true }],
  [
    'options apply to every registry',
    { plainHttp: true, insecureSkipTlsVerify: true },
    { plainHttp: true, local: true, insecureSkipTlsVerify: true },
  ],
  [
    'settings merge over all entries that match',
    {
      credentials: [
        { registry, plainHttp: true },
        { registry, repository: 'org/*', insecureSkipTlsVerify: true },
      ],
    },
    { plainHttp: true, local: true, insecureSkipTlsVerify: true },
  ],
  [
    'the most specific value wins',
    {
      credentials: [
        { registry, plainHttp: true },
        { registry, repository: 'org/app', plainHttp: false },
      ],
    },
    {},
  ],
  [
    'how hard the registry may be pressed',
    {
      credentials: [
        { registry, concurrency: 2 },
        { registry, requestsPerMinute: 60 },
      ],
    },
    { concurrency: 2, requestsPerMinute: 60 },
  ],
  ['another registry gives nothing', { credentials: [{ registry: 'other.example', plainHttp: true }] }, {}],
];
for (const [what, options, transport] of cases) {
  test(what, async (t) => {
    const { env } = await createHome(t);
    const access = await createAccessResolver({ ...options, env }).access(repositoryOf('r.example/org/app'));
    assert.deepEqual(access.transport, { ...plain, ...transport });
  });
}

test('reads authorities and client certificates, an entry before the option', async (t) => {
  const home = await createHome(t);
  const keyFile = await home.write('key.pem', KEY);
  const [caFile, ownCa, certFile] = await Promise.all(
    ['ca', 'own', 'cert'].map((name) => home.write(`${name}.pem`, `${name}\n${PEM}`)),
  );
  assert.ok(caFile && ownCa && certFile && keyFile);
  const resolver = createAccessResolver({
    env: home.env,
    caFile,
    credentials: [{ registry, repository: 'own/*', caFile: ownCa, certFile, keyFile }],
  });
  const own = await resolver.access(repositoryOf('r.example/own/app'));
  assert.deepEqual(own.transport, { ...plain, ca: `own\n${PEM}`, cert: `cert\n${PEM}`, key: KEY });
  const other = await resolver.access(repositoryOf('r.example/other'));
  assert.deepEqual(other.transport, { ...plain, ca: `ca\n${PEM}` });
});

test('names a certificate file that is missing or no PEM', async (t) => {
  const home = await createHome(t);
  const notPem = await home.write('not.pem', 'hello CANARY');
  const accessWith = (caFile: string) =>
    createAccessResolver({ env: home.env, caFile }).access(repositoryOf('r.example/a'));
  await assert.rejects(accessWith(notPem), {
    code: 'CREDENTIAL_UNREADABLE',
    message: `certificate file ${notPem} holds no PEM block`,
  });
  await assert.rejects(accessWith(`${notPem}.gone`), { message: /not\.pem\.gone is not there$/ });
});

test('takes PEM texts from an entry, which need no file', async (t) => {
  const { env } = await createHome(t);
  const credentials = [
    { registry, caFile: '/nowhere/ca.pem' },
    { registry, repository: 'org/*', tls: { ca: PEM, cert: PEM, key: KEY } },
  ];
  const { transport } = await createAccessResolver({ env, credentials }).access(
    repositoryOf('r.example/org/app'),
  );
  assert.deepEqual(transport, { ...plain, ca: PEM, cert: PEM, key: KEY });
});

test('names where the entry of a PEM text stands, which has no file', async (t) => {
  const { env } = await createHome(t);
  const credentials = [{ registry, tls: { ca: 'hello CANARY' }, origin: 'flux.yaml:4:1' }];
  await assert.rejects(createAccessResolver({ env, credentials }).access(repositoryOf('r.example/a')), {
    code: 'CREDENTIAL_UNREADABLE',
    message: 'the PEM text of a certificate of flux.yaml:4:1 holds no PEM block',
  });
});

const REQUEST = '-----BEGIN CERTIFICATE REQUEST-----\nMA==\n-----END CERTIFICATE REQUEST-----\n';
for (const [name, settings, says] of [
  ['a key for the authorities', { caFile: KEY }, /holds an ec private key and no certificate$/],
  [
    'a key for the certificate',
    { certFile: KEY, keyFile: KEY },
    /holds an ec private key and no certificate$/,
  ],
  ['a certificate for the key', { certFile: PEM, keyFile: PEM }, /holds a certificate and no private key$/],
  ['a request for a certificate', { caFile: REQUEST }, /holds a certificate request and no certificate$/],
] as const) {
  test(`names ${name}, which OpenSSL would pass over`, async (t) => {
    const home = await createHome(t);
    const files: Record<string, string> = {};
    for (const [key, text] of Object.entries(settings)) files[key] = await home.write(`${key}.pem`, text);
    const resolver = createAccessResolver({ env: home.env, credentials: [{ registry, ...files }] });
    await assert.rejects(resolver.access(repositoryOf('r.example/a')), {
      code: 'CREDENTIAL_UNREADABLE',
      message: says,
    });
  });
}

test('takes a certificate and its key from one file', async (t) => {
  const home = await createHome(t);
  const both = await home.write('both.pem', `${KEY}${PEM}`);
  const credentials = [{ registry, certFile: both, keyFile: both }];
  const { transport } = await createAccessResolver({ env: home.env, credentials }).access(
    repositoryOf('r.example/a'),
  );
  assert.deepEqual(transport, { ...plain, cert: `${KEY}${PEM}`, key: `${KEY}${PEM}` });
});
