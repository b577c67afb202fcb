import assert from 'node:assert/strict';
import { test } from 'node:test';
import { widenScopes } from '../../../shared/registry/auth/scopes.ts';
import { ALICE, failure, sendJson, startClient, startScripted } from '../scripted-registry.ts';
import { paths, startBearer } from './bearer-registry.ts';

const OWN = 'repository:team/app:pull';
const PUSH = 'repository:team/app:pull,push';
const other = (name: string): string => `repository:${name}:pull`;

const CASES: readonly (readonly [
  string,
  string | undefined,
  readonly string[],
  { own?: string; guarded?: boolean }?,
])[] = [
  ['none', undefined, [OWN]],
  ['ours', OWN, [OWN]],
  ['ACR: metadata', 'repository:team/app:metadata_read', ['repository:team/app:pull,metadata_read']],
  ['both', 'repository:team/app:pull,metadata_read', ['repository:team/app:pull,metadata_read']],
  ['another name for it', other('docker-remote/team/app'), [OWN, other('docker-remote/team/app')]],
  ['two', `${OWN} ${other('base')}`, [OWN, other('base')]],
  ['a name with a host', other('r.example:5000/team/app'), [OWN, other('r.example:5000/team/app')]],
  ['a plugin', 'repository(plugin):team/app:pull', [OWN, 'repository(plugin):team/app:pull']],
  // What no pull needs.
  ['push', 'repository:team/app:push', [OWN]],
  ['pull and push', 'repository:team/app:pull,push', [OWN]],
  ['all rights', 'repository:team/app:*', [OWN]],
  ['delete', 'repository:team/app:delete,metadata_write', [OWN]],
  ['push, for a push', 'repository:team/app:pull,push', [PUSH], { own: PUSH }],
  ['delete and all, for a push', 'repository:team/app:delete,*', [PUSH], { own: PUSH }],
  ['a mount, for a push', other('base'), [PUSH, other('base')], { own: PUSH }],
  // A token service that others share is not asked for others' repositories with a credential.
  ['another repository, guarded', other('victim/secret'), [OWN], { guarded: true }],
  [
    'a name that ends the same, guarded',
    other('proxy/team/app'),
    [OWN, other('proxy/team/app')],
    { guarded: true },
  ],
  ['a name that only looks the same, guarded', other('evilteam/app'), [OWN], { guarded: true }],
  [
    'metadata, guarded',
    'repository:team/app:metadata_read',
    ['repository:team/app:pull,metadata_read'],
    { guarded: true },
  ],
  // Garbage.
  ['GHCR: an example', 'repository:user/image:pull', [OWN]],
  ['Forgejo: *', '*', [OWN]],
  ['ECR Public: aws', 'aws', [OWN]],
  ['the catalog', 'registry:catalog:*', [OWN]],
  ['blanks', '   ', [OWN]],
  ['no actions', 'repository:team/app:', [OWN]],
  ['a line break', 'repository:team/app:pull\r\nx', [OWN]],
  ['a quote', 'repository:te"am:pull', [OWN]],
  ['a query', 'repository:x:pull&scope=repository:y:pull', [OWN]],
  ['one of 600 characters', other('a'.repeat(600)), [OWN]],
];
for (const [name, challenge, wanted, { own = OWN, guarded = false } = {}] of CASES) {
  test(`a challenge with a scope of ${name} has us ask for ${wanted.join(' ')}`, () => {
    const widened = widenScopes([own], own, challenge, { guarded });
    assert.deepEqual(widened, wanted);
    assert.equal(widenScopes(widened, own, challenge, { guarded }), widened);
  });
}

test('a thousand scopes are eight', () => {
  const many = Array.from({ length: 1000 }, (_, at) => other(`r${at}`)).join(' ');
  const widened = widenScopes([OWN], OWN, many, { guarded: false });
  assert.equal(widened.length, 8);
  assert.equal(widenScopes(widened, OWN, other('more'), { guarded: false }), widened);
});

const scopesAsked = (registry: { readonly seen: readonly { readonly path: string }[] }): string[][] =>
  registry.seen
    .filter(({ path }) => path.startsWith('/token'))
    .map(({ path }) => new URL(path, 'http://x').searchParams.getAll('scope'));

test("ACR's metadata_read for a tag list is asked for when it says so, and from then on at once", async (t) => {
  const registry = await startScripted(t, (seen, response) => {
    const { searchParams, pathname } = new URL(seen.path, 'http://x');
    if (pathname === '/token') {
      const actions = searchParams.getAll('scope').flatMap((scope) => scope.split(':')[2]?.split(',') ?? []);
      return sendJson(response, 200, { access_token: `T-${actions.join('-')}`, expires_in: 300 });
    }
    const need = pathname.endsWith('/tags/list') ? 'metadata_read' : 'pull';
    if (seen.headers.authorization?.slice(9).split('-').includes(need)) {
      return sendJson(response, 200, { tags: ['1.0.0'] });
    }
    const challenge = `Bearer realm="${registry.origin}/token",service="s",scope="repository:team/app:${need}",error="insufficient_scope"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
  });
  const client = startClient(t, { credential: ALICE });
  await client.peek(registry.repository, '1.0.0');
  assert.deepEqual(await client.tags(registry.repository), ['1.0.0']);
  assert.deepEqual(scopesAsked(registry), [[OWN], ['repository:team/app:pull,metadata_read']]);
  registry.seen.length = 0;
  await client.tags(registry.repository);
  await client.peek(registry.repository, '1.0.0');
  assert.deepEqual(paths(registry), ['GET /v2/team/app/tags/list', 'HEAD /v2/team/app/manifests/1.0.0']);
});

test('where a token service refuses what a challenge names, our own scope is asked for alone', async (t) => {
  const registry = await startBearer(t, {
    valid: new Set(['good']),
    challenge: (origin) => `Bearer realm="${origin}/token",scope="repository:not/ours:pull"`,
    token: ({ path }, response) =>
      path.includes('not%2Fours')
        ? sendJson(response, 403, { errors: [{ code: 'DENIED', message: 'requested access is denied' }] })
        : sendJson(response, 200, { token: 'good', expires_in: 300 }),
  });
  const client = startClient(t, { credential: ALICE });
  await client.peek(registry.repository, 'v1');
  assert.deepEqual(scopesAsked(registry), [[OWN, other('not/ours')], [OWN]]);
  await client.peek(registry.repository, 'v1');
  registry.seen.length = 0;
  await client.peek(registry.repository, 'v1');
  assert.deepEqual(paths(registry), ['HEAD /v2/team/app/manifests/v1']);
});

test('a registry that names more with every challenge is asked no more than twice again', async (t) => {
  let named = 0;
  const registry = await startBearer(t, {
    valid: new Set(),
    token: (_, response) => sendJson(response, 200, { token: 'never-good' }),
    challenge: (origin) => `Bearer realm="${origin}/token",scope="repository:r${named++}:pull"`,
  });
  const client = startClient(t, { credential: ALICE });
  await assert.rejects(client.manifest(registry.repository, 'v1'), failure('UNAUTHORIZED'));
  assert.ok(registry.seen.length <= 5, String(registry.seen.length));
});

for (const [name, answer, lifetime] of [
  ['null beside access_token', '{"token":null,"access_token":"t1","expires_in":300}', 300],
  ['null beside token', '{"token":"t1","access_token":null,"expires_in":300}', 300],
  ['a byte order mark', '\ufeff{"token":"t1","expires_in":300}', 300],
  ['a life as text', '{"token":"t1","expires_in":"300"}', 300],
  ['a life in fractions', '{"token":"t1","expires_in":300.5}', 300],
  ['a life that is null', '{"token":"t1","expires_in":null,"refresh_token":null,"issued_at":null}', 60],
  ['a life of nothing', '{"token":"t1","expires_in":0}', 60],
] as const) {
  test(`a token answer with ${name} is read, and used for its time`, async (t) => {
    const { steppedClock } = await import('../scripted-registry.ts');
    const clock = steppedClock();
    const registry = await startBearer(t, { valid: new Set(['t1']), token: (_, r) => void r.end(answer) });
    const client = startClient(t, { clock });
    await client.peek(registry.repository, 'v1');
    clock.step((lifetime - Math.min(30, lifetime / 5)) * 1000 - 1000);
    await client.peek(registry.repository, 'v1');
    assert.equal(scopesAsked(registry).length, 1);
    clock.step(2000);
    await client.peek(registry.repository, 'v1');
    assert.equal(scopesAsked(registry).length, 2);
  });
}
