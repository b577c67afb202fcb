import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { test } from 'node:test';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import type { CloudSecrets, CredentialEntry } from '../../shared/credentials/credential-entry.ts';
import type { Environment } from '../../shared/credentials/secret.ts';
import { LandfallError } from '../../shared/errors.ts';
import { CREDENTIAL_FILE_BYTES } from '../../shared/limits.ts';
import { asAnother } from '../support/programs/as-another.ts';
import { createHome, repositoryOf } from './home.ts';

const registry = 'r.example';
const accessWith = (entry: Omit<CredentialEntry, 'registry'>, env: Environment) =>
  createAccessResolver({ credentials: [{ registry, ...entry }], env }).access(repositoryOf('r.example/a'));

test('reads each kind of credential from each place', async (t) => {
  const home = await createHome(t, { TOKEN: 'from-env', USER_NAME: 'bot' });
  const file = await home.write('secret', 'from-file\n');
  const credentialOf = async (entry: Omit<CredentialEntry, 'registry'>) =>
    (await accessWith(entry, home.env)).credential;
  assert.deepEqual(await credentialOf({ username: { env: 'USER_NAME' }, password: { file } }), {
    kind: 'basic',
    username: 'bot',
    password: 'from-file',
  });
  assert.deepEqual(await credentialOf({ registryToken: { value: 'from-document' } }), {
    kind: 'registry-token',
    token: 'from-document',
  });
  assert.deepEqual(await credentialOf({ username: 'bot', identityToken: { env: 'TOKEN' } }), {
    kind: 'identity-token',
    username: 'bot',
    token: 'from-env',
  });
});

test('takes one line break off the end of a file and no more', async (t) => {
  const home = await createHome(t);
  const passwordIn = async (content: string) => {
    const file = await home.write('secret', content);
    const { credential } = await accessWith({ username: 'bot', password: { file } }, home.env);
    return credential.kind === 'basic' ? credential.password : credential.kind;
  };
  assert.equal(await passwordIn('pass\n'), 'pass');
  assert.equal(await passwordIn('pass\r\n'), 'pass');
  assert.equal(await passwordIn(' pass '), ' pass ');
  await assert.rejects(passwordIn('CANARY\n\n'), {
    code: 'CREDENTIAL_UNREADABLE',
    message: /secret holds a line break or control character$/,
  });
});

test('says of a file that this user may not read that it is a right that is missing', async (t) => {
  const home = await createHome(t);
  const file = await home.write('secret', 'from-file');
  await chmod(file, 0o000);
  await assert.rejects(
    asAnother(() => accessWith({ username: 'bot', password: { file } }, home.env)),
    { code: 'CREDENTIAL_UNREADABLE', message: /: EACCES$/, hint: /^Check that Landfall may read the file/ },
  );
});

const missing: readonly (readonly [
  what: string,
  entry: Omit<CredentialEntry, 'registry'>,
  message: RegExp,
])[] = [
  [
    'an environment variable',
    { registryToken: { env: 'NOWHERE' } },
    /environment variable NOWHERE is not there$/,
  ],
  ['an empty variable', { registryToken: { env: 'EMPTY' } }, /environment variable EMPTY is empty$/],
  ['a file', { registryToken: { file: '/nowhere/token' } }, /file \/nowhere\/token is not there$/],
  ['a folder as file', { registryToken: { file: '/' } }, /cannot read \/: EISDIR$/],
  ['an endless file', { registryToken: { file: '/dev/zero' } }, /\/dev\/zero is larger than 1048576 bytes$/],
  ['a docker config', { dockerConfig: '/nowhere/config.json' }, /file \/nowhere\/config\.json is not there$/],
];
for (const [what, entry, message] of missing) {
  test(`names ${what} that gives no secret`, async (t) => {
    const { env } = await createHome(t, { EMPTY: '' });
    await assert.rejects(accessWith({ ...entry, origin: 'web.yaml:4:5' }, env), (error) => {
      assert.ok(error instanceof Error && 'code' in error);
      assert.equal(error.code, 'CREDENTIAL_UNREADABLE');
      assert.match(error.message, /^credentials at web\.yaml:4:5: /);
      assert.match(error.message, message);
      return true;
    });
  });
}

test('reads a file of exactly the size allowed', async (t) => {
  const home = await createHome(t);
  const tokenOf = async (bytes: number) => {
    const file = await home.write('token', 'x'.repeat(bytes));
    const { credential } = await accessWith({ registryToken: { file } }, home.env);
    return credential.kind === 'registry-token' ? credential.token.length : credential.kind;
  };
  assert.equal(await tokenOf(CREDENTIAL_FILE_BYTES), CREDENTIAL_FILE_BYTES);
  await assert.rejects(tokenOf(CREDENTIAL_FILE_BYTES + 1), { code: 'CREDENTIAL_UNREADABLE' });
});

test('does not fall back to a wider credential where the specific one cannot be read', async (t) => {
  const { env } = await createHome(t);
  const resolver = createAccessResolver({
    env,
    credentials: [
      { registry, registryToken: { value: 'wide' } },
      { registry, repository: 'org/app', registryToken: { env: 'NOWHERE' } },
    ],
  });
  await assert.rejects(resolver.access(repositoryOf('r.example/org/app')), { code: 'CREDENTIAL_UNREADABLE' });
  assert.equal((await resolver.access(repositoryOf('r.example/org/b'))).credential.kind, 'registry-token');
});

test('what stopped a secret from being read is not lost where the entry is named: time to wait, facts', async () => {
  const said = new LandfallError('REGISTRY_UNAVAILABLE', 'secret a cannot be read', {
    hint: 'Try later.',
    detail: { status: 429 },
    retryAfterMs: 5_000,
  });
  const cloud: CloudSecrets = { read: () => Promise.reject(said) };
  const credentials = [{ registry, username: 'bot', password: { secretsManager: 'a' } }];
  const resolver = createAccessResolver({ credentials, env: {}, cloud });
  await assert.rejects(async () => resolver.access(repositoryOf('r.example/a')), {
    code: said.code,
    message: /^credentials at .*: secret a cannot be read$/,
    hint: said.hint,
    detail: said.detail,
    retryAfterMs: 5_000,
  });
});
