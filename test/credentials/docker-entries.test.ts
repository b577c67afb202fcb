import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { basicHeader } from '../../shared/registry/auth/token-request.ts';
import type { Credential } from '../../shared/registry/client.ts';
import { base64, createHome, repositoryOf } from './home.ts';

const basic = (username: string, password = 'pass'): Credential => ({ kind: 'basic', username, password });
const auth = (user: string) => ({ auth: base64(`${user}:pass`) });
const anonymous: Credential = { kind: 'anonymous' };

const USED = auth('bot');
const beside: readonly (readonly [what: string, config: unknown])[] = [
  ['auth that is not base64', { auths: { 'r.example': USED, 'o.example': { auth: '***' } } }],
  ['auth that is an object', { auths: { 'r.example': USED, 'o.example': { auth: {} } } }],
  ['a number for a password', { auths: { 'r.example': USED, 'o.example': { username: 'u', password: 1 } } }],
  ['a list for an entry', { auths: { 'r.example': USED, 'o.example': [1] } }],
  ['a key that no host is', { auths: { 'r.example': USED, '': USED, '://': USED, 'a b': USED } }],
  ['a helper that is a number', { auths: { 'r.example': USED }, credHelpers: { 'o.example': 1 } }],
  ['a helper that no program can be', { auths: { 'r.example': USED }, credHelpers: { 'o.example': '../x' } }],
  ['null for helpers and store', { auths: { 'r.example': USED }, credHelpers: null, credsStore: null }],
  [
    'an empty store and an empty helper',
    { auths: { 'r.example': USED }, credsStore: '', credHelpers: { 'r.example': '' } },
  ],
  ['a null helper', { auths: { 'r.example': USED }, credHelpers: { 'r.example': null } }],
  ['a list for helpers', { auths: { 'r.example': USED }, credHelpers: [] }],
  ['a number for the store', { auths: { 'r.example': USED }, credsStore: 5 }],
  ['a store that is gone', { auths: { 'r.example': USED }, credsStore: 'gone' }],
  ['a helper that is gone', { auths: { 'r.example': USED }, credHelpers: { 'r.example': 'gone' } }],
];
for (const [what, config] of beside) {
  test(`a login is taken beside ${what}`, async (t) => {
    const home = await createHome(t);
    await home.write('.docker/config.json', JSON.stringify(config));
    const access = await createAccessResolver({ env: home.env }).access(repositoryOf('r.example/a'));
    assert.deepEqual(access.credential, basic('bot'));
  });
}

for (const content of ['', '\n', ' \r\n\t', '{}', 'null', '{"auths": null}']) {
  test(`a config that is ${JSON.stringify(content)} is no configuration, and nothing to tell`, async (t) => {
    const home = await createHome(t);
    for (const path of [
      '.docker/config.json',
      '.config/containers/auth.json',
      '.config/helm/registry/config.json',
    ])
      await home.write(path, content);
    const access = await createAccessResolver({ env: { ...home.env, DOCKER_AUTH_CONFIG: content } }).access(
      repositoryOf('r.example/a'),
    );
    assert.deepEqual([access.credential, access.passedOver], [anonymous, undefined]);
  });
}

test('a password that is no UTF-8 is sent as the bytes it is', async (t) => {
  const home = await createHome(t);
  const bytes = Buffer.from([0x62, 0x3a, 0x70, 0xe4, 0xff, 0x73]);
  await home.write(
    '.docker/config.json',
    JSON.stringify({ auths: { 'r.example': { auth: bytes.toString('base64') } } }),
  );
  const { credential } = await createAccessResolver({ env: home.env }).access(repositoryOf('r.example/a'));
  assert.ok(credential.kind === 'basic');
  assert.equal(basicHeader(credential.username, credential.password), `Basic ${bytes.toString('base64')}`);
});

const broken: readonly (readonly [what: string, content: string, message: RegExp])[] = [
  ['has a number for auth', '{"auths": {"r.example": {"auth": 1}}}', /"r\.example" auth is not text$/],
  ['has a list for an entry', '{"auths": {"r.example": ["CANARY"]}}', /"r\.example" is not an object$/],
  [
    'has auth without a user',
    `{"auths": {"r.example": {"auth": "${base64('CANARY')}"}}}`,
    /"r\.example" auth is not base64 of USER:PASS$/,
  ],
  [
    'has auth that is not base64',
    '{"auths": {"r.example": {"auth": "CANARY!"}}}',
    /"r\.example" auth is not base64$/,
  ],
  ['has auth that is cut', '{"auths": {"r.example": {"auth": "CANARYCANARYC"}}}', /auth is not base64$/],
  ['has padding amid auth', '{"auths": {"r.example": {"auth": "CANA=RY="}}}', /auth is not base64$/],
  [
    'has a token that would end a header',
    '{"auths": {"r.example": {"registrytoken": "CANARY\\r\\nx: y"}}}',
    /"r\.example" registrytoken is not a token$/,
  ],
  [
    'has a password in place of a token that would end a header',
    '{"auths": {"r.example": {"username": "<token>", "password": "CANARY\\r\\nx: y"}}}',
    /"r\.example" password is not a token$/,
  ],
  [
    'has such a one in base64',
    `{"auths": {"r.example": {"auth": "${base64('<token>:CANARY\0y')}"}}}`,
    /"r\.example" auth is not a token$/,
  ],
  ['has a number for a helper', '{"credHelpers": {"r.example": 5}}', /at credHelpers "r\.example"$/],
  [
    'has a helper elsewhere',
    '{"credHelpers": {"r.example": "../CANARY"}}',
    /helper for r\.example is named with what/,
  ],
];
for (const [what, content, message] of broken) {
  test(`says without a secret that a login ${what}, for its registry alone`, async (t) => {
    const home = await createHome(t);
    await home.write('.docker/config.json', content);
    const { access } = createAccessResolver({ env: home.env });
    assert.deepEqual((await access(repositoryOf('o.example/a'))).credential, anonymous);
    await assert.rejects(access(repositoryOf('r.example/a')), (error) => {
      assert.ok(error instanceof Error && 'code' in error);
      assert.equal(error.code, 'CREDENTIAL_UNREADABLE');
      assert.match(error.message, message);
      assert.ok(!`${error.message} ${String(error.cause)}`.includes('CANARY'));
      assert.ok(!error.message.includes(base64('CANARY')));
      return true;
    });
  });
}
