import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startEmbeddedRegistry } from '../../../embedded-registry/embedded-registry.ts';
import { SENDERS } from '../../../shared/trigger/receivers/senders/senders.ts';
import { atEnd } from '../../support/at-end.ts';
import { assertRefused, documentOf, folderFor, landfall, type Wanted } from '../../support/cli.ts';
import { startServe } from '../../support/programs/serving.ts';
import { freePort } from '../../support/servers/free-port.ts';

const SECRET = 'canary-receiver-secret';
/** Their requests carry what only an issuer signs. */
const UNSAMPLED: readonly string[] = ['gar', 'oidc'];
const TYPES = Object.keys(SENDERS).filter((type) => !UNSAMPLED.includes(type));

/** A document with a receiver of each type that a sample can be made for, named as its type. */
async function documentFor(t: TestContext, { host = '127.0.0.1:1', secret = SECRET } = {}) {
  const folder = await folderFor(t);
  const path = join(folder, 'sources.yaml');
  const receivers = TYPES.map(
    (type) => `  - { name: ${type}, type: ${type}, registry: "${host}", secret: { value: ${secret} } }\n`,
  );
  const text = `sources:
  - { name: app, namespace: web, url: "oci://${host}/team/app", ref: { tag: live }, interval: 1h }
  - { name: pinned, namespace: web, url: "oci://${host}/team/app", ref: { tag: "1.0" }, interval: 1h }
credentials:
  - { registry: "${host}", plainHttp: true }
receivers:
${receivers.join('')}`;
  await writeFile(path, text);
  return { folder, path };
}

test('a sample of every type is taken by serve, and is for the source that it says', async (t) => {
  const registry = await startEmbeddedRegistry();
  atEnd(t, () => registry.close());
  const { folder, path } = await documentFor(t, { host: registry.host });
  const serve = await startServe(t, { documents: [path], store: join(folder, 'store') });
  assert.ok(TYPES.length >= 10);
  for (const type of TYPES) {
    const ended = await landfall(['receivers', 'test', type, '-f', path, '--url', serve.url, '--json']);
    assert.deepEqual(documentOf(ended), {
      ...{ name: type, type, registry: registry.host },
      ...{ repository: 'team/app', tag: 'live', status: 202, sources: ['web/app'] },
    });
    await serve.logged('webhook', { receiver: type, status: 202, sources: 'web/app' });
    assert.doesNotMatch(ended.stdout + ended.stderr, /canary|receivers\//);
  }
  const argv = ['receivers', 'test', 'harbor', '-f', path, '--url', serve.url];
  const other = await landfall([...argv, '--tag', '1.0']);
  assert.match(
    other.stdout,
    /^sent a push of \S+\/team\/app:1\.0 to harbor \(harbor\), answered 202\nlooks at web\/pinned\n$/,
  );
  const nobody = await landfall([...argv, '--repository', 'team/other']);
  assert.match(nobody.stdout, /looks at no source: none watches that repository and tag/);
  assert.equal(nobody.code, 0);
});

/** Answers every request so. */
async function answering(t: TestContext, status: number): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { location: 'http://169.254.169.254/' }).end('canary');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const refusals: readonly (readonly [status: number, wanted: Wanted])[] = [
  [
    401,
    { code: 'WEBHOOK_UNAUTHENTICATED', says: /answered 401 .*its secret is another one/, next: /the secret/ },
  ],
  [
    404,
    {
      code: 'RECEIVER_NOT_FOUND',
      says: /answered 404 .*no receiver has that path/,
      next: /-f the documents/,
    },
  ],
  [413, { code: 'WEBHOOK_TOO_LARGE', says: /answered 413/, next: /less/ }],
  [503, { code: 'QUEUE_UNAVAILABLE', says: /answered 503/, next: /again/ }],
  [200, { code: 'RECEIVER_UNREACHABLE', says: /answered 200 .*which no receiver says/, next: /--url/ }],
  [302, { code: 'RECEIVER_UNREACHABLE', says: /answered 302/, next: /--url/ }],
];
for (const [status, wanted] of refusals) {
  test(`a sample that is answered ${status}: ${wanted.code}`, async (t) => {
    const { path } = await documentFor(t);
    const url = await answering(t, status);
    const ended = await landfall(['receivers', 'test', 'generic', '-f', path, '--url', url, '--json']);
    assertRefused(ended, wanted);
    assert.doesNotMatch(ended.stdout + ended.stderr, /canary|receivers\/[0-9a-f]/);
  });
}

test('serve with another secret has no such path', async (t) => {
  const [{ folder, path }, other] = [await documentFor(t), await documentFor(t, { secret: 'another' })];
  const serve = await startServe(t, { documents: [path], store: join(folder, 'store') });
  const ended = await landfall(['receivers', 'test', 'quay', '-f', other.path, '--url', serve.url]);
  assertRefused(ended, {
    code: 'RECEIVER_NOT_FOUND',
    says: /answered 404/,
    next: /changed in its file .* start serve again/,
  });
});

test('a name that no receiver has is told with all that there are, also those whose secret cannot be read', async (t) => {
  const path = join(await folderFor(t), 'closed.yaml');
  await writeFile(
    path,
    'sources: []\nreceivers: [{ name: own, type: generic, registry: r.example, secret: { file: ./gone } }]\n',
  );
  assertRefused(await landfall(['receivers', 'test', 'owm', '-f', path]), {
    code: 'RECEIVER_NOT_FOUND',
    says: /no receiver "owm"; known: own$/m,
    next: /Name one/,
  });
});

test('what cannot be sent is said before anything is', async (t) => {
  const { path } = await documentFor(t);
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const cases: readonly (readonly [argv: readonly string[], wanted: Wanted])[] = [
    [
      ['nothing'],
      { code: 'RECEIVER_NOT_FOUND', says: /no receiver "nothing"; known: acr, /, next: /Name one/ },
    ],
    [
      ['acr', '--url', 'https://u:can/canary@x'],
      { code: 'USAGE', exit: 2, says: /"https:\/\/…" is no http/, next: /--help/ },
    ],
    [['acr', '--url', 'ftp://x'], { code: 'USAGE', exit: 2, says: /"ftp:\/\/x" is no http/, next: /--help/ }],
    [['acr', '--url', nobody], { code: 'RECEIVER_UNREACHABLE', says: /cannot be reached/, next: /--url/ }],
  ];
  for (const [argv, wanted] of cases) {
    assertRefused(await landfall(['receivers', 'test', ...argv, '-f', path]), wanted);
  }
});

const OPTIONS = `sources: []
receivers:
  - { name: eg, type: acr-event-grid, registry: own.azurecr.io, secret: { value: ${SECRET} } }
  - name: grid
    type: acr-event-grid
    registry: own.azurecr.io
    entra: { tenant: 11111111-2222-3333-4444-555555555555, audience: "api://landfall" }
    secret: { value: ${SECRET} }
  - name: google
    type: gar
    registry: europe-docker.pkg.dev
    audience: landfall
    serviceAccount: push@project.iam.gserviceaccount.com
    secret: { value: ${SECRET} }
  - name: jobs
    type: oidc
    registry: ghcr.io
    issuer: https://token.actions.githubusercontent.com
    audience: landfall
    claims: { repository: "team/*" }
    secret: { value: ${SECRET} }
  - { name: plain, type: jfrog, registry: own.jfrog.io, secret: { value: ${SECRET} } }
  - { name: signed, type: jfrog, registry: own.jfrog.io, signed: true, secret: { value: ${SECRET} } }
`;

test('what to do at the sender is as the receiver is set up', async (t) => {
  const path = join(await folderFor(t), 'sources.yaml');
  await writeFile(path, OPTIONS);
  const listed = await landfall(['receivers', '-f', path, '--json']);
  const document = documentOf<readonly { readonly name: string; readonly how: string }[]>(listed);
  const hows = new Map(document.map(({ name, how }) => [name, how]));
  for (const [name, says] of [
    ['eg', /X-Landfall-Secret static <the secret> true$/],
    [
      'grid',
      /-tenant-id 11111111-2222-3333-4444-555555555555 --azure-active-directory-application-id-or-uri api:\/\/landfall$/,
    ],
    ['google', /=push@project\.iam\.gserviceaccount\.com --push-auth-token-audience=landfall$/],
    ['jobs', /a token of https:\/\/token\.actions\.githubusercontent\.com for the audience landfall/],
    ['plain', /payload signing" not ticked$/],
    ['signed', /payload signing" ticked$/],
  ] as const) {
    assert.match(hows.get(name) ?? '', says, name);
  }
  assert.doesNotMatch(hows.get('grid') ?? '', /X-Landfall-Secret/, 'the token is in place of the header');
});

for (const [name, says] of [
  ['grid', /no sample for grid \(acr-event-grid\): .* Microsoft Entra signs/],
  ['google', /no sample for google \(gar\): .* Google signs/],
  ['jobs', /no sample for jobs \(oidc\): .* the issuer signs/],
] as const) {
  test(`no sample is made of what another signs: ${name}`, async (t) => {
    const path = join(await folderFor(t), 'sources.yaml');
    await writeFile(path, OPTIONS);
    const ended = await landfall([
      'receivers',
      'test',
      name,
      '-f',
      path,
      '--repository',
      'team/app',
      '--json',
    ]);
    assertRefused(ended, { code: 'USAGE', exit: 2, says, next: /^ {2}next: Push to / });
  });
}

test('a receiver whose secret is not here is told, and the others are printed and tried', async (t) => {
  const folder = await folderFor(t);
  const path = join(folder, 'sources.yaml');
  const entries = [
    '{ name: own, type: generic, registry: r.example, secret: { value: canary-secret } }',
    '{ name: theirs, type: quay, registry: quay.io, secret: { env: LANDFALL_TEST_NO_SUCH } }',
  ];
  await writeFile(path, `sources: []\nreceivers: [${entries.join(', ')}]\n`);
  const { code, stdout, stderr } = await landfall(['receivers', '-f', path, '--json']);
  assert.equal(code, 2);
  assert.deepEqual(
    (JSON.parse(stdout) as readonly { readonly name: string }[]).map(({ name }) => name),
    ['own'],
  );
  assert.match(
    stderr,
    /^note: receiver theirs: environment variable LANDFALL_TEST_NO_SUCH is not there\n {2}next: /,
  );
  const tried = await landfall(['receivers', 'test', 'own', '-f', path, '--url', 'http://127.0.0.1:1']);
  assert.doesNotMatch(tried.stderr, /LANDFALL_TEST_NO_SUCH/);
  const wanted = {
    code: 'CREDENTIAL_UNREADABLE',
    exit: 2,
    says: /receiver theirs: environment/,
    next: /Put/,
  } as const;
  assertRefused(await landfall(['receivers', 'test', 'theirs', '-f', path, '--json']), wanted);
});

test('a secret that is not there is told with the receiver it is of', async (t) => {
  const folder = await folderFor(t);
  const path = join(folder, 'sources.yaml');
  const entry = '{ name: hub, type: quay, registry: quay.io, secret: { env: LANDFALL_TEST_NO_SUCH } }';
  await writeFile(path, `sources: []\nreceivers:\n  - ${entry}\n`);
  const wanted = {
    code: 'CREDENTIAL_UNREADABLE',
    exit: 2,
    says: /receiver hub: environment variable LANDFALL_TEST_NO_SUCH is not there/,
    next: /Put the secret there/,
  } as const;
  assertRefused(await landfall(['receivers', '-f', path, '--json']), wanted);
  const store = join(folder, 'store');
  const served = await landfall(['serve', '-f', path, '--store', store, '--once']);
  assert.equal(served.code, 0, 'nothing is listened for');
  assert.match(served.stderr, /"receiver is closed".*LANDFALL_TEST_NO_SUCH.*Put the secret there/);
  const { stderr } = await landfall(['get', 'sources', '--store', store]);
  assert.match(stderr, /receiver hub: environment variable LANDFALL_TEST_NO_SUCH is not there/);
});
