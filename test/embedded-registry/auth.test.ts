import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allows, parseScopes } from '../../embedded-registry/auth/scope.ts';
import type { EmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { codeOf, openRegistry, plant } from './test-registry.ts';

const users = { 'user@example.com': 'pass:word' };
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const GOOD = basic('user@example.com:pass:word');

const BASIC_CASES = [
  ['the right password', GOOD, 200],
  ['a scheme in another case', GOOD.replace('Basic', 'bASIC'), 200],
  ['no header', undefined, 401],
  ['a wrong password', basic('user@example.com:password'), 401],
  ['an unknown user', basic('nobody:pass:word'), 401],
  ['a name objects have', basic('constructor:pass:word'), 401],
  ['no colon', basic('user@example.com'), 401],
  ['another scheme', 'Bearer x', 401],
  ['no base64', 'Basic !!!', 401],
] as const;

for (const [what, authorization, status] of BASIC_CASES) {
  test(`basic: answers ${status} to ${what}`, async (t) => {
    const registry = await openRegistry(t, { auth: { kind: 'basic', users } });
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${registry.url}/v2/`, { headers });
    assert.equal(response.status, status);
    const challenge = status === 401 ? 'Basic realm="Embedded Registry"' : null;
    assert.equal(response.headers.get('www-authenticate'), challenge);
  });
}

interface TokenAnswer {
  readonly token?: string;
  readonly access_token?: string;
  readonly expires_in?: number;
}

async function getToken(
  { url }: EmbeddedRegistry,
  scope: string,
  authorization: string | undefined = GOOD,
): Promise<TokenAnswer> {
  const headers = authorization === '' ? {} : { authorization };
  const response = await fetch(`${url}/token?service=x&scope=${encodeURIComponent(scope)}`, { headers });
  assert.equal(response.status, 200);
  return (await response.json()) as TokenAnswer;
}

const withToken = ({ url }: EmbeddedRegistry, path: string, token = '', method = 'GET'): Promise<Response> =>
  fetch(url + path, { method, headers: { authorization: `Bearer ${token}` } });

test('bearer: challenges with its own realm and the scope that is needed', async (t) => {
  const registry = await openRegistry(t, { auth: { kind: 'bearer', users } });
  const start = `Bearer realm="${registry.url}/token",service="${registry.host}"`;
  for (const [method, path, scope] of [
    ['GET', '/v2/', ''],
    ['GET', '/v2/a/b/manifests/v1', ',scope="repository:a/b:pull"'],
    ['PUT', '/v2/a/b/manifests/v1', ',scope="repository:a/b:pull,push"'],
    ['POST', '/v2/a/b/blobs/uploads/', ',scope="repository:a/b:pull,push"'],
    ['DELETE', '/v2/a/b/manifests/v1', ',scope="repository:a/b:delete"'],
  ] as const) {
    const response = await fetch(registry.url + path, { method });
    assert.equal(response.status, 401);
    assert.equal(response.headers.get('www-authenticate'), start + scope);
  }
});

test('bearer: a token is good for its scope alone', async (t) => {
  const registry = await openRegistry(t, { auth: { kind: 'bearer', users } });
  plant(registry, 'a/b', 'v1');
  plant(registry, 'a/c', 'v1');
  const { token } = await getToken(registry, 'repository:a/b:pull');
  assert.equal((await withToken(registry, '/v2/', token)).status, 200);
  assert.equal((await withToken(registry, '/v2/a/b/manifests/v1', token)).status, 200);
  for (const [path, method] of [
    ['/v2/a/c/manifests/v1', 'GET'],
    ['/v2/a/b/blobs/uploads/', 'POST'],
    ['/v2/a/b/manifests/v1', 'DELETE'],
  ] as const) {
    const response = await withToken(registry, path, token, method);
    assert.equal(response.status, 401);
    assert.match(response.headers.get('www-authenticate') ?? '', /,error="insufficient_scope"$/);
  }
});

test('bearer: a token that was never issued is invalid', async (t) => {
  const registry = await openRegistry(t, { auth: { kind: 'bearer', users } });
  const response = await withToken(registry, '/v2/', 'made-up');
  assert.equal(response.status, 401);
  assert.match(response.headers.get('www-authenticate') ?? '', /,error="invalid_token"$/);
});

test('bearer: gives anonymous tokens to pull only, and only where allowed', async (t) => {
  const open = await openRegistry(t, { auth: { kind: 'bearer', users, anonymousPull: true } });
  plant(open, 'a/b', 'v1');
  const { token } = await getToken(open, 'repository:a/b:pull,push', '');
  assert.equal((await withToken(open, '/v2/a/b/manifests/v1', token)).status, 200);
  assert.equal((await withToken(open, '/v2/a/b/blobs/uploads/', token, 'POST')).status, 401);
  const closed = await openRegistry(t, { auth: { kind: 'bearer', users } });
  assert.equal((await fetch(`${closed.url}/token?scope=repository:a/b:pull`)).status, 401);
});

test('bearer: refuses a wrong password even where anonymous tokens are given', async (t) => {
  const registry = await openRegistry(t, { auth: { kind: 'bearer', users, anonymousPull: true } });
  const headers = { authorization: basic('user@example.com:wrong') };
  assert.equal((await fetch(`${registry.url}/token`, { headers })).status, 401);
});

const FIELDS = [
  [{}, ['issued_at', 'token']],
  [{ expiresInSeconds: 300 }, ['expires_in', 'issued_at', 'token']],
  [{ tokenField: 'access_token' }, ['access_token', 'issued_at']],
  [{ tokenField: 'both' }, ['access_token', 'issued_at', 'token']],
] as const;

for (const [options, fields] of FIELDS) {
  test(`bearer: answers with ${fields.join(', ')}`, async (t) => {
    const registry = await openRegistry(t, { auth: { kind: 'bearer', users, ...options } });
    assert.deepEqual(Object.keys(await getToken(registry, '')).sort(), fields);
  });
}

test('bearer: a token ends when its time is over', async (t) => {
  let now = 1_000_000;
  const clock = { now: () => now, sleep: async () => undefined };
  const auth = { kind: 'bearer', users, expiresInSeconds: 10 } as const;
  const registry = await openRegistry(t, { auth, clock });
  const { token } = await getToken(registry, '');
  now += 9_999;
  assert.equal((await withToken(registry, '/v2/', token)).status, 200);
  now += 1;
  assert.equal((await withToken(registry, '/v2/', token)).status, 401);
});

for (const [expired, status, code] of [
  ['challenge', 401, 'UNAUTHORIZED'],
  ['ecr-public', 400, 'DENIED'],
] as const) {
  test(`bearer: an expired token gets ${status} ${code} in the manner of ${expired}`, async (t) => {
    const registry = await openRegistry(t, { auth: { kind: 'bearer', users, expired } });
    const { token } = await getToken(registry, '');
    registry.expireTokens();
    const response = await withToken(registry, '/v2/', token);
    assert.equal(response.status, status);
    assert.equal(response.headers.has('www-authenticate'), status === 401);
    assert.equal(await codeOf(response), code);
    const fresh = await getToken(registry, '');
    assert.equal((await withToken(registry, '/v2/', fresh.token)).status, 200);
  });
}

const GRANTS = [
  ['an identity token', { grant_type: 'refresh_token', refresh_token: 'identity' }, 200],
  ['an unknown identity token', { grant_type: 'refresh_token', refresh_token: 'other' }, 401],
  ['no identity token', { grant_type: 'refresh_token' }, 401],
  ['a password', { grant_type: 'password', username: 'user@example.com', password: 'pass:word' }, 200],
  ['a wrong password', { grant_type: 'password', username: 'user@example.com', password: '' }, 401],
  ['another grant', { grant_type: 'client_credentials' }, 401],
] as const;

for (const [what, form, status] of GRANTS) {
  test(`bearer: answers ${status} to an oauth2 grant by ${what}`, async (t) => {
    const auth = { kind: 'bearer', users, identityTokens: ['identity'] } as const;
    const registry = await openRegistry(t, { auth });
    plant(registry, 'a/b', 'v1');
    const body = new URLSearchParams({ ...form, service: 'x', scope: 'repository:a/b:pull' });
    const response = await fetch(`${registry.url}/token`, { method: 'POST', body });
    assert.equal(response.status, status);
    if (status !== 200) return;
    const { access_token } = (await response.json()) as TokenAnswer;
    assert.equal((await withToken(registry, '/v2/a/b/manifests/v1', access_token)).status, 200);
  });
}

const SCOPES = [
  ['repository:a/b:pull', 'a/b', ['pull'], true],
  ['repository:a/b:pull,push', 'a/b', ['pull', 'push'], true],
  ['repository:x:pull repository:a/b:pull', 'a/b', ['pull'], true],
  ['repository:a/b:push repository:a/b:pull', 'a/b', ['pull', 'push'], true],
  ['repository:a/b:pull', 'a/b', ['pull', 'push'], false],
  ['repository:a/b:pull', 'a', ['pull'], false],
  ['repository:a/b:*', 'a/b', ['pull'], false],
  ['registry:catalog:*', 'catalog', ['pull'], false],
  ['', 'a/b', ['pull'], false],
] as const;

for (const [text, repository, actions, allowed] of SCOPES) {
  test(`scope ${JSON.stringify(text)} ${allowed ? 'allows' : 'does not allow'} ${actions} in ${repository}`, () => {
    assert.equal(allows(parseScopes([text]), { repository, actions }), allowed);
  });
}
