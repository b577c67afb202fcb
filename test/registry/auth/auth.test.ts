import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Credential } from '../../../shared/registry/client.ts';
import {
  ALICE,
  failure,
  ociError,
  PLAIN,
  type Script,
  type Seen,
  sendJson,
  sendManifest,
  startClient,
  startScripted,
  steppedClock,
} from '../scripted-registry.ts';
import { paths, startBearer } from './bearer-registry.ts';

const MANIFEST_PATH = '/v2/team/app/manifests/v1';

test('the first call learns the challenge, every later one is one request with the same token', async (t) => {
  const registry = await startBearer(t, { valid: new Set() });
  const client = startClient(t);
  await client.peek(registry.repository, 'v1');
  assert.deepEqual(paths(registry), [`HEAD ${MANIFEST_PATH}`, 'GET /token', `HEAD ${MANIFEST_PATH}`]);
  assert.match(registry.seen[1]?.path ?? '', /service=s&scope=repository%3Ateam%2Fapp%3Apull(&|$)/);
  registry.seen.length = 0;
  for (let poll = 0; poll < 3; poll++) await client.peek(registry.repository, 'v1');
  assert.deepEqual(
    paths(registry),
    [1, 2, 3].map(() => `HEAD ${MANIFEST_PATH}`),
  );
  assert.equal(client.facts.length, 6);
});

test('concurrent calls share one token request', async (t) => {
  const registry = await startBearer(t, { valid: new Set() });
  const client = startClient(t);
  await Promise.all(Array.from({ length: 20 }, () => client.peek(registry.repository, 'v1')));
  assert.equal(paths(registry).filter((path) => path === 'GET /token').length, 1);
});

test('repositories have tokens of their own, and pushing asks for its own scope', async (t) => {
  const registry = await startBearer(t, { valid: new Set() });
  const client = startClient(t);
  await client.peek(registry.repository, 'v1');
  await client.peek({ ...registry.repository, repository: 'other' }, 'v1');
  await client.hasBlob(registry.repository, `sha256:${'a'.repeat(64)}` as never);
  const scopes = registry.seen
    .filter(({ path }) => path.startsWith('/token'))
    .map(({ path }) => new URL(path, 'http://x').searchParams.get('scope'));
  assert.deepEqual(scopes, [
    'repository:team/app:pull',
    'repository:other:pull',
    'repository:team/app:pull,push',
  ]);
});

for (const [name, expiresIn, usable, over] of [
  ['300 s', 300, 269_000, 2000],
  ['60 s where nothing is said', undefined, 47_000, 2000],
] as const) {
  test(`a token that lives ${name} is renewed before it ends`, async (t) => {
    const clock = steppedClock();
    const registry = await startBearer(t, { valid: new Set(), expiresIn });
    const client = startClient(t, { clock });
    await client.peek(registry.repository, 'v1');
    clock.step(usable);
    await client.peek(registry.repository, 'v1');
    assert.equal(paths(registry).filter((path) => path === 'GET /token').length, 1);
    clock.step(over);
    await client.peek(registry.repository, 'v1');
    assert.deepEqual(paths(registry).slice(-2), ['GET /token', `HEAD ${MANIFEST_PATH}`]);
  });
}

test('a cached token that is refused is replaced once', async (t) => {
  const valid = new Set<string>();
  const registry = await startBearer(t, { valid });
  const client = startClient(t);
  await client.peek(registry.repository, 'v1');
  valid.clear();
  registry.seen.length = 0;
  await client.peek(registry.repository, 'v1');
  assert.deepEqual(paths(registry), [`HEAD ${MANIFEST_PATH}`, 'GET /token', `HEAD ${MANIFEST_PATH}`]);
});

test('a fresh token that is refused is UNAUTHORIZED, says for which registry, and shows no secret', async (t) => {
  const registry = await startBearer(t, {
    valid: new Set(),
    token: (_, response) => sendJson(response, 200, { access_token: 'tok-secret' }),
  });
  const client = startClient(t, { credential: ALICE });
  await assert.rejects(client.manifest(registry.repository, 'v1'), (error: Error) => {
    assert.doesNotMatch(JSON.stringify(error) + error.message, /wonder|tok-secret/);
    return failure('UNAUTHORIZED', new RegExp(`--registry-creds ${registry.host}=`))(error as never);
  });
  assert.equal(registry.seen.length, 3);
});

for (const status of [400, 403]) {
  for (const method of ['peek', 'manifest'] as const) {
    test(`ECR Public's ${status} on an expired token gets a new one (${method})`, async (t) => {
      const valid = new Set<string>();
      const registry = await startBearer(t, {
        valid,
        refuse: (seen, response) =>
          seen.method === 'HEAD'
            ? void response.writeHead(status).end()
            : sendJson(response, status, ociError('DENIED', 'Your Authorization Token is invalid.')),
      });
      const client = startClient(t);
      await client[method](registry.repository, 'v1');
      valid.clear();
      registry.seen.length = 0;
      await client[method](registry.repository, 'v1');
      assert.equal(registry.seen.length, 3);
    });
  }
}

test('a 403 that is about rights, not the token, is FORBIDDEN at once', async (t) => {
  const valid = new Set<string>();
  const registry = await startBearer(t, {
    valid,
    refuse: (_, response) =>
      sendJson(response, 403, ociError('DENIED', 'requested access to the resource is denied')),
  });
  const client = startClient(t);
  await client.manifest(registry.repository, 'v1');
  valid.clear();
  registry.seen.length = 0;
  await assert.rejects(client.manifest(registry.repository, 'v1'), failure('FORBIDDEN', /requested access/));
  assert.equal(registry.seen.length, 1);
});

test('Harbor offers only Basic once a token was sent: Bearer is kept to', async (t) => {
  const valid = new Set<string>();
  const registry = await startBearer(t, {
    valid,
    challenge: (origin, seen) =>
      seen.headers.authorization ? 'Basic realm="harbor"' : `Bearer realm="${origin}/token"`,
  });
  const client = startClient(t, { credential: ALICE });
  await client.peek(registry.repository, 'v1');
  valid.clear();
  await client.peek(registry.repository, 'v1');
  const toRegistry = registry.seen.filter(({ path }) => path.startsWith('/v2/'));
  assert.ok(toRegistry.every(({ headers }) => !headers.authorization?.startsWith('Basic')));
});

for (const [name, challenge] of [
  [
    'Forgejo: Bearer and Basic in one header, scope *',
    (origin: string) => `Bearer realm="${origin}/token",service="s",scope="*",Basic realm="Forgejo"`,
  ],
  ['two headers', (origin: string) => ['Basic realm="r"', `Bearer realm="${origin}/token"`]],
] as const) {
  test(`${name}: the password goes to the token service alone`, async (t) => {
    const registry = await startBearer(t, {
      valid: new Set(),
      challenge: (origin) => challenge(origin) as string,
    });
    const client = startClient(t, { credential: ALICE });
    await client.peek(registry.repository, 'v1');
    assert.deepEqual(
      registry.seen.map(({ headers }) => headers.authorization?.split(' ')[0]),
      [undefined, 'Basic', 'Bearer'],
    );
    assert.match(registry.seen[1]?.path ?? '', /scope=repository%3Ateam%2Fapp%3Apull(&|$)/);
  });
}

function basicScript(seen: Seen, response: Parameters<Script>[1]): void {
  const wanted = `Basic ${Buffer.from('alice:wonder:land').toString('base64')}`;
  if (seen.headers.authorization === wanted) sendManifest(seen, response);
  else response.writeHead(401, { 'www-authenticate': 'Basic realm="Artifactory Realm"' }).end();
}

test('Basic is sent from the start once it was asked for', async (t) => {
  const registry = await startScripted(t, basicScript);
  const client = startClient(t, { credential: ALICE });
  await client.peek(registry.repository, 'v1');
  assert.equal(registry.seen.length, 2);
  await client.peek({ ...registry.repository, repository: 'other' }, 'v1');
  assert.equal(registry.seen.length, 3);
});

for (const credential of [{ kind: 'anonymous' }, { ...ALICE, password: 'wrong' }] as readonly Credential[]) {
  test(`Basic with ${credential.kind} credentials that do not do is UNAUTHORIZED`, async (t) => {
    const registry = await startScripted(t, basicScript);
    const client = startClient(t, { credential });
    await assert.rejects(client.manifest(registry.repository, 'v1'), failure('UNAUTHORIZED'));
    assert.ok(registry.seen.length <= 2);
  });
}

test('a registry token is sent as it is, and a refusal is final', async (t) => {
  const registry = await startBearer(t, { valid: new Set(['mine']) });
  const good = startClient(t, { credential: { kind: 'registry-token', token: 'mine' } });
  await good.peek(registry.repository, 'v1');
  assert.equal(registry.seen.length, 1);
  const bad = startClient(t, { credential: { kind: 'registry-token', token: 'other' } });
  await assert.rejects(bad.manifest(registry.repository, 'v1'), failure('UNAUTHORIZED'));
  assert.equal(registry.seen.length, 2);
});

test('credentials of one access are never used for another', async (t) => {
  const registry = await startBearer(t, { valid: new Set() });
  const { createRegistryClient } = await import('../../../shared/registry/create-client.ts');
  const { DEFAULT_LIMITS } = await import('../../../shared/limits.ts');
  const client = createRegistryClient({
    access: {
      access: async ({ repository }) => ({
        credential: repository === 'private' ? ALICE : { kind: 'anonymous' },
        transport: PLAIN,
      }),
    },
    clock: steppedClock(),
    limits: DEFAULT_LIMITS,
  });
  t.after(() => client.close());
  await client.peek({ ...registry.repository, repository: 'private' }, 'v1');
  await client.peek({ ...registry.repository, repository: 'public' }, 'v1');
  const tokens = registry.seen.filter(({ path }) => path.startsWith('/token'));
  assert.deepEqual(
    tokens.map(({ headers }) => headers.authorization?.split(' ')[0]),
    ['Basic', undefined],
  );
});

for (const status of [403, 404]) {
  test(`a registry that hides what is private behind ${status} is asked at /v2/ how to log in, once`, async (t) => {
    const registry = await startScripted(t, (seen, response) => {
      if (seen.headers.authorization) sendManifest(seen, response);
      else if (seen.path !== '/v2/') response.writeHead(status).end();
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="Artifactory Realm"' }).end();
    });
    const client = startClient(t, { credential: ALICE });
    await client.peek(registry.repository, 'v1');
    assert.deepEqual(paths(registry), [`HEAD ${MANIFEST_PATH}`, 'GET /v2/', `HEAD ${MANIFEST_PATH}`]);
    await client.peek(registry.repository, 'v1');
    assert.equal(registry.seen.length, 4);
  });
}

test('an open registry is not asked at /v2/ again for every missing tag, nor at all without credentials', async (t) => {
  const registry = await startScripted(t, (seen, response) => {
    if (seen.path === '/v2/') response.end();
    else sendJson(response, 404, ociError('MANIFEST_UNKNOWN', 'x'));
  });
  const pings = (): number => registry.seen.filter(({ path }) => path === '/v2/').length;
  await assert.rejects(startClient(t).manifest(registry.repository, 'v1'), failure('TAG_NOT_FOUND'));
  assert.equal(pings(), 0);
  const client = startClient(t, { credential: ALICE });
  for (let look = 0; look < 3; look++) {
    await assert.rejects(client.manifest(registry.repository, 'v1'), failure('TAG_NOT_FOUND'));
  }
  assert.equal(pings(), 1);
});

test('one access for two registries leads to each', async (t) => {
  const { createRegistryClient } = await import('../../../shared/registry/create-client.ts');
  const { DEFAULT_LIMITS } = await import('../../../shared/limits.ts');
  const access = { credential: ALICE, transport: PLAIN };
  const client = createRegistryClient({
    access: { access: async () => access },
    clock: steppedClock(),
    limits: DEFAULT_LIMITS,
  });
  t.after(() => client.close());
  for (const registry of [await startScripted(t, sendManifest), await startScripted(t, sendManifest)]) {
    await client.peek(registry.repository, 'v1');
    await client.peek(registry.repository, 'v1');
    assert.equal(registry.seen.length, 2);
  }
});

test('mounting asks for a token that may also read where the blob is', async (t) => {
  const registry = await startBearer(t, { valid: new Set(), token: (_, r) => sendJson(r, 403, {}) });
  const blob = { mediaType: 'x/y', digest: `sha256:${'a'.repeat(64)}` as never, size: 1 };
  const mountFrom = { ...registry.repository, repository: 'team/base' };
  await assert.rejects(startClient(t).pushBlob(registry.repository, blob, Buffer.from('a'), { mountFrom }));
  const asked = registry.seen.find(({ path }) => path.startsWith('/token'))?.path ?? '';
  assert.deepEqual(new URL(asked, 'http://x').searchParams.getAll('scope'), [
    'repository:team/app:pull,push',
    'repository:team/base:pull',
  ]);
});
