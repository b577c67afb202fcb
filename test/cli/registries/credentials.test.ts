import assert from 'node:assert/strict';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { RegistryAuth } from '../../../embedded-registry/auth/registry-auth.ts';
import type { EmbeddedRegistry } from '../../../embedded-registry/embedded-registry.ts';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { contentLayer, plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import {
  assertRefused,
  documentOf,
  type Ended,
  folderFor,
  landfall,
  landfallProcess,
} from '../../support/cli.ts';
import { skipWithout } from '../../support/programs/tool.ts';
import { signingKey } from '../../support/signing-key.ts';

const PASSWORD = 'canary-password';
const USERS = { reader: PASSWORD };
const FILES = { 'app.yaml': 'a: 1\n' };
const AUTHS: Readonly<Record<string, RegistryAuth>> = {
  basic: { kind: 'basic', users: USERS },
  bearer: { kind: 'bearer', users: USERS, identityTokens: ['canary-identity'] },
};

async function withArtifact(t: TestContext, auth: RegistryAuth): Promise<EmbeddedRegistry> {
  const registry = await openRegistry(t, { auth });
  plantFiles(registry, 'v1', FILES);
  return registry;
}

/** Nothing a command says may hold a secret, as it is or as Basic carries it. */
function assertNoSecret({ stdout, stderr }: Ended): void {
  const said = stdout + stderr;
  assert.doesNotMatch(said, /canary/);
  assert.equal(said.includes(Buffer.from(`reader:${PASSWORD}`).toString('base64')), false);
}

async function dockerConfig(t: TestContext, content: unknown): Promise<string> {
  const folder = await folderFor(t);
  await writeFile(join(folder, 'config.json'), JSON.stringify(content));
  return folder;
}

for (const [name, auth] of Object.entries(AUTHS)) {
  test(`reads with --registry-creds, the most specific one, ${name}`, async (t) => {
    const { host } = await withArtifact(t, auth);
    const creds = (text: string): readonly string[] => ['--registry-creds', text];
    const argv = ['resolve', `oci://${host}/team/app:v1`, '--plain-http'];
    const ended = await landfall([
      ...argv,
      ...creds(`${host}=nobody:wrong`),
      ...creds(`${host}/team/*=reader:${PASSWORD}`),
    ]);
    assert.equal(ended.code, 0, ended.stderr);
    assertNoSecret(ended);
  });

  test(`reads with docker's config.json, ${name}`, async (t) => {
    const { host } = await withArtifact(t, auth);
    const encoded = Buffer.from(`reader:${PASSWORD}`).toString('base64');
    const env = { DOCKER_CONFIG: await dockerConfig(t, { auths: { [host]: { auth: encoded } } }) };
    const argv = ['pull', `oci://${host}/team/app:v1`, '-o', join(await folderFor(t), 'out')];
    const ended = await landfallProcess([...argv, '--plain-http', '--json'], { env });
    assert.equal(documentOf(ended)['tag'], 'v1');
    assertNoSecret(ended);
  });

  test(`a wrong password is told with where it came from and what to do, ${name}`, async (t) => {
    const { host } = await withArtifact(t, auth);
    const argv = ['resolve', `oci://${host}/team/app:v1`, '--plain-http', '--json'];
    const wrong = Buffer.from('reader:canary-wrong').toString('base64');
    const docker = await dockerConfig(t, { auths: { [host]: { auth: wrong } } });
    const cases = [
      { argv, says: /answered 401 to a request without a credential/, next: /or give a credential for / },
      {
        argv: [...argv, '--registry-creds', `${host}=reader:canary-wrong`],
        says: new RegExp(`answered 401 to the username and password of --registry-creds ${host}`),
        next: /Check that the credential is right/,
      },
      {
        argv,
        env: { DOCKER_CONFIG: docker },
        says: new RegExp(`answered 401 to the username and password of ${docker}/config\\.json `),
        next: /Check that the credential is right/,
      },
    ];
    for (const { argv, env, says, next } of cases) {
      const ended = await landfallProcess(argv, env === undefined ? {} : { env });
      assertRefused(ended, { code: 'UNAUTHORIZED', says, next });
      assert.match(ended.stderr, /--registry-creds/);
      assertNoSecret(ended);
    }
  });
}

test('reads with an identity token of docker config', async (t) => {
  const { host } = await withArtifact(t, AUTHS['bearer'] ?? { kind: 'anonymous' });
  const env = {
    DOCKER_CONFIG: await dockerConfig(t, { auths: { [host]: { identitytoken: 'canary-identity' } } }),
  };
  const ended = await landfallProcess(['resolve', `oci://${host}/team/app:v1`, '--plain-http'], { env });
  assert.equal(ended.code, 0, ended.stderr);
  assertNoSecret(ended);
});

test('--registry-creds that cannot be read is refused without being repeated', async () => {
  for (const creds of ['canary-password', '=reader:canary-password', 'ghcr.io=canary-password:']) {
    const ended = await landfall(['resolve', 'oci://127.0.0.1:1/a', '--registry-creds', creds, '--json']);
    assertRefused(ended, { code: 'USAGE', exit: 2, says: /--registry-creds/, next: /./ });
    assertNoSecret(ended);
  }
});

test('a docker config that is none stops no public pull, and is named where a credential is wanted', async (t) => {
  const folder = await folderFor(t);
  await writeFile(join(folder, 'config.json'), '{"auths": canary-password}');
  const env = { DOCKER_CONFIG: folder };
  const publicOne = await openRegistry(t);
  plantFiles(publicOne, 'v1', FILES);
  const argv = (host: string) => ['resolve', `oci://${host}/team/app:v1`, '--plain-http', '--json'];
  const open = await landfallProcess(argv(publicOne.host), { env });
  assert.equal(open.code, 0, open.stderr);
  assert.match(open.stderr, /^note: not asked for a credential: docker config \S*config\.json is not JSON$/m);
  const { host } = await withArtifact(t, { kind: 'basic', users: USERS });
  const closed = await landfallProcess(argv(host), { env });
  assert.equal(closed.code, 1);
  assert.match(closed.stderr, /UNAUTHORIZED: .* to a request without a credential/);
  assert.match(
    closed.stderr,
    /next: .* Not asked for a credential: docker config \S*config\.json is not JSON\.$/m,
  );
  for (const ended of [open, closed]) assertNoSecret(ended);
});

test('reads with DOCKER_AUTH_CONFIG, wrapped and in Latin-1, and with a helper named as on WSL', async (t) => {
  const password = Buffer.from('canary-pä', 'latin1');
  const registry = await openRegistry(t);
  plantFiles(registry, 'v1', FILES);
  const authorization: (string | undefined)[] = [];
  const guarded = createServer((request, response) => {
    const url = new URL(request.url ?? '', registry.url);
    authorization.push(request.headers.authorization);
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return;
    }
    response.writeHead(307, { location: url.href }).end();
  });
  await new Promise<void>((resolve) => guarded.listen(0, '127.0.0.1', resolve));
  t.after(() => guarded.close());
  const address = guarded.address();
  assert.ok(typeof address === 'object' && address !== null);
  const auth = Buffer.concat([Buffer.from('reader:'), password]).toString('base64');
  const DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { '127.0.0.1:*': { auth: `${auth}\n` } } });
  const argv = ['resolve', `oci://127.0.0.1:${address.port}/team/app:v1`, '--plain-http'];
  const ended = await landfallProcess(argv, { env: { DOCKER_AUTH_CONFIG } });
  assert.equal(authorization.at(-1), `Basic ${auth}`);
  assertNoSecret(ended);
  const bin = await folderFor(t);
  const program = join(bin, 'docker-credential-desktop.exe');
  await writeFile(program, `#!/bin/sh\necho '{"Username":"reader","Secret":"canary-helper"}'\n`);
  await chmod(program, 0o755);
  const env = {
    DOCKER_CONFIG: await dockerConfig(t, { credsStore: 'desktop.exe' }),
    PATH: `${bin}:${process.env['PATH']}`,
  };
  assertNoSecret(await landfallProcess(argv, { env }));
  assert.equal(authorization.at(-1), `Basic ${Buffer.from('reader:canary-helper').toString('base64')}`);
});

test('no query string of a redirect is told, logged or kept', async (t) => {
  const storage = await openRegistry(t);
  const registry = await openRegistry(t, { auth: { kind: 'basic', users: USERS } });
  const { layer } = plantFiles(registry, 'v1', FILES);
  const location = `${storage.url}/presigned?X-Amz-Signature=canary-signature`;
  registry.faults.add({ path: new RegExp(layer.digest) }, { kind: 'redirect', status: 307, location });
  const folder = await folderFor(t);
  const store = join(folder, 'store');
  const sources = join(folder, 'sources.yaml');
  await writeFile(
    sources,
    `sources:\n  - { name: app, url: "oci://${registry.host}/team/app", ref: { tag: v1 } }\n`,
  );
  const creds = ['--plain-http', '--registry-creds', `${registry.host}=reader:${PASSWORD}`];
  const pulled = await landfall([
    'pull',
    `oci://${registry.host}/team/app:v1`,
    '-o',
    join(folder, 'out'),
    ...creds,
  ]);
  assertRefused(pulled, { code: 'BLOB_NOT_FOUND', says: /presigned/, next: /./ });
  const served = await landfall([
    'serve',
    '-f',
    sources,
    '--store',
    store,
    '--once',
    ...creds,
    '--log-level',
    'debug',
  ]);
  assert.equal(served.code, 1);
  const status = await landfall(['status', 'app', '--store', store, '--json']);
  const events = await landfall(['get', 'events', '--store', store, '--json']);
  assert.equal(documentOf<readonly unknown[]>(events).length, 1);
  for (const ended of [pulled, served, status, events]) assertNoSecret(ended);
  for (const entry of await readdir(store, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = await readFile(join(entry.parentPath, entry.name), 'latin1');
    assert.doesNotMatch(text, /canary/, entry.name);
  }
  assert.equal(
    storage.requests.entries.some(({ authorized }) => authorized),
    false,
  );
});

test('speaks TLS with --ca-file, refuses without, and takes anything when told to', {
  skip: skipWithout(['openssl'], 'pulling over TLS'),
}, async (t) => {
  const tls = await signingKey();
  const registry = await openRegistry(t, { tls });
  plantFiles(registry, 'v1', FILES);
  const folder = await folderFor(t);
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, tls.cert);
  const local = `credentials:\n  - { registry: "${registry.host}", local: true }\n`;
  const sources = join(folder, 'sources.yaml');
  const source = `sources:\n  - { name: app, url: "oci://${registry.host}/team/app", ref: { tag: v1 } }\n`;
  await writeFile(sources, source + local);
  const argv = ['explain', 'app', '-f', sources, '--json'];
  assertRefused(await landfall(argv), {
    code: 'TLS_FAILED',
    says: /its certificate is self-signed/,
    next: /--ca-file/,
  });
  assert.equal((await landfall([...argv, '--ca-file', ca])).code, 0);
  assert.equal((await landfall([...argv, '--insecure-skip-tls-verify'])).code, 0);
});

test('a registry of plain HTTP asked in TLS is told apart from a broken one', async (t) => {
  const registry = await openRegistry(t);
  const folder = await folderFor(t);
  const sources = join(folder, 'sources.yaml');
  await writeFile(
    sources,
    `sources:\n  - { name: app, url: "oci://${registry.host}/team/app" }\ncredentials:\n  - { registry: "${registry.host}", local: true }\n`,
  );
  assertRefused(await landfall(['explain', 'app', '-f', sources, '--json']), {
    code: 'TLS_FAILED',
    says: /does not speak TLS/,
    next: /--plain-http/,
  });
});

test('a private address is refused until the registry is said to be one’s own', async (t) => {
  const registry = await openRegistry(t);
  plantFiles(registry, 'v1', FILES);
  const argv = ['resolve', `oci://${registry.host}/team/app:v1`];
  const wanted = {
    code: 'ADDRESS_DENIED',
    says: /127\.0\.0\.1 is a loopback/,
    next: /--plain-http/,
  } as const;
  assertRefused(await landfall([...argv, '--json']), wanted);
  assert.equal(registry.requests.entries.length, 0);
  assert.equal((await landfall([...argv, '--plain-http'])).code, 0);
});

test('push says that a credential may only pull', async (t) => {
  const registry = await openRegistry(t);
  registry.faults.add({ method: 'POST', path: /uploads/ }, { kind: 'status', status: 403 });
  const folder = await folderFor(t);
  await writeFile(join(folder, 'a'), contentLayer(FILES));
  const argv = ['push', folder, `oci://${registry.host}/team/new:v1`, '--plain-http', '--json'];
  const without = { says: /403 to a request without a credential/, next: /Give a credential for / };
  assertRefused(await landfall(argv), { code: 'FORBIDDEN', ...without });
  const creds = ['--registry-creds', `${registry.host}=reader:${PASSWORD}`];
  const its = { says: /403 to the username and password of --registry-creds/, next: /may not push here/ };
  assertRefused(await landfall([...argv, ...creds]), { code: 'FORBIDDEN', ...its });
});
