import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import type { Credential } from '../../shared/registry/client.ts';
import { base64, createHome, repositoryOf } from './home.ts';

const basic = (username: string, password = 'pass'): Credential => ({ kind: 'basic', username, password });
const auth = (user: string) => ({ auth: base64(`${user}:pass`) });
const wrapped = (text: string, newline: string): string =>
  base64(text).replace(/.{1,76}/g, (line) => `${line}${newline}`);
const anonymous: Credential = { kind: 'anonymous' };

const cases: readonly (readonly [what: string, auths: unknown, wanted: string, credential: Credential])[] = [
  ['an exact host', { 'ghcr.io': auth('bot') }, 'ghcr.io/a', basic('bot')],
  ['a host with its port', { '127.0.0.1:5000': auth('bot') }, '127.0.0.1:5000/a', basic('bot')],
  ['no other port', { '127.0.0.1:5000': auth('bot') }, '127.0.0.1:5001/a', anonymous],
  ['no host that merely begins alike', { 'ghcr.io': auth('bot') }, 'ghcr.io.evil.example/a', anonymous],
  ['a key with a scheme', { 'https://ghcr.io': auth('bot') }, 'ghcr.io/a', basic('bot')],
  ['a key of the old API', { 'https://ghcr.io/v2/': auth('bot') }, 'ghcr.io/a', basic('bot')],
  ["Docker Hub's key", { 'https://index.docker.io/v1/': auth('bot') }, 'docker.io/org/app', basic('bot')],
  [
    "Docker Hub's key without scheme",
    { 'index.docker.io/v1/': auth('bot') },
    'docker.io/org/app',
    basic('bot'),
  ],
  [
    "Docker Hub's key before those of Docker Desktop's tokens",
    {
      'https://index.docker.io/v1/access-token': auth('desktop'),
      'https://index.docker.io/v1/': auth('bot'),
    },
    'docker.io/org/app',
    basic('bot'),
  ],
  ["Docker Hub's alias", { 'docker.io': auth('bot') }, 'docker.io/nginx', basic('bot')],
  [
    'the longest path',
    { 'r.example': auth('host'), 'r.example/org/team': auth('team'), 'r.example/org': auth('org') },
    'r.example/org/team/app',
    basic('team'),
  ],
  ['a path up to a "/" only', { 'r.example/org': auth('org') }, 'r.example/organ/app', anonymous],
  ['a path that is the repository', { 'r.example/org/app': auth('app') }, 'r.example/org/app', basic('app')],
  [
    'an exact key before one with a scheme',
    { 'https://r.example': auth('old'), 'r.example': auth('new') },
    'r.example/a',
    basic('new'),
  ],
  [
    'username and password in the open',
    { 'r.example': { username: 'bot', password: 'pass' } },
    'r.example/a',
    basic('bot'),
  ],
  [
    'a password with colons',
    { 'r.example': { auth: base64('bot:a:b') } },
    'r.example/a',
    basic('bot', 'a:b'),
  ],
  [
    'a password padded with NULs',
    { 'r.example': { auth: base64('bot:pass\0\0') } },
    'r.example/a',
    basic('bot'),
  ],
  [
    'an identity token',
    { 'r.example': { auth: base64('bot:'), identitytoken: 'idt' } },
    'r.example/a',
    { kind: 'identity-token', token: 'idt', username: 'bot' },
  ],
  [
    'the <token> user',
    { 'r.example': { auth: base64('<token>:idt') } },
    'r.example/a',
    { kind: 'identity-token', token: 'idt' },
  ],
  [
    'the <token> user without one beside an identity token',
    { 'r.example': { auth: base64('<token>:'), identitytoken: 'idt' } },
    'r.example/a',
    { kind: 'identity-token', token: 'idt' },
  ],
  [
    'nothing from the <token> user alone',
    { 'r.example': { auth: base64('<token>:') } },
    'r.example/a',
    anonymous,
  ],
  [
    'a registry token',
    { 'r.example': { registrytoken: 'rt' } },
    'r.example/a',
    { kind: 'registry-token', token: 'rt' },
  ],
  [
    'nothing from an empty entry',
    { 'r.example/org': {}, 'r.example': auth('host') },
    'r.example/org/a',
    basic('host'),
  ],
  ['nothing from a null entry', { 'r.example': null }, 'r.example/a', anonymous],
  ['nothing from auth that is ":" alone', { 'r.example': { auth: 'Og==' } }, 'r.example/a', anonymous],
  [
    'auth that base64 wrapped at 76 columns',
    { 'r.example': { auth: wrapped(`bot:${'x'.repeat(80)}`, '\n') } },
    'r.example/a',
    basic('bot', 'x'.repeat(80)),
  ],
  [
    'auth that was wrapped on Windows',
    { 'r.example': { auth: wrapped(`bot:${'x'.repeat(80)}`, '\r\n') } },
    'r.example/a',
    basic('bot', 'x'.repeat(80)),
  ],
  [
    'auth with newlines at its end',
    { 'r.example': { auth: `${base64('bot:pass')}\n\n` } },
    'r.example/a',
    basic('bot'),
  ],
  [
    'auth without padding',
    { 'r.example': { auth: base64('bot:pass12').replace(/=+$/, '') } },
    'r.example/a',
    basic('bot', 'pass12'),
  ],
  [
    'auth of the URL alphabet',
    { 'r.example': { auth: Buffer.from('bot:p?>?>~').toString('base64url') } },
    'r.example/a',
    basic('bot', 'p?>?>~'),
  ],
  ['auth with an empty user', { 'r.example': { auth: base64(':token') } }, 'r.example/a', basic('', 'token')],
  [
    'auth with nulls beside it',
    { 'r.example': { ...auth('bot'), username: null, password: null, identitytoken: null, email: null } },
    'r.example/a',
    basic('bot'),
  ],
  ['a null auth for nothing', { 'r.example': { auth: null } }, 'r.example/a', anonymous],
  [
    'auth rather than username and password',
    { 'r.example': { ...auth('bot'), username: 'x', password: 'y' } },
    'r.example/a',
    basic('bot'),
  ],
  [
    'keys in any case, as Go does',
    { 'r.example': { Auth: base64('bot:pass') } },
    'r.example/a',
    basic('bot'),
  ],
  [
    'an entry with keys it does not know',
    { 'r.example': { ...auth('bot'), serveraddress: [1], x: {} } },
    'r.example/a',
    basic('bot'),
  ],
  ['a key with a trailing slash', { 'r.example/': auth('bot') }, 'r.example/a', basic('bot')],
  [
    'a key with a scheme and any path',
    { 'https://r.example/some/path': auth('bot') },
    'r.example/a',
    basic('bot'),
  ],
  ['a key with the port that is meant anyway', { 'r.example:443': auth('bot') }, 'r.example/a', basic('bot')],
  ['a key without it, too', { 'https://r.example/': auth('bot') }, 'r.example:443/a', basic('bot')],
  ['no other port for it', { 'r.example:4433': auth('bot') }, 'r.example/a', anonymous],
  ['an official image without library/', { 'docker.io/nginx': auth('bot') }, 'docker.io/nginx', basic('bot')],
  ['a host with a wildcard', { '*.r.example': auth('bot') }, 'eu.r.example/a', basic('bot')],
  ['a wildcard within a part', { 'r*.example': auth('bot') }, 'r2.example/a', basic('bot')],
  ['any port', { '127.0.0.1:*': auth('bot') }, '127.0.0.1:5000/a', basic('bot')],
  ['a wildcard with a path', { '*.r.example/org': auth('bot') }, 'eu.r.example/org/a', basic('bot')],
  ['a wildcard with another path not', { '*.r.example/org': auth('bot') }, 'eu.r.example/organ/a', anonymous],
  ['a wildcard for one part only', { '*.r.example': auth('bot') }, 'a.b.r.example/a', anonymous],
  ['a wildcard not for nothing', { '*.r.example': auth('bot') }, 'r.example/a', anonymous],
  [
    'a wildcard not for a longer host',
    { '*.r.example': auth('bot') },
    'a.r.example.evil.example/a',
    anonymous,
  ],
  ['a wildcard for no other port', { '*.r.example': auth('bot') }, 'eu.r.example:5000/a', anonymous],
  ['a star for no whole host', { '*': auth('bot') }, 'r.example/a', anonymous],
  ['no other sign of a glob', { '{r,q}.example*': auth('bot') }, 'r.example/a', anonymous],
  [
    'a host before a pattern, and the narrower pattern first',
    { '*.*.example': auth('wide'), '*.r.example': auth('narrow'), 'eu.r.example': auth('host') },
    'eu.r.example/a',
    basic('host'),
  ],
  [
    'the narrower pattern',
    { '*.*.example': auth('wide'), '*.r.example': auth('narrow') },
    'eu.r.example/a',
    basic('narrow'),
  ],
  [
    'nothing from a prototype',
    JSON.parse('{"__proto__": {"auth": "Ym90OnBhc3M="}}'),
    'r.example/a',
    anonymous,
  ],
];
for (const [what, auths, wanted, credential] of cases) {
  test(`takes ${what}`, async (t) => {
    const home = await createHome(t);
    await home.write('.docker/config.json', JSON.stringify({ auths, HttpHeaders: { 'User-Agent': 'x' } }));
    const access = await createAccessResolver({ env: home.env }).access(repositoryOf(wanted));
    assert.deepEqual(access.credential, credential);
  });
}

test('asks DOCKER_CONFIG in place of the home folder, then podman', async (t) => {
  const home = await createHome(t);
  const config = (host: string, user: string) => JSON.stringify({ auths: { [host]: auth(user) } });
  await home.write('.docker/config.json', config('r.example', 'home'));
  await home.write('other/config.json', config('r.example', 'other'));
  await home.write('.config/containers/auth.json', config('p.example', 'podman'));
  await home.write('run/containers/auth.json', config('p.example', 'runtime'));
  const auths = await home.write('auths.json', config('p.example', 'named'));
  const userOf = async (wanted: string, extra: Readonly<Record<string, string>>) => {
    const access = await createAccessResolver({ env: { ...home.env, ...extra } }).access(
      repositoryOf(wanted),
    );
    return access.credential.kind === 'basic' ? access.credential.username : access.credential.kind;
  };
  assert.equal(await userOf('r.example/a', {}), 'home');
  assert.equal(await userOf('r.example/a', { DOCKER_CONFIG: join(home.folder, 'other') }), 'other');
  assert.equal(await userOf('r.example/a', { DOCKER_CONFIG: join(home.folder, 'nowhere') }), 'anonymous');
  assert.equal(await userOf('p.example/a', {}), 'podman');
  assert.equal(await userOf('p.example/a', { XDG_RUNTIME_DIR: join(home.folder, 'run') }), 'runtime');
  assert.equal(await userOf('p.example/a', { REGISTRY_AUTH_FILE: auths }), 'named');
});

test("an entry's dockerConfig is asked for what it matches", async (t) => {
  const home = await createHome(t);
  const dockerConfig = await home.write(
    'team.json',
    JSON.stringify({ auths: { 'r.example': auth('team') } }),
  );
  const credentials = [{ registry: 'r.example', repository: 'team/*', dockerConfig }];
  const resolver = createAccessResolver({ env: home.env, credentials });
  assert.deepEqual((await resolver.access(repositoryOf('r.example/team/app'))).credential, basic('team'));
  assert.deepEqual((await resolver.access(repositoryOf('r.example/other/app'))).credential, anonymous);
});
