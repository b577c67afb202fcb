import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ALICE,
  failure,
  ociError,
  type Script,
  sendJson,
  startClient,
  startScripted,
} from '../scripted-registry.ts';
import { startBearer } from './bearer-registry.ts';

for (const credential of [
  { kind: 'identity-token', token: 'id-tok' },
  { kind: 'basic', username: '<token>', password: 'id-tok' },
] as const) {
  test(`an identity token (${credential.kind}) is sent as a refresh token`, async (t) => {
    const registry = await startBearer(t, {
      valid: new Set(['acc']),
      token: (_, response) => sendJson(response, 200, { access_token: 'acc', expires_in: 4500 }),
    });
    await startClient(t, { credential }).peek(registry.repository, 'v1');
    const [, post] = registry.seen;
    assert.equal(post?.method, 'POST');
    assert.deepEqual(Object.fromEntries(new URLSearchParams(post?.body)), {
      grant_type: 'refresh_token',
      client_id: 'landfall',
      service: 's',
      scope: 'repository:team/app:pull',
      refresh_token: 'id-tok',
    });
  });
}

test('a token service without POST is asked with GET', async (t) => {
  const registry = await startBearer(t, {
    valid: new Set(['acc']),
    token: (seen, response) =>
      seen.method === 'POST' ? sendJson(response, 405, {}) : sendJson(response, 200, { token: 'acc' }),
  });
  await startClient(t, { credential: { kind: 'identity-token', token: 'id-tok' } }).peek(
    registry.repository,
    'v1',
  );
  const basic = registry.seen.at(-2)?.headers.authorization?.replace('Basic ', '') ?? '';
  assert.equal(Buffer.from(basic, 'base64').toString(), '<token>:id-tok');
});

const TOKEN_ANSWERS: readonly (readonly [string, Script, string])[] = [
  ['is HTML', (_, response) => void response.end('<html>'), 'REGISTRY_PROTOCOL'],
  ['has no token', (_, response) => sendJson(response, 200, {}), 'REGISTRY_PROTOCOL'],
  ['is an array', (_, response) => sendJson(response, 200, []), 'REGISTRY_PROTOCOL'],
  [
    'has a line break in the token',
    (_, response) => sendJson(response, 200, { token: 'a\r\nx-evil: 1' }),
    'REGISTRY_PROTOCOL',
  ],
  [
    'is too long',
    (_, response) => sendJson(response, 200, { token: 'a', pad: 'x'.repeat(70_000) }),
    'REGISTRY_PROTOCOL',
  ],
  [
    'is 401',
    (_, response) => sendJson(response, 401, { details: 'incorrect username or password' }),
    'UNAUTHORIZED',
  ],
  ['is 403', (_, response) => sendJson(response, 403, ociError('DENIED', 'denied')), 'FORBIDDEN'],
  [
    'is 403 to a login that expired',
    (_, response) => sendJson(response, 403, ociError('DENIED', 'Your authorization token has expired.')),
    'UNAUTHORIZED',
  ],
  ['is 404', (_, response) => sendJson(response, 404, {}), 'REGISTRY_PROTOCOL'],
  ['is 503', (_, response) => sendJson(response, 503, {}), 'REGISTRY_UNAVAILABLE'],
];
for (const [name, token, code] of TOKEN_ANSWERS) {
  test(`a token answer that ${name} is ${code}`, async (t) => {
    const registry = await startBearer(t, { valid: new Set(), token });
    const client = startClient(t, { credential: ALICE, attempts: 1 });
    await assert.rejects(client.peek(registry.repository, 'v1'), failure(code, /token/));
    assert.equal(client.facts.length, 2);
  });
}

for (const status of [404, 405, 501])
  test(`an identity token is sent the plain way where POST is ${status}`, async (t) => {
    const registry = await startBearer(t, {
      valid: new Set(['t1']),
      token: ({ method }, response) =>
        method === 'POST' ? sendJson(response, status, {}) : sendJson(response, 200, { token: 't1' }),
    });
    const credential = { kind: 'identity-token', token: 'refresh' } as const;
    await startClient(t, { credential, attempts: 1 }).peek(registry.repository, 'v1');
    const asked = registry.seen.filter(({ path }) => path.startsWith('/token'));
    assert.deepEqual(
      asked.map(({ method }) => method),
      ['POST', 'GET'],
    );
  });

test('a realm on another host gets nothing', async (t) => {
  const registry = await startBearer(t, {
    valid: new Set(),
    challenge: () => 'Bearer realm="https://evil.example/token"',
  });
  const client = startClient(t, { credential: ALICE });
  await assert.rejects(client.peek(registry.repository, 'v1'), failure('REALM_DENIED', /evil\.example/));
  assert.equal(client.facts.length, 1);
});

test('a token service that redirects elsewhere is not followed', async (t) => {
  const thief = await startScripted(t, (_, response) => sendJson(response, 200, { token: 'x' }));
  const registry = await startBearer(t, {
    valid: new Set(),
    token: (_, response) => void response.writeHead(307, { location: `${thief.origin}/token` }).end(),
  });
  const client = startClient(t, { credential: ALICE });
  await assert.rejects(client.peek(registry.repository, 'v1'), failure('REALM_DENIED'));
  assert.equal(thief.seen.length, 0);
});
