import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { chooseEntries } from '../../shared/credentials/choose.ts';
import type { CredentialEntry } from '../../shared/credentials/credential-entry.ts';
import { prepareEntry, RANKS } from '../../shared/credentials/entry-match.ts';
import { environmentEntries } from '../../shared/credentials/environment-entries.ts';
import { registryFlagEntries } from '../../shared/credentials/registry-flags.ts';
import { base64, createHome, repositoryOf } from './home.ts';

type Rank = keyof typeof RANKS;

/** `flag ghcr.io/org/* +plainHttp`: where it comes from, `HOST[/GLOB]`, and the settings it has. */
function prepared(text: string, at: number) {
  const [rank = '', where = '', ...settings] = text.split(' ');
  const slash = where.indexOf('/');
  const repository = slash < 0 ? undefined : where.slice(slash + 1);
  const set = (name: string): boolean => settings.includes(`+${name}`);
  const entry: CredentialEntry = {
    origin: text,
    registry: slash < 0 ? where : where.slice(0, slash),
    ...(repository !== undefined && { repository }),
    ...(set('plainHttp') && { plainHttp: true }),
    ...(settings.includes('-plainHttp') && { plainHttp: false }),
    ...(set('local') && { local: true }),
    ...(set('skip') && { insecureSkipTlsVerify: true }),
    ...(set('ca') && { caFile: '/ca' }),
    ...(set('cert') && { certFile: '/cert', keyFile: '/key' }),
    ...(set('tls') && { tls: { ca: 'CA', cert: 'CERT', key: 'KEY' } }),
  };
  return prepareEntry(entry, at, RANKS[rank as Rank]);
}

interface Row {
  readonly what: string;
  readonly entries: readonly string[];
  readonly wanted: string;
  /** The places in `entries` of those that are asked, in that order. */
  readonly asked: readonly number[];
  /** Which entry each setting is taken from. */
  readonly settings?: Readonly<Record<string, number>>;
}

const row = (
  what: string,
  entries: readonly string[],
  wanted: string,
  asked: readonly number[],
  settings: Readonly<Record<string, number>> = {},
): Row => ({ what, entries, wanted, asked, settings });

const APP = 'ghcr.io/org/app';

const ROWS: readonly Row[] = [
  row('nothing is nothing', [], APP, []),
  row('an entry without repository is for all of a registry', ['document ghcr.io'], 'ghcr.io/a/b/c', [0]),
  row('never an entry of another registry', ['document r.example/**'], APP, []),
  row('the port is part of the registry', ['document r.example'], 'r.example:5000/a', []),
  row('and has to be the same', ['document r.example:5000'], 'r.example:5000/a', [0]),
  row('never a registry that merely ends alike', ['document ghcr.io'], 'evil-ghcr.io/a', []),
  row('never a registry that merely begins alike', ['document ghcr.io'], 'ghcr.io.evil/a', []),
  row('hosts compare without case', ['document GHCR.io'], APP, [0]),
  row('repositories with it', ['document ghcr.io/Org/*'], APP, []),
  row('* stays in one component', ['document ghcr.io/org/*'], 'ghcr.io/org/team/app', []),
  row('* is no whole path', ['document ghcr.io/*'], APP, []),
  row('** crosses components', ['document ghcr.io/org/**'], 'ghcr.io/org/team/app', [0]),
  row('** alone is everything', ['document ghcr.io/**'], 'ghcr.io/org/team/app', [0]),
  row('a glob may begin with *', ['document ghcr.io/*/repo2'], 'ghcr.io/org1/repo2', [0]),
  row('a glob is for the whole name', ['document ghcr.io/org'], APP, []),
  row('? is one character', ['document ghcr.io/org/ap?'], APP, [0]),
  row('classes', ['document ghcr.io/org/[a-c]pp', 'document ghcr.io/org/[!a]pp'], APP, [0]),
  row('alternatives', ['document ghcr.io/{org,other}/app'], APP, [0]),
  row('Docker Hub by docker.io', ['document docker.io/org/*'], 'docker.io/org/app', [0]),
  row('by index.docker.io', ['document index.docker.io/org/*'], 'docker.io/org/app', [0]),
  row('by registry-1.docker.io', ['document registry-1.docker.io/org/*'], 'docker.io/org/app', [0]),
  row('and asked by another of them', ['document docker.io/org/*'], 'index.docker.io/org/app', [0]),
  row('its own images without library/', ['document docker.io/nginx'], 'docker.io/nginx', [0]),
  row('and with it', ['document docker.io/library/*'], 'index.docker.io/nginx', [0]),
  row('library/ is left out on Docker Hub alone', ['document ghcr.io/nginx'], 'ghcr.io/library/nginx', []),
  row(
    'a literal before every glob, wherever it stands',
    ['document ghcr.io', 'document ghcr.io/**', 'document ghcr.io/org/*', `document ${APP}`],
    APP,
    [3, 2, 1, 0],
  ),
  row('a longer beginning', ['document ghcr.io/o*/*', 'document ghcr.io/org/a*'], APP, [1, 0]),
  row('* before **', ['document ghcr.io/org/**', 'document ghcr.io/org/*'], APP, [1, 0]),
  row('more fixed characters', ['document ghcr.io/*/*', 'document ghcr.io/*/app'], APP, [1, 0]),
  row('any glob before none', ['document ghcr.io', 'document ghcr.io/**'], APP, [1, 0]),
  row('the first of equals', ['document ghcr.io/org/*', 'document ghcr.io/org/?*'], APP, [0, 1]),
  row('also where they are the same', ['document ghcr.io', 'document ghcr.io'], APP, [0, 1]),
  row(
    'flags before documents before the environment',
    ['environment ghcr.io', 'document ghcr.io', 'flag ghcr.io'],
    APP,
    [2, 1, 0],
  ),
  row(
    'however specific the others are',
    [`environment ${APP}`, 'document ghcr.io/org/*', 'flag ghcr.io'],
    APP,
    [2, 1, 0],
  ),
  row(
    'within flags the most specific, whatever the order they were given in',
    ['flag ghcr.io', 'flag ghcr.io/org/*'],
    APP,
    [1, 0],
  ),
  row(
    'within the environment too: a catch-all that comes first hides nothing',
    ['environment ghcr.io', `environment ${APP}`],
    APP,
    [1, 0],
  ),
  row('one setting', ['document ghcr.io +plainHttp'], APP, [0], { plainHttp: 0 }),
  row('none from what does not match', ['document quay.io +plainHttp', 'document ghcr.io'], APP, [1]),
  row(
    'settings of the registry reach a repository with its own credential',
    ['flag ghcr.io +plainHttp', 'flag ghcr.io/org/*'],
    APP,
    [1, 0],
    { plainHttp: 0 },
  ),
  row(
    'each setting from the most specific that has it',
    ['document ghcr.io +plainHttp +skip +ca', 'document ghcr.io/org/* +ca', `document ${APP} +local`],
    APP,
    [2, 1, 0],
    { plainHttp: 0, insecureSkipTlsVerify: 0, local: 2, ca: 1 },
  ),
  row('false is a setting', ['document ghcr.io +plainHttp', `document ${APP} -plainHttp`], APP, [1, 0], {
    plainHttp: 1,
  }),
  row(
    'a flag decides a setting before a document, as it does a credential',
    [`document ${APP} -plainHttp`, 'flag ghcr.io +plainHttp'],
    APP,
    [1, 0],
    { plainHttp: 1 },
  ),
  row(
    'the environment adds what nobody else says',
    ['flag ghcr.io', 'document ghcr.io/org/* +skip', 'environment ghcr.io +ca +skip'],
    APP,
    [0, 1, 2],
    { insecureSkipTlsVerify: 1, ca: 2 },
  ),
  row(
    'a certificate and its key are one, the authorities another',
    ['document ghcr.io +cert +ca', 'document ghcr.io/org/* +cert'],
    APP,
    [1, 0],
    { certificate: 1, ca: 0 },
  ),
  row('PEM texts are the same settings', ['document ghcr.io +ca', 'document ghcr.io/** +tls'], APP, [1, 0], {
    certificate: 1,
    ca: 1,
  }),
];

for (const { what, entries, wanted, asked, settings } of ROWS) {
  test(`chooses: ${what}`, () => {
    const all = entries.map(prepared);
    const choice = chooseEntries(all, repositoryOf(wanted));
    const placeOf = (each: (typeof all)[number]): number => all.indexOf(each);
    assert.deepEqual(choice.asked.map(placeOf), asked);
    assert.deepEqual(
      Object.fromEntries([...choice.settings].map(([setting, each]) => [setting, placeOf(each)])),
      settings,
    );
    const others = choice.others.map((other) => placeOf(other.prepared));
    assert.deepEqual([...asked, ...others].toSorted(), [...all.keys()]);
    for (const { why } of choice.others) assert.match(why, /is not|does not match/);
  });
}

test('there are forty of them', () => assert.ok(ROWS.length >= 40));

test('an entry without credential does not hide a less specific one that has it', async (t) => {
  const { env } = await createHome(t);
  const credentials = [
    { registry: 'ghcr.io', repository: 'org/app', insecureSkipTlsVerify: true },
    { registry: 'ghcr.io', repository: 'org/*', username: 'wide', password: { value: 'secret' } },
  ];
  const access = await createAccessResolver({ credentials, env }).access(repositoryOf(APP));
  assert.deepEqual(access.credential, { kind: 'basic', username: 'wide', password: 'secret' });
  assert.equal(access.transport.insecureSkipTlsVerify, true);
});

test('flags, documents, the environment, docker: the first that has a credential gives it', async (t) => {
  const variables = { LANDFALL_REGISTRY_HOST: 'env.example', LANDFALL_REGISTRY_TOKEN: 'variable' };
  const home = await createHome(t, variables);
  const auth = base64('docker:secret');
  const auths = { 'ghcr.io': { auth }, 'env.example': { auth }, 'r.example': { auth } };
  await home.write('.docker/config.json', JSON.stringify({ auths }));
  const resolver = createAccessResolver({
    env: home.env,
    flags: registryFlagEntries({ creds: ['ghcr.io/org/**=flag:se:cr=et'] }),
    credentials: [{ registry: 'ghcr.io', username: 'document', password: { value: 'secret' } }],
    environment: environmentEntries(home.env),
  });
  for (const [wanted, credential] of [
    [APP, { kind: 'basic', username: 'flag', password: 'se:cr=et' }],
    ['ghcr.io/other', { kind: 'basic', username: 'document', password: 'secret' }],
    ['env.example/a', { kind: 'registry-token', token: 'variable' }],
    ['r.example/a', { kind: 'basic', username: 'docker', password: 'secret' }],
    ['other.example/a', { kind: 'anonymous' }],
  ] as const) {
    assert.deepEqual((await resolver.access(repositoryOf(wanted))).credential, credential, wanted);
  }
});
