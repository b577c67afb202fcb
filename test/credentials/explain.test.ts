import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import type { CredentialEntry } from '../../shared/credentials/credential-entry.ts';
import { registryFlagEntries } from '../../shared/credentials/registry-flags.ts';
import { base64, createHome, repositoryOf } from './home.ts';

const registry = 'r.example';
const CANARY = 'canary-secret';
const entry = (origin: string, rest: Partial<CredentialEntry>): CredentialEntry => ({
  registry,
  origin,
  ...rest,
});
const password = { username: 'bot', password: { value: CANARY } };

test('lists everything considered, what won and what it set, without secrets', async (t) => {
  const home = await createHome(t, { TOKEN: CANARY });
  const auths = { [registry]: { auth: base64(`bot:${CANARY}`) }, 'r.example/org': { identitytoken: CANARY } };
  await home.write('.docker/config.json', JSON.stringify({ auths }));
  const resolver = createAccessResolver({
    env: home.env,
    flags: registryFlagEntries({ creds: [`other.example=bot:${CANARY}`] }),
    credentials: [
      entry('a.yaml:1:1', { ...password, plainHttp: true }),
      entry('a.yaml:2:1', { ...password, repository: 'web/*' }),
      entry('a.yaml:3:1', { repository: 'org/*', registryToken: { env: 'TOKEN' } }),
      entry('a.yaml:4:1', {
        repository: 'org/app',
        insecureSkipTlsVerify: true,
        tokenService: 'https://auth.example',
      }),
    ],
  });
  const explained = await resolver.explain(repositoryOf('r.example/org/app'));
  const config = `${home.folder}/.docker/config.json`;
  const before = 'matches, and a.yaml:3:1 comes before it';
  assert.deepEqual(
    explained.map(({ origin, matched, used, settings, why }) => [origin, matched, used, settings, why]),
    [
      [
        'a.yaml:4:1',
        true,
        false,
        ['insecureSkipTlsVerify', 'tokenService'],
        'matches, and has no credential',
      ],
      ['a.yaml:3:1', true, true, [], 'matches, and gives registry token'],
      ['a.yaml:1:1', true, false, ['plainHttp'], before],
      [`${config} auths "r.example/org"`, true, false, [], before],
      [`${config} auths "r.example"`, true, false, [], before],
      ['--registry-creds other.example', false, false, [], 'registry other.example is not r.example'],
      ['a.yaml:2:1', false, false, [], '"web/*" does not match org/app'],
    ],
  );
  assert.ok(!JSON.stringify(explained).includes(CANARY));
  assert.ok(!JSON.stringify(explained).includes(base64(`bot:${CANARY}`)));
});

test('explains a secret that cannot be read instead of failing', async (t) => {
  const { env } = await createHome(t);
  const credentials = [
    entry('a.yaml:1:1', password),
    entry('a.yaml:2:1', { repository: 'org/*', registryToken: { env: 'NOWHERE' } }),
  ];
  const resolver = createAccessResolver({ env, credentials });
  const explained = await resolver.explain(repositoryOf('r.example/org/app'));
  assert.deepEqual(
    explained.map(({ used, why }) => [used, why]),
    [
      [
        false,
        'matches, and fails with CREDENTIAL_UNREADABLE: credentials at a.yaml:2:1: environment variable NOWHERE is not there',
      ],
      [false, 'matches, and is not asked because a.yaml:2:1 fails'],
    ],
  );
});

test('agrees with what access gives', async (t) => {
  const { env } = await createHome(t);
  const credentials = [
    entry('wide', password),
    entry('narrow', { repository: 'org/**', registryToken: { value: CANARY } }),
  ];
  const resolver = createAccessResolver({ env, credentials });
  for (const [wanted, origin] of [
    ['r.example/org/app', 'narrow'],
    ['r.example/web', 'wide'],
  ] as const) {
    const explained = await resolver.explain(repositoryOf(wanted));
    assert.deepEqual(
      explained.filter(({ used }) => used).map((consideration) => consideration.origin),
      [origin],
    );
    const { credential } = await resolver.access(repositoryOf(wanted));
    assert.equal(credential.kind, origin === 'narrow' ? 'registry-token' : 'basic');
  }
});
