import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf, folderFor, landfall, landfallProcess } from '../../support/cli.ts';

const SECRET = 'canary-password';
const USERS = { reader: SECRET };

/** Each way to say who one is, and how the registry is reached, without a document. */
const WAYS: readonly (readonly [
  what: string,
  argv: (host: string, file: string) => readonly string[],
  env: (host: string, file: string) => Readonly<Record<string, string>>,
])[] = [
  [
    'flags that name the registry, the secret in a file',
    (host, file) => ['--registry-plain-http', host, '--registry-creds', `${host}/team/*=reader:@${file}`],
    () => ({}),
  ],
  [
    'flags with the secret in a variable',
    (host) => [
      ...['--registry-plain-http', host, '--registry-username', `${host}=reader`],
      ...['--registry-password', `${host}=env:SOME_TOKEN`],
    ],
    () => ({ SOME_TOKEN: SECRET }),
  ],
  [
    'variables, transport from another set than the credential',
    () => [],
    (host) => ({
      ...{ LANDFALL_REGISTRY_HOST: host, LANDFALL_REGISTRY_PLAIN_HTTP: 'true' },
      ...{ LANDFALL_REGISTRY_1_REPOSITORY: `${host}/team/*`, LANDFALL_REGISTRY_1_USERNAME: 'reader' },
      LANDFALL_REGISTRY_1_PASSWORD: SECRET,
    }),
  ],
  [
    "kluctl's variables",
    () => [],
    (host) => ({
      ...{ KLUCTL_REGISTRY_0_HOST: host, KLUCTL_REGISTRY_0_PLAIN_HTTP: 'true' },
      ...{ KLUCTL_REGISTRY_0_USERNAME: 'reader', KLUCTL_REGISTRY_0_PASSWORD: SECRET },
    }),
  ],
];

for (const [what, argv, env] of WAYS) {
  test(`logs in with ${what}; explain says so`, async (t) => {
    const { host } = await openRegistry(t, { auth: { kind: 'bearer', users: USERS } }).then((registry) => {
      plantFiles(registry, 'v1', { a: 'a' });
      return registry;
    });
    const folder = await folderFor(t);
    const file = join(folder, 'password');
    const sources = join(folder, 'sources.yaml');
    await writeFile(file, `${SECRET}\n`);
    await writeFile(sources, `sources: [{ name: app, url: "oci://${host}/team/app", ref: { tag: v1 } }]\n`);
    const options = { env: { ...env(host, file) } };
    const explained = await landfallProcess(
      ['explain', 'app', '-f', sources, '--json', ...argv(host, file)],
      options,
    );
    type Consideration = {
      readonly used: boolean;
      readonly why: string;
      readonly settings: readonly string[];
    };
    const { credentials } = documentOf<{ credentials: readonly Consideration[] }>(explained);
    assert.deepEqual(
      credentials.filter(({ used }) => used).map(({ why }) => why),
      ['matches, and gives username and password'],
    );
    assert.deepEqual(
      credentials.flatMap(({ settings }) => settings),
      ['plainHttp'],
    );
    assert.doesNotMatch(explained.stdout + explained.stderr, /canary/);
  });
}

test('a variable that contradicts another stops every command, by its name', async () => {
  const env = { LANDFALL_REGISTRY_HOST: 'ghcr.io', LANDFALL_REGISTRY_PASSWORD: SECRET };
  const ended = await landfallProcess(['resolve', 'oci://127.0.0.1:1/a:v1', '--json'], { env });
  assertRefused(ended, {
    ...{ code: 'CONFIG_INVALID', exit: 2, says: /LANDFALL_REGISTRY_PASSWORD needs/ },
    next: /variables/,
  });
  assert.doesNotMatch(ended.stdout + ended.stderr, /canary/);
});

test('a flag that cannot be read is refused without being repeated', async () => {
  for (const flag of ['--registry-password', '--registry-token', '--registry-identity-token']) {
    const ended = await landfall(['resolve', 'oci://127.0.0.1:1/a:v1', '--json', flag, SECRET]);
    assertRefused(ended, { code: 'USAGE', exit: 2, says: new RegExp(flag), next: /--registry-creds/ });
    assert.doesNotMatch(ended.stdout + ended.stderr, /canary/);
  }
});

const FIXTURES = fileURLToPath(new URL('../../registry/fixtures/', import.meta.url));

/** Each way to say, without a document, that a registry with TLS is one's own. */
const OWN: Readonly<
  Record<
    string,
    (host: string) => { readonly argv?: readonly string[]; readonly env?: Record<string, string> }
  >
> = {
  '--local': () => ({ argv: ['--local', '--ca-file', `${FIXTURES}cert.pem`] }),
  '--registry-local': (host) => ({
    argv: ['--registry-local', `${host}/team/*`, '--registry-ca-file', `${host}=${FIXTURES}cert.pem`],
  }),
  LANDFALL_REGISTRY_LOCAL: (host) => ({
    env: {
      LANDFALL_REGISTRY_HOST: host,
      LANDFALL_REGISTRY_LOCAL: 'true',
      LANDFALL_REGISTRY_CA_FILE: `${FIXTURES}cert.pem`,
    },
  }),
};
for (const [what, given] of Object.entries(OWN)) {
  test(`a registry in a network of one's own is pulled from over TLS with ${what}, and not without`, async (t) => {
    const [key, cert] = await Promise.all(
      ['key.pem', 'cert.pem'].map((name) => readFile(join(FIXTURES, name), 'utf8')),
    );
    const registry = await openRegistry(t, { tls: { key: key ?? '', cert: cert ?? '' } });
    const { digest } = plantFiles(registry, 'v1', { a: 'a' });
    const { argv = [], env = {} } = given(registry.host);
    const line = ['resolve', `oci://${registry.host}/team/app:v1`, '--json'];
    const resolved = await landfallProcess([...line, ...argv], { env });
    assert.equal(documentOf(resolved)['digest'], digest);
    const denied = await landfallProcess([...line, '--ca-file', `${FIXTURES}cert.pem`]);
    assertRefused(denied, { code: 'ADDRESS_DENIED', says: /loopback/, next: /--local or `local: true`/ });
  });
}
