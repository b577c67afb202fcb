import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentEntries } from '../../shared/credentials/environment-entries.ts';

type Variables = Readonly<Record<string, string>>;

const L = 'LANDFALL_REGISTRY';
const K = 'KLUCTL_REGISTRY';
const token = (prefix: string, index = '') => ({ [`${prefix}${index}_TOKEN`]: 'CANARY' });

const accepted: readonly (readonly [what: string, variables: Variables, entries: readonly unknown[]])[] = [
  ['nothing', { PATH: '/bin', LANDFALL_STORE: '/x', LANDFALL_REGISTRYX_HOST: 'a' }, []],
  [
    'a host with user and password',
    { [`${L}_HOST`]: 'ghcr.io', [`${L}_USERNAME`]: 'u', [`${L}_PASSWORD`]: 'CANARY' },
    [
      {
        origin: `environment ${L}_*`,
        registry: 'ghcr.io',
        username: { env: `${L}_USERNAME` },
        password: { env: `${L}_PASSWORD` },
      },
    ],
  ],
  [
    "kluctl's, as they are",
    { [`${K}_1_HOST`]: 'host.org', [`${K}_1_USERNAME`]: 'u', [`${K}_1_IDENTITY_TOKEN`]: 'CANARY' },
    [
      {
        origin: `environment ${K}_1_*`,
        registry: 'host.org',
        username: { env: `${K}_1_USERNAME` },
        identityToken: { env: `${K}_1_IDENTITY_TOKEN` },
      },
    ],
  ],
  [
    'everything about transport',
    {
      ...{
        [`${L}_0_HOST`]: 'r.example:5000',
        [`${L}_0_REPOSITORY`]: 'org/**',
        [`${L}_0_PLAIN_HTTP`]: 'True',
      },
      ...{ [`${L}_0_INSECURE_SKIP_TLS_VERIFY`]: '0', [`${L}_0_CA_FILE`]: '/ca' },
      [`${L}_0_TOKEN_SERVICE`]: 'auth.example',
      ...{ [`${L}_0_CERT_FILE`]: '/cert', [`${L}_0_KEY_FILE`]: '/key' },
    },
    [
      {
        ...{ origin: `environment ${L}_0_*`, registry: 'r.example:5000', repository: 'org/**' },
        ...{
          plainHttp: true,
          insecureSkipTlsVerify: false,
          caFile: '/ca',
          tokenService: 'https://auth.example',
          certFile: '/cert',
          keyFile: '/key',
        },
      },
    ],
  ],
  [
    'an empty variable as none',
    { [`${L}_HOST`]: 'ghcr.io', [`${L}_USERNAME`]: '', [`${L}_PASSWORD`]: '', [`${L}_PLAIN_HTTP`]: 'true' },
    [{ origin: `environment ${L}_*`, registry: 'ghcr.io', plainHttp: true }],
  ],
];

for (const [what, variables, entries] of accepted) {
  test(`the environment gives ${what}`, () => assert.deepEqual(environmentEntries(variables), entries));
}

const places: readonly (readonly [variables: Variables, registry: string, repository: string | undefined])[] =
  [
    [{ _REPOSITORY: 'ghcr.io/my-org/app' }, 'ghcr.io', 'my-org/app'],
    [{ _REPOSITORY: 'ghcr.io/my-org/*' }, 'ghcr.io', 'my-org/*'],
    [{ _REPOSITORY: 'ghcr.io/my-org/app:1.0' }, 'ghcr.io', 'my-org/app'],
    [{ _REPOSITORY: 'ghcr.io/my-org/app@sha256:00' }, 'ghcr.io', 'my-org/app'],
    [{ _REPOSITORY: 'localhost/a' }, 'localhost', 'a'],
    [{ _REPOSITORY: 'localhost:5000/a' }, 'localhost:5000', 'a'],
    [{ _REPOSITORY: 'nginx' }, 'docker.io', 'nginx'],
    [{ _REPOSITORY: 'my-org/app' }, 'docker.io', 'my-org/app'],
    [{ _REPOSITORY: 'my-org/*' }, 'docker.io', 'my-org/*'],
    [{ _HOST: 'docker.io', _REPOSITORY: 'nginx' }, 'docker.io', 'nginx'],
    [{ _HOST: 'index.docker.io' }, 'docker.io', undefined],
    [{ _HOST: 'GHCR.io', _REPOSITORY: '**' }, 'ghcr.io', '**'],
  ];
for (const [given, registry, repository] of places) {
  test(`${JSON.stringify(given)} is ${registry}/${repository}`, () => {
    const variables = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [`${K}_3${key}`, value]),
    );
    const [entry] = environmentEntries({ ...variables, ...token(K, '_3') });
    assert.deepEqual([entry?.registry, entry?.repository], [registry, repository]);
  });
}

test('sets are in the order of their numbers, one without first, and LANDFALL_ before KLUCTL_', () => {
  const set = (prefix: string, index: string) => ({
    ...token(prefix, index),
    [`${prefix}${index}_HOST`]: `${prefix.toLowerCase().split('_')[0]}${index.replace('_', '-')}.example`,
  });
  const variables = {
    ...set(K, '_0'),
    ...{ ...set(K, ''), ...set(L, '_10'), ...set(L, '_2'), ...set(L, ''), ...set(L, '_0') },
  };
  assert.deepEqual(
    environmentEntries(variables).map(({ registry }) => registry),
    [
      'landfall.example',
      'landfall-0.example',
      'landfall-2.example',
      'landfall-10.example',
      'kluctl.example',
      'kluctl-0.example',
    ],
  );
});

test('_01_ and _1_ are one set', () => {
  const entries = environmentEntries({ [`${L}_01_HOST`]: 'a.example', [`${L}_1_TOKEN`]: 'CANARY' });
  assert.deepEqual(entries, [
    { origin: `environment ${L}_1_*`, registry: 'a.example', registryToken: { env: `${L}_1_TOKEN` } },
  ]);
});

const host = { [`${L}_HOST`]: 'ghcr.io' };
const refused: readonly (readonly [variables: Variables, message: RegExp])[] = [
  [token(L), /LANDFALL_REGISTRY_TOKEN has no _HOST or _REPOSITORY/],
  [{ ...host, [`${L}_PASSWORD`]: 'CANARY' }, /LANDFALL_REGISTRY_PASSWORD needs LANDFALL_REGISTRY_USERNAME/],
  [{ ...host, [`${L}_USERNAME`]: 'CANARY' }, /LANDFALL_REGISTRY_USERNAME needs LANDFALL_REGISTRY_PASSWORD/],
  [
    { ...host, ...token(L), [`${L}_IDENTITY_TOKEN`]: 'CANARY' },
    /LANDFALL_REGISTRY_IDENTITY_TOKEN and LANDFALL_REGISTRY_TOKEN are alternatives/,
  ],
  [{ ...host, [`${L}_CERT_FILE`]: 'CANARY' }, /LANDFALL_REGISTRY_CERT_FILE needs LANDFALL_REGISTRY_KEY_FILE/],
  [{ ...host, [`${L}_KEY_FILE`]: 'CANARY' }, /LANDFALL_REGISTRY_KEY_FILE needs LANDFALL_REGISTRY_CERT_FILE/],
  [{ ...host, [`${L}_PLAIN_HTTP`]: 'CANARY' }, /LANDFALL_REGISTRY_PLAIN_HTTP is neither true nor false/],
  [{ ...host, [`${L}_PASWORD`]: 'CANARY' }, /LANDFALL_REGISTRY_PASWORD is not known/],
  [{ [`${K}_HOST`]: 'https://CANARY', ...token(K) }, /KLUCTL_REGISTRY_HOST is not a registry host/],
  [{ [`${K}_HOST`]: '*.CANARY', ...token(K) }, /KLUCTL_REGISTRY_HOST is not a registry host/],
  [{ ...host, [`${L}_REPOSITORY`]: '[CANARY', ...token(L) }, /_REPOSITORY is not a glob/],
  [{ [`${L}_1_TOKEN`]: 'CANARY', [`${L}_01_TOKEN`]: 'CANARY' }, /_TOKEN is the same as LANDFALL_REGISTRY_/],
];
for (const [variables, message] of refused) {
  test(`refuses ${Object.keys(variables).join(' with ')}, by name`, () => {
    assert.throws(
      () => environmentEntries(variables),
      (error) => {
        assert.ok(error instanceof Error && 'code' in error && 'hint' in error);
        assert.equal(error.code, 'CONFIG_INVALID');
        assert.match(error.message, message);
        const said = `${error.message} ${String(error.hint)} ${String(error.cause)}`;
        assert.doesNotMatch(said, /canary/i);
        return true;
      },
    );
  });
}

test("what else kluctl's prefix has is not ours to judge", () => {
  assert.deepEqual(environmentEntries({ KLUCTL_REGISTRY_DEFAULT_INSECURE_SKIP_TLS_VERIFY: 'true' }), []);
});
