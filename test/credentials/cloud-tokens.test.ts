import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { awsIdentity } from '../../shared/aws/credentials/aws-identity.ts';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import { CREDENTIALS, REGION, SleepingClock, sdkFor } from '../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../support/aws-server/aws-server.ts';
import {
  AZURE_REGISTRY,
  cloudTokensFor,
  type Reply,
  type TokenCall,
} from '../support/servers/cloud-tokens.ts';
import { createHome, repositoryOf } from './home.ts';

const GOOGLE = 'europe-docker.pkg.dev';
const PROVIDER = 'projects/123456789/locations/global/workloadIdentityPools/landfall/providers/aws-one';
const ACCOUNT = 'puller@team.iam.gserviceaccount.com';
const TENANT = '11111111-2222-3333-4444-555555555555';
const CLIENT = '66666666-7777-8888-9999-000000000000';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY = JSON.stringify({
  type: 'service_account',
  client_email: ACCOUNT,
  private_key_id: 'one',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  // Not where the key goes.
  token_uri: 'https://evil.example/token',
});

/** An entry as a document has it, with a machine that has an identity of AWS unless told otherwise. */
async function open(t: TestContext, entry: string, { identity = true } = {}) {
  const clock = new SleepingClock();
  const server = await awsServerFor(t, () => clock.now());
  const services = await cloudTokensFor(t, () => clock.now());
  const home = await createHome(t, { AZURE_SECRET: 'canary-azure-secret' });
  await home.write('key.json', KEY);
  await home.write('token.jwt', 'canary.federated.token\n');
  const text = `credentials: [{ registry: ${/google/.test(entry) ? GOOGLE : AZURE_REGISTRY}, ${entry} }]`;
  const { credentials } = parseDocuments([{ file: `${home.folder}/a.yaml`, text }]);
  const sdk = sdkFor(server.url, clock);
  const aws = awsIdentity({ sdk, region: REGION, credentials: async () => CREDENTIALS, publicEcr: false });
  const { env } = home;
  const resolver = createAccessResolver({
    ...{ credentials, env, clock, standIns: services.standIns },
    ...(identity && { aws }),
  });
  const [{ registry = '' } = {}] = credentials;
  const repository = repositoryOf(`${registry}/team/app`);
  const credentialOf = async () => (await resolver.access(repository)).credential;
  return { ...services, clock, home, server, resolver, repository, credentialOf };
}

const NO_CALL: TokenCall = { path: '', fields: {}, authorization: undefined };

const decode = (part = ''): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;

const BY_KEY = 'google: { serviceAccountKey: { file: key.json } }';
const BY_POOL = `google: { workloadIdentity: ${PROVIDER} }`;
const BY_ACCOUNT = `google: { workloadIdentity: ${PROVIDER}, serviceAccount: ${ACCOUNT} }`;
const BY_SECRET = `azure: { tenant: ${TENANT}, client: ${CLIENT}, clientSecret: { env: AZURE_SECRET } }`;
const BY_TOKEN = `azure: { tenant: ${TENANT}, client: ${CLIENT}, federatedToken: { file: token.jwt } }`;
const BY_ROLE = `azure: { tenant: ${TENANT}, client: ${CLIENT} }`;

test("a service account's key signs an assertion, which Google alone is sent", async (t) => {
  const { calls, clock, credentialOf } = await open(t, BY_KEY);
  assert.deepEqual(await credentialOf(), {
    ...{ kind: 'basic', username: 'oauth2accesstoken', password: 'canary-key-1' },
  });
  const [{ path, fields } = NO_CALL] = calls;
  assert.equal(path, '/token');
  assert.equal(fields['grant_type'], 'urn:ietf:params:oauth:grant-type:jwt-bearer');
  const [header, claims, signature] = String(fields['assertion']).split('.');
  assert.deepEqual(decode(header), { alg: 'RS256', typ: 'JWT', kid: 'one' });
  const issued = Math.floor(clock.now() / 1000);
  assert.deepEqual(decode(claims), {
    ...{ iss: ACCOUNT, scope: 'https://www.googleapis.com/auth/cloud-platform' },
    ...{ aud: 'https://oauth2.googleapis.com/token', iat: issued, exp: issued + 3600 },
  });
  const signed = Buffer.from(`${header}.${claims}`);
  const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }));
  assert.ok(verify('sha256', signed, key, Buffer.from(signature ?? '', 'base64url')));
});

test("AWS's identity is exchanged for a token of Google's pool, without a key", async (t) => {
  const { calls, credentialOf } = await open(t, BY_POOL);
  const credential = await credentialOf();
  assert.equal(credential.kind === 'basic' && credential.password, 'canary-federated-1');
  const [{ path, fields } = NO_CALL] = calls;
  const { subjectToken, ...others } = fields;
  assert.equal(path, '/v1/token');
  assert.deepEqual(others, {
    audience: `//iam.googleapis.com/${PROVIDER}`,
    grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
    requestedTokenType: 'urn:ietf:params:oauth:token-type:access_token',
    scope: 'https://www.googleapis.com/auth/cloud-platform',
    subjectTokenType: 'urn:ietf:params:aws:token-type:aws4_request',
  });
  type Signed = {
    readonly url: string;
    readonly method: string;
    readonly headers: readonly { key: string; value: string }[];
  };
  const signed = JSON.parse(decodeURIComponent(String(subjectToken))) as Signed;
  assert.equal(signed.method, 'POST');
  assert.equal(signed.url, `https://sts.${REGION}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15`);
  const headers = Object.fromEntries(signed.headers.map(({ key, value }) => [key, value]));
  assert.deepEqual(Object.keys(headers).sort(), [
    ...['Authorization', 'host', 'x-amz-date', 'x-amz-security-token', 'x-goog-cloud-target-resource'],
  ]);
  assert.equal(headers['x-goog-cloud-target-resource'], `//iam.googleapis.com/${PROVIDER}`);
  assert.match(
    headers['Authorization'] ?? '',
    /SignedHeaders=host;x-amz-date;x-amz-security-token;x-goog-cloud-target-resource, /,
  );
  assert.doesNotMatch(JSON.stringify(signed), new RegExp(`"${CREDENTIALS.secretAccessKey}"`));
});

test('and that for one of a service account, where one is named', async (t) => {
  const { calls, credentialOf } = await open(t, BY_ACCOUNT);
  const credential = await credentialOf();
  assert.equal(credential.kind === 'basic' && credential.password, 'canary-account-2');
  assert.deepEqual(calls.slice(1), [
    {
      path: `/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`,
      fields: { scope: ['https://www.googleapis.com/auth/cloud-platform'], lifetime: '3600s' },
      authorization: 'Bearer canary-federated-1',
    },
  ]);
});

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
for (const [what, entry, proof] of [
  ['a secret', BY_SECRET, { client_secret: 'canary-azure-secret' }],
  [
    'a token in a file',
    BY_TOKEN,
    { client_assertion_type: ASSERTION, client_assertion: 'canary.federated.token' },
  ],
  [
    "AWS's identity",
    BY_ROLE,
    { client_assertion_type: ASSERTION, client_assertion: 'web.identity.api---AzureADTokenExchange' },
  ],
] as const) {
  test(`an application of Entra by ${what}: its token is exchanged at the registry for a refresh token`, async (t) => {
    const { calls, credentialOf } = await open(t, entry);
    const credential = await credentialOf();
    assert.ok(credential.kind === 'identity-token');
    assert.equal(credential.username, '00000000-0000-0000-0000-000000000000');
    assert.equal(credential.token.split('.').length, 3);
    assert.deepEqual(
      calls.map(({ path, fields }) => [path, fields]),
      [
        [
          `/${TENANT}/oauth2/v2.0/token`,
          {
            ...{ grant_type: 'client_credentials', client_id: CLIENT },
            ...{ scope: 'https://containerregistry.azure.net/.default', ...proof },
          },
        ],
        [
          '/oauth2/exchange',
          {
            ...{ grant_type: 'access_token', service: AZURE_REGISTRY, tenant: TENANT },
            access_token: 'canary-entra-1',
          },
        ],
      ],
    );
  });
}

for (const [what, entry, lifeMs, requests] of [
  ["Google's key", BY_KEY, 3599_000, 1],
  ["Google's pool", BY_POOL, 3600_000, 1],
  ["Google's account", BY_ACCOUNT, 3600_000, 2],
  ["Azure's registry", BY_SECRET, 3 * 3600_000, 2],
] as const) {
  test(`${what}: one token for all who wait, for most of its life`, async (t) => {
    const { calls, clock, credentialOf } = await open(t, entry);
    const [first, ...others] = await Promise.all(Array.from({ length: 20 }, credentialOf));
    for (const other of others) assert.deepEqual(other, first);
    clock.advance(lifeMs * 0.8 - 1);
    await credentialOf();
    assert.equal(calls.length, requests);
    clock.advance(1);
    await credentialOf();
    assert.equal(calls.length, 2 * requests);
  });
}

test('a key that is replaced is used at once, and not when the token of the old one ends', async (t) => {
  const { calls, clock, home, credentialOf } = await open(t, BY_KEY);
  await credentialOf();
  await home.write('key.json', KEY.replace('"one"', '"another"'));
  clock.advance(1_000);
  await credentialOf();
  const kids = calls.map(({ fields }) => decode(String(fields['assertion']).split('.')[0])['kid']);
  assert.deepEqual(kids, ['one', 'another']);
});

const ECHO = 'AADSTS7000215: Invalid client secret canary-azure-secret';
const refusals: readonly (readonly [reply: Reply, code: string, message: RegExp])[] = [
  [
    { status: 401, body: { error: 'invalid_client', error_description: ECHO } },
    'CREDENTIAL_UNREADABLE',
    /answered 401 invalid_client AADSTS7000215$/,
  ],
  [
    { status: 403, body: { error: { code: 403, status: 'PERMISSION_DENIED', message: 'canary' } } },
    'CREDENTIAL_UNREADABLE',
    /answered 403 PERMISSION_DENIED$/,
  ],
  [{ status: 400, body: { error: 'canary secret with spaces' } }, 'CREDENTIAL_UNREADABLE', /answered 400$/],
  [{ status: 503, body: 'canary' }, 'REGISTRY_UNAVAILABLE', /answered 503$/],
  [{ status: 429, body: {} }, 'REGISTRY_UNAVAILABLE', /answered 429$/],
  [
    { status: 307, headers: { location: 'http://127.0.0.1:1/token' }, body: '' },
    'CREDENTIAL_UNREADABLE',
    /answered 307$/,
  ],
  [{ body: 'canary' }, 'CREDENTIAL_UNREADABLE', /did not answer with a JSON object$/],
  [{ body: '[' }, 'CREDENTIAL_UNREADABLE', /did not answer with a JSON object$/],
  [
    { body: `{"a":"${'canary'.repeat(20_000)}"}` },
    'CREDENTIAL_UNREADABLE',
    /did not answer with a JSON object$/,
  ],
  [{ body: {} }, 'CREDENTIAL_UNREADABLE', /answered without access_token$/],
  [{ body: { access_token: 'canary\r\nX: y' } }, 'CREDENTIAL_UNREADABLE', /answered without access_token$/],
  [{ body: { access_token: 5 } }, 'CREDENTIAL_UNREADABLE', /answered without access_token$/],
];
for (const entry of [BY_KEY, BY_POOL, BY_SECRET]) {
  for (const [reply, code, message] of refusals) {
    const said = JSON.stringify(reply).slice(0, 60);
    test(`${entry.slice(0, 30)}… and an answer of ${said}: told without what was said, and asked again`, async (t) => {
      const { replies, resolver, repository, credentialOf } = await open(t, entry);
      replies.push(reply, reply);
      await assert.rejects(credentialOf(), (error) => {
        assert.ok(error instanceof Error && 'code' in error && 'hint' in error);
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.doesNotMatch(`${error.message} ${String(error.hint)} ${String(error.cause)}`, /canary/);
        return true;
      });
      assert.doesNotMatch(JSON.stringify(await resolver.explain(repository)), /canary/);
      assert.notEqual((await credentialOf()).kind, 'anonymous');
    });
  }
}

for (const entry of [BY_POOL, BY_ROLE]) {
  test(`${entry.slice(0, 30)}… where there is no identity of AWS says so`, async (t) => {
    const { calls, credentialOf } = await open(t, entry, { identity: false });
    await assert.rejects(credentialOf(), { code: 'CREDENTIAL_UNREADABLE', message: /identity of AWS/ });
    assert.equal(calls.length, 0);
  });
}

for (const [what, key] of [
  ['no JSON', 'canary'],
  ['JSON of something else', '{"type":"authorized_user","private_key":"canary"}'],
  ['a key that is none', KEY.replace(/"private_key":"[^"]*"/, '"private_key":"canary"')],
] as const) {
  test(`a service account's key that is ${what} is told by its place`, async (t) => {
    const { env } = await createHome(t, { KEY: key });
    const credentials = [{ registry: GOOGLE, google: { serviceAccountKey: { env: 'KEY' } } }];
    await assert.rejects(
      createAccessResolver({ credentials, env }).access(repositoryOf(`${GOOGLE}/team/app`)),
      (error) => {
        assert.ok(error instanceof Error && 'code' in error);
        assert.equal(error.code, 'CREDENTIAL_UNREADABLE');
        assert.match(error.message, /environment variable KEY/);
        assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /canary/);
        return true;
      },
    );
  });
}

test('what no document could hold is not sent to a registry of somebody else either', async (t) => {
  const { env } = await createHome(t, { KEY });
  const credentials = [{ registry: 'ghcr.io', google: { serviceAccountKey: { env: 'KEY' } } }];
  await assert.rejects(createAccessResolver({ credentials, env }).access(repositoryOf('ghcr.io/a')), {
    code: 'CREDENTIAL_UNREADABLE',
    message: /google is for .* and ghcr\.io is none/,
  });
});
