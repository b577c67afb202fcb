import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import type { CredentialEntry } from '../../shared/credentials/credential-entry.ts';
import { parseRegistryCreds } from '../../shared/credentials/registry-creds.ts';
import { createHome, repositoryOf } from './home.ts';

/** An entry whose user name says which one it is. */
const entry = (registry: string, repository?: string, user = repository ?? registry): CredentialEntry => ({
  registry,
  ...(repository !== undefined && { repository }),
  username: user,
  password: { value: 'secret' },
});

interface Case {
  readonly what: string;
  readonly entries: readonly CredentialEntry[];
  readonly wanted: string;
  /** The user name that is used; null for anonymous. */
  readonly user: string | null;
}

const g = 'ghcr.io';
const cases: readonly Case[] = [
  {
    what: 'takes an entry without repository for all of a registry',
    entries: [entry(g)],
    wanted: `${g}/a/b/c`,
    user: g,
  },
  {
    what: 'never takes an entry of another registry',
    entries: [entry('r.example', '**')],
    wanted: `${g}/a/b`,
    user: null,
  },
  {
    what: 'counts the port as part of the registry',
    entries: [entry('r.example')],
    wanted: 'r.example:5000/a',
    user: null,
  },
  {
    what: 'never takes a registry that merely ends alike',
    entries: [entry('ghcr.io')],
    wanted: 'evil-ghcr.io/a',
    user: null,
  },
  {
    what: '* stays in one component',
    entries: [entry(g, 'my-org/*')],
    wanted: `${g}/my-org/team/app`,
    user: null,
  },
  {
    what: '** crosses components',
    entries: [entry(g, 'my-org/**')],
    wanted: `${g}/my-org/team/app`,
    user: 'my-org/**',
  },
  {
    what: 'a glob may begin with *',
    entries: [entry(g, '*/repo2')],
    wanted: `${g}/org1/repo2`,
    user: '*/repo2',
  },
  {
    what: 'a literal beats every glob, wherever it stands',
    entries: [entry(g), entry(g, '**'), entry(g, 'org/*'), entry(g, 'org/app')],
    wanted: `${g}/org/app`,
    user: 'org/app',
  },
  {
    what: 'a longer literal prefix beats a shorter',
    entries: [entry(g, 'org/*'), entry(g, 'org/web-*')],
    wanted: `${g}/org/web-1`,
    user: 'org/web-*',
  },
  {
    what: '* beats **',
    entries: [entry(g, 'org/**'), entry(g, 'org/*')],
    wanted: `${g}/org/app`,
    user: 'org/*',
  },
  { what: 'any glob beats none', entries: [entry(g), entry(g, '**')], wanted: `${g}/org/app`, user: '**' },
  {
    what: 'the first of equals wins',
    entries: [entry(g, 'org/*', 'first'), entry(g, 'org/?*', 'second'), entry(g, 'org/*', 'third')],
    wanted: `${g}/org/app`,
    user: 'first',
  },
  {
    what: 'an entry without credential does not hide a less specific one that has it',
    entries: [{ registry: g, repository: 'org/app', insecureSkipTlsVerify: true }, entry(g, 'org/*')],
    wanted: `${g}/org/app`,
    user: 'org/*',
  },
  ...['docker.io', 'index.docker.io', 'registry-1.docker.io'].map((host) => ({
    what: `${host} is Docker Hub`,
    entries: [entry(host, 'org/*')],
    wanted: 'docker.io/org/app',
    user: 'org/*',
  })),
  {
    what: 'Docker Hub images match without library/',
    entries: [entry('docker.io', 'nginx')],
    wanted: 'docker.io/nginx',
    user: 'nginx',
  },
  {
    what: 'and with it',
    entries: [entry('docker.io', 'library/*')],
    wanted: 'index.docker.io/nginx',
    user: 'library/*',
  },
  {
    what: 'library/ is left out on Docker Hub alone',
    entries: [entry(g, 'nginx')],
    wanted: `${g}/library/nginx`,
    user: null,
  },
  { what: 'hosts compare without case', entries: [entry('GHCR.io')], wanted: `${g}/a`, user: 'GHCR.io' },
];

for (const { what, entries, wanted, user } of cases) {
  test(what, async (t) => {
    const { env } = await createHome(t);
    const { credential } = await createAccessResolver({ credentials: entries, env }).access(
      repositoryOf(wanted),
    );
    assert.equal(credential.kind === 'basic' ? credential.username : null, user);
  });
}

test('flags come before documents, and documents before docker', async (t) => {
  const home = await createHome(t);
  const auth = Buffer.from('docker:secret').toString('base64');
  await home.write(
    '.docker/config.json',
    JSON.stringify({ auths: { [g]: { auth }, 'r.example': { auth } } }),
  );
  const resolver = createAccessResolver({
    env: home.env,
    flags: [parseRegistryCreds('ghcr.io/org/**=flag:se:cr=et')],
    credentials: [entry(g, 'org/app'), entry(g, undefined, 'document')],
  });
  const credentialFor = async (wanted: string) => (await resolver.access(repositoryOf(wanted))).credential;
  const flag = { kind: 'basic', username: 'flag', password: 'se:cr=et' };
  assert.deepEqual(await credentialFor('ghcr.io/org/app'), flag);
  assert.deepEqual(await credentialFor('ghcr.io/other'), {
    kind: 'basic',
    username: 'document',
    password: 'secret',
  });
  assert.deepEqual(await credentialFor('r.example/a'), {
    kind: 'basic',
    username: 'docker',
    password: 'secret',
  });
});

for (const text of [
  'CANARY',
  '=CANARY:CANARY',
  'ghcr.io=CANARY',
  'ghcr.io=:CANARY',
  'ghcr.io=CANARY:',
  'gh cr=u:CANARY',
  'ghcr.io/[=u:CANARY',
  'ghcr.io/=u:CANARY',
]) {
  test(`refuses --registry-creds ${text} without repeating the secret`, () => {
    assert.throws(
      () => parseRegistryCreds(text),
      (error) => {
        assert.ok(error instanceof Error && 'code' in error);
        assert.equal(error.code, 'USAGE');
        assert.ok(!`${error.message} ${String(error.cause)}`.includes('CANARY'), error.message);
        return true;
      },
    );
  });
}
