import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  cloudSecrets,
  SECRET_FAILURE_MS,
  SECRET_KEPT_MS,
  SECRET_TTL_MS,
} from '../../shared/aws/credentials/secrets.ts';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { PROGRAM_ANSWER_MS } from '../../shared/credentials/docker/program-cache.ts';
import { readSecret } from '../../shared/credentials/secret.ts';
import { WatchedFiles } from '../../shared/credentials/watched-files.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import { awsClientFor, CREDENTIALS, REGION, SleepingClock } from '../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../support/aws-server/aws-server.ts';

const ARN = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:ghcr-AbCdEf';

async function open(t: TestContext) {
  const clock = new SleepingClock();
  const server = await awsServerFor(t, () => clock.now());
  server.secrets
    .set('plain', 'hunter2')
    .set('json', '{"password":"from json","port":5,"__proto__":"x"}')
    .set(ARN, 'elsewhere');
  server.parameters.set('/landfall/token', 'from ssm');
  const cloud = cloudSecrets({ client: awsClientFor(server.url, clock, 500), clock });
  const read = (location: Parameters<typeof cloud.read>[0]) =>
    readSecret(location, { cloud, env: {}, files: new WatchedFiles(clock) });
  return { server, clock, cloud, read };
}

test('reads a secret, one field of one, and a parameter', async (t) => {
  const { read } = await open(t);
  assert.equal(await read({ secretsManager: 'plain' }), 'hunter2');
  assert.equal(await read({ secretsManager: 'json', key: 'password' }), 'from json');
  assert.equal(await read({ ssm: '/landfall/token' }), 'from ssm');
});

test('asks the region that an ARN is of', async (t) => {
  const { server, read } = await open(t);
  assert.equal(await read({ secretsManager: ARN }), 'elsewhere');
  assert.deepEqual(
    server.calls.map(({ service, region }) => [service, region]),
    [['secretsmanager', 'us-west-2']],
  );
});

test('asks once for many, and again after a while, so that a rotated secret is seen', async (t) => {
  const { server, clock, read } = await open(t);
  await Promise.all([1, 2, 3].map(() => read({ secretsManager: 'plain' })));
  assert.equal(server.calls.length, 1);
  server.secrets.set('plain', 'rotated');
  clock.advance(SECRET_TTL_MS - 1);
  assert.equal(await read({ secretsManager: 'plain' }), 'hunter2');
  clock.advance(1);
  assert.equal(await read({ secretsManager: 'plain' }), 'rotated');
  assert.equal(server.calls.length, 2);
});

test('a failure is kept for a moment: strangers’ webhooks do not become calls of a secret that is not there', async (t) => {
  const { server, clock, read } = await open(t);
  for (let webhook = 0; webhook < 20; webhook++) {
    await assert.rejects(read({ secretsManager: 'later' }), { code: 'CREDENTIAL_UNREADABLE' });
  }
  assert.equal(server.calls.length, 1);
  server.secrets.set('later', 'there');
  clock.advance(SECRET_FAILURE_MS - 1);
  await assert.rejects(read({ secretsManager: 'later' }), { code: 'CREDENTIAL_UNREADABLE' });
  clock.advance(1);
  assert.equal(await read({ secretsManager: 'later' }), 'there');
});

for (const [what, location, message] of [
  [
    'a secret that is not there',
    { secretsManager: 'none' },
    /secret none cannot be read: ResourceNotFoundException/,
  ],
  ['a parameter that is not there', { ssm: 'none' }, /SSM parameter none cannot be read: ParameterNotFound/],
  ['a field that is not there', { secretsManager: 'json', key: 'user' }, /no text under "user"/],
  ['a field that is no text', { secretsManager: 'json', key: 'port' }, /no text under "port"/],
  [
    'a field that objects have anyway',
    { secretsManager: 'json', key: 'constructor' },
    /no text under "constructor"/,
  ],
  ['a field of what is no JSON', { secretsManager: 'plain', key: 'a' }, /is not JSON/],
] as const) {
  test(`says so of ${what}, and shows no secret`, async (t) => {
    const { read } = await open(t);
    await assert.rejects(read(location), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /hunter2|from json/);
      return true;
    });
  });
}

test('a service that throttles is a failure for the moment', async (t) => {
  const { server, read } = await open(t);
  server.fault({
    operation: 'GetSecretValue',
    times: 99,
    kind: 'error',
    status: 400,
    code: 'ThrottlingException',
  });
  await assert.rejects(read({ secretsManager: 'plain' }), {
    code: 'REGISTRY_UNAVAILABLE',
    kind: 'transient',
  });
});

test('a secret that was read goes on while the service fails for the moment, for an hour', async (t) => {
  const { server, clock, read } = await open(t);
  const throttled = { operation: 'GetSecretValue', times: 99, kind: 'error', status: 400 } as const;
  assert.equal(await read({ secretsManager: 'plain' }), 'hunter2');
  const readAt = clock.now();
  server.fault({ ...throttled, code: 'ThrottlingException' });
  clock.advance(SECRET_TTL_MS);
  assert.equal(await read({ secretsManager: 'plain' }), 'hunter2');
  const asked = server.calls.length;
  assert.equal(await read({ secretsManager: 'plain' }), 'hunter2');
  assert.equal(server.calls.length, asked, 'it is not asked again for a moment');
  clock.advance(readAt + SECRET_KEPT_MS - clock.now());
  await assert.rejects(read({ secretsManager: 'plain' }), { code: 'REGISTRY_UNAVAILABLE' });
});

test('a secret that was read and is gone now is not used', async (t) => {
  const { server, clock, read } = await open(t);
  assert.equal(await read({ secretsManager: 'plain' }), 'hunter2');
  server.secrets.delete('plain');
  clock.advance(SECRET_TTL_MS);
  await assert.rejects(read({ secretsManager: 'plain' }), { code: 'CREDENTIAL_UNREADABLE' });
});

test('a denied secret names the permission', async (t) => {
  const { server, read } = await open(t);
  server.fault({
    operation: 'GetParameter',
    times: 1,
    kind: 'error',
    status: 400,
    code: 'AccessDeniedException',
    message: 'not authorized to perform: ssm:GetParameter',
  });
  await assert.rejects(read({ ssm: '/landfall/token' }), {
    code: 'CREDENTIAL_UNREADABLE',
    message: /ssm:GetParameter/,
  });
});

test('off AWS it says where such a secret can be read', async () => {
  const deps = { env: {}, files: new WatchedFiles(new SleepingClock()) };
  await assert.rejects(readSecret({ ssm: 'a' }, deps), {
    code: 'CREDENTIAL_UNREADABLE',
    message: /only read with an identity of AWS/,
  });
});

test("documents name AWS's secrets, and registries get them as they are now", async (t) => {
  const { server, clock, cloud } = await open(t);
  const text = `
credentials:
  - registry: ghcr.io
    username: bot
    password: { secretsManager: json, key: password }
  - registry: quay.io
    registryToken: { ssm: /landfall/token }
`;
  const { credentials } = parseDocuments([{ file: 'a.yaml', text }]);
  const access = createAccessResolver({ credentials, env: {}, cloud, clock });
  const credentialOf = async (registry: string) =>
    (await access.access({ registry, repository: 'team/app' })).credential;
  assert.deepEqual(await credentialOf('ghcr.io'), { kind: 'basic', username: 'bot', password: 'from json' });
  assert.deepEqual(await credentialOf('quay.io'), { kind: 'registry-token', token: 'from ssm' });
  server.secrets.set('json', '{"password":"rotated"}');
  clock.advance(PROGRAM_ANSWER_MS);
  assert.deepEqual(await credentialOf('ghcr.io'), { kind: 'basic', username: 'bot', password: 'rotated' });
});

for (const location of [
  '{ secretsManager: "a b" }',
  '{ secretsManager: a, field: b }',
  '{ ssm: "" }',
  '{ ssm: a, key: b }',
  '{ secretsManager: a, key: "" }',
]) {
  test(`a document with the secret ${location} is refused`, () => {
    const text = `receivers: [{ name: a, type: generic, registry: ghcr.io, secret: ${location} }]`;
    assert.throws(() => parseDocuments([{ file: 'a.yaml', text }]), { code: 'CONFIG_INVALID' });
  });
}

test('the stand-in is one that the SDK understands', async (t) => {
  const { server } = await open(t);
  const options = { endpoint: server.url, region: REGION, credentials: CREDENTIALS };
  const [secrets, ssm] = [new SecretsManagerClient(options), new SSMClient(options)];
  t.after(() => secrets.destroy());
  t.after(() => ssm.destroy());
  const secret = await secrets.send(new GetSecretValueCommand({ SecretId: 'plain' }));
  const parameter = await ssm.send(
    new GetParameterCommand({ Name: '/landfall/token', WithDecryption: true }),
  );
  assert.deepEqual([secret.SecretString, parameter.Parameter?.Value], ['hunter2', 'from ssm']);
  await assert.rejects(secrets.send(new GetSecretValueCommand({ SecretId: 'none' })), {
    name: 'ResourceNotFoundException',
  });
});
