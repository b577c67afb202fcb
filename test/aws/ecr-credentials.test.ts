import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { AssumeRoleCommand, GetWebIdentityTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { awsIdentity } from '../../shared/aws/credentials/aws-identity.ts';
import { ecrHosts, parseEcrHost } from '../../shared/aws/credentials/ecr-host.ts';
import { ATTEMPTS } from '../../shared/aws/request/retry.ts';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import { CREDENTIALS, REGION, SleepingClock, sdkFor } from '../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../support/aws-server/aws-server.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const ROLE = 'arn:aws:iam::210987654321:role/pull';

async function open(t: TestContext, document = '', publicEcr = true) {
  const clock = new SleepingClock();
  const server = await awsServerFor(t, () => clock.now());
  server.roles.add(ROLE);
  const { credentials } = parseDocuments([{ file: 'a.yaml', text: document }]);
  const sdk = sdkFor(server.url, clock);
  const aws = awsIdentity({ sdk, region: REGION, credentials: async () => CREDENTIALS, publicEcr });
  const { access, explain } = createAccessResolver({ credentials, env: {}, clock, aws });
  const accessOf = (registry: string, repository = 'team/app') => access({ registry, repository });
  const passwordOf = async (registry: string, repository?: string) => {
    const { credential } = await accessOf(registry, repository);
    assert.equal(credential.kind, 'basic');
    return credential.kind === 'basic' ? `${credential.username}:${credential.password}` : '';
  };
  return { server, clock, accessOf, passwordOf, explain };
}

test('knows its hosts, and no others', () => {
  for (const region of ['eu-west-1', 'us-gov-west-1', 'cn-north-1']) {
    for (const host of ecrHosts({ account: '123456789012', region })) {
      assert.deepEqual(parseEcrHost(host), { account: '123456789012', region }, host);
    }
  }
  for (const host of [
    'ghcr.io',
    `${HOST}.evil.example`,
    `x${HOST}`,
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil',
    '123456789012.dkr.ecr.evil.example/.amazonaws.com',
    '12345.dkr.ecr.eu-west-1.amazonaws.com',
    `${HOST}:5000`,
  ]) {
    assert.equal(parseEcrHost(host), undefined, host);
  }
});

test("asks the registry's own region, with the function's own credentials", async (t) => {
  const { server, passwordOf } = await open(t);
  assert.equal(await passwordOf(HOST), 'AWS:AKIATEST eu-west-1 1');
  assert.deepEqual(
    server.calls.map(({ service, region }) => [service, region]),
    [['ecr', 'eu-west-1']],
  );
});

test('asks ECR Public where it answers', async (t) => {
  const { server, passwordOf } = await open(t);
  await passwordOf('public.ecr.aws', 'docker/library/alpine');
  assert.deepEqual(
    server.calls.map(({ service, region }) => [service, region]),
    [['ecr-public', 'us-east-1']],
  );
});

test('asks once for many, and answers with the same object', async (t) => {
  const { server, accessOf } = await open(t);
  const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => accessOf(HOST)));
  for (const other of others) assert.equal(other, first);
  assert.equal(server.calls.length, 1);
});

test('keeps a token for most of its life', async (t) => {
  const { server, clock, passwordOf } = await open(t);
  await passwordOf(HOST);
  clock.advance(server.ecr.lifeMs * 0.8 - 1);
  assert.match(await passwordOf(HOST), / 1$/);
  clock.advance(1);
  assert.match(await passwordOf(HOST), / 2$/);
});

test("asks as the role of the repository's entry, which it assumes once in its life", async (t) => {
  const document = `
credentials:
  - { registry: ${HOST}, repository: other/**, role: '${ROLE}' }
  - { registry: ${HOST}, repository: broken/**, role: 'arn:aws:iam::210987654321:role/nobody' }
`;
  const { server, clock, passwordOf, accessOf } = await open(t, document);
  assert.match(await passwordOf(HOST), /^AWS:AKIATEST /);
  const assumed = await passwordOf(HOST, 'other/app');
  assert.match(assumed, /^AWS:ASIA/);
  clock.advance(server.ecr.lifeMs);
  await passwordOf(HOST, 'other/app');
  assert.equal(server.count('AssumeRole'), 2);
  await assert.rejects(accessOf(HOST, 'broken/app'), {
    code: 'CREDENTIAL_UNREADABLE',
    message: /role\/nobody cannot be assumed: AccessDenied/,
  });
});

test('an STS that is out passes: no role is held to be broken for it', async (t) => {
  const document = `credentials: [{ registry: ${HOST}, role: '${ROLE}' }]`;
  const { server, accessOf, passwordOf } = await open(t, document);
  const out = {
    operation: 'AssumeRole',
    times: Number.MAX_SAFE_INTEGER,
    kind: 'error',
    status: 503,
  } as const;
  server.fault({ ...out, code: 'ServiceUnavailable' });
  await assert.rejects(accessOf(HOST), {
    code: 'REGISTRY_UNAVAILABLE',
    message: /role\/pull cannot be assumed: ServiceUnavailable/,
  });
  server.clearFaults();
  assert.match(await passwordOf(HOST), /^AWS:ASIA/);
});

for (const [name, operation] of [
  ['STS', 'AssumeRole'],
  ['ECR', 'GetAuthorizationToken'],
])
  test(`a page of a proxy before ${name} passes, though the SDK makes nothing of it`, async (t) => {
    const document = `credentials: [{ registry: ${HOST}, role: '${ROLE}' }]`;
    const { server, passwordOf } = await open(t, document);
    const page = { kind: 'body', status: 503, text: '<html>canary' } as const;
    server.fault({ operation: operation ?? '', times: ATTEMPTS - 1, ...page });
    assert.match(await passwordOf(HOST), /^AWS:ASIA/);
    const again = await open(t, document);
    again.server.fault({ operation: operation ?? '', times: ATTEMPTS, ...page });
    await assert.rejects(again.accessOf(HOST), { code: 'REGISTRY_UNAVAILABLE', message: /HTTP 503/ });
  });

test('a credential of a document comes first, and other registries are left alone', async (t) => {
  const document = `
credentials:
  - { registry: ${HOST}, repository: mine/**, username: me, password: { value: own } }
`;
  const { server, passwordOf, accessOf } = await open(t, document);
  assert.equal(await passwordOf(HOST, 'mine/app'), 'me:own');
  assert.deepEqual((await accessOf('ghcr.io')).credential, { kind: 'anonymous' });
  assert.equal(server.calls.length, 0);
});

test('on one machine ECR Public is asked as nobody, unless a role is named', async (t) => {
  const document = `credentials: [{ registry: public.ecr.aws, repository: mine/**, role: '${ROLE}' }]`;
  const { accessOf } = await open(t, document, false);
  assert.equal((await accessOf('public.ecr.aws')).credential.kind, 'anonymous');
  assert.equal((await accessOf('public.ecr.aws', 'mine/app')).credential.kind, 'basic');
});

test('explain shows what ECR gives by default, and why not where it does not', async (t) => {
  const document = `
credentials:
  - { registry: ${HOST}, repository: mine/**, username: me, password: { value: own } }
  - { registry: ghcr.io, role: '${ROLE}' }
`;
  const { explain, accessOf } = await open(t, document);
  const told = async (registry: string, repository: string) =>
    (await explain({ registry, repository }))
      .filter(({ matched }) => matched)
      .map(({ origin, why }) => [origin, why]);
  assert.deepEqual(await told(HOST, 'team/app'), [
    ['ECR, by default', 'matches, and gives username and password'],
  ]);
  assert.deepEqual(await told(HOST, 'mine/app'), [
    ['a.yaml:3:5', 'matches, and gives username and password'],
    ['ECR, by default', 'matches, and a.yaml:3:5 comes before it'],
  ]);
  await assert.rejects(accessOf('ghcr.io'), { message: /is for registries of ECR, and ghcr\.io is none/ });
});

test('throttling is outlived, or a failure for the moment that is not kept', async (t) => {
  const { server, passwordOf, accessOf } = await open(t);
  const throttling = {
    operation: 'GetAuthorizationToken',
    kind: 'error',
    status: 400,
    code: 'ThrottlingException',
  } as const;
  server.fault({ ...throttling, times: ATTEMPTS - 1 });
  assert.match(await passwordOf(HOST), /^AWS:/);
  server.fault({ ...throttling, times: ATTEMPTS });
  await assert.rejects(accessOf('123456789012.dkr.ecr.us-east-1.amazonaws.com'), {
    code: 'REGISTRY_UNAVAILABLE',
  });
  assert.match(await passwordOf('123456789012.dkr.ecr.us-east-1.amazonaws.com'), /us-east-1/);
});

for (const text of [
  '{}',
  '{"authorizationData":[]}',
  '{"authorizationData":[{"authorizationToken":"bm8="}]}',
  '{"authorizationData":null}',
]) {
  test(`an answer of ${text} is no token`, async (t) => {
    const { server, accessOf } = await open(t);
    server.fault({ operation: 'GetAuthorizationToken', times: 1, kind: 'body', text });
    await assert.rejects(accessOf(HOST), { code: 'CREDENTIAL_UNREADABLE', message: /without a token/ });
  });
}

test('a role that is no ARN of a role is refused in the document', () => {
  for (const role of ['pull', 'arn:aws:iam::1:role/pull', 'arn:aws:iam::210987654321:user/pull']) {
    const text = `credentials: [{ registry: ${HOST}, role: '${role}' }]`;
    assert.throws(() => parseDocuments([{ file: 'a.yaml', text }]), {
      code: 'CONFIG_INVALID',
      message: /ARN of a role/,
    });
  }
  const both = `credentials: [{ registry: ${HOST}, role: '${ROLE}', registryToken: { env: A } }]`;
  assert.throws(() => parseDocuments([{ file: 'a.yaml', text: both }]), { message: /alternatives/ });
});

test('the stand-in is one that the SDK understands', async (t) => {
  const { server } = await open(t);
  const options = { endpoint: server.url, region: REGION, credentials: CREDENTIALS };
  const [ecr, sts] = [new ECRClient(options), new STSClient(options)];
  t.after(() => ecr.destroy());
  t.after(() => sts.destroy());
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  assert.match(
    Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64').toString(),
    /^AWS:AKIATEST/,
  );
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'a' }));
  assert.match(Credentials?.AccessKeyId ?? '', /^ASIA/);
  const { WebIdentityToken } = await sts.send(
    new GetWebIdentityTokenCommand({ Audience: ['a'], SigningAlgorithm: 'RS256', DurationSeconds: 300 }),
  );
  assert.equal(WebIdentityToken, 'web.identity.a');
});
