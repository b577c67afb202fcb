import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Landfall } from '../../../infra/landfall.ts';
import { storeAccessFor } from '../rights/store-access.ts';
import { landfallIn, type SynthesizedTemplate, synthesize, templateOf, testApp } from './template.ts';

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal: unknown;
  readonly Action: unknown;
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const template = synthesize({ operators: ['arn:aws:iam::123456789012:role/people-*'] });
const store = template.properties('Store');

const statementsOf = (given: SynthesizedTemplate): readonly Statement[] => {
  const { PolicyDocument } = given.properties('StorePolicy');
  return (PolicyDocument as { readonly Statement: readonly Statement[] }).Statement;
};
const withSid = (sid: string): Statement | undefined => statementsOf(template).find(({ Sid }) => Sid === sid);

test('the store is encrypted, versioned, kept, and public to nobody', () => {
  assert.deepEqual(store['PublicAccessBlockConfiguration'], {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  });
  assert.deepEqual(store['VersioningConfiguration'], { Status: 'Enabled' });
  assert.deepEqual(store['BucketEncryption'], {
    ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
  });
  assert.equal(template.resources.get('Store')?.DeletionPolicy, 'Retain');
  const destroyed = synthesize({ removalPolicy: RemovalPolicy.DESTROY });
  assert.equal(destroyed.resources.get('Store')?.DeletionPolicy, 'Delete');
});

test('it tells EventBridge of its objects without a function that may change any bucket', () => {
  assert.deepEqual(store['NotificationConfiguration'], {
    EventBridgeConfiguration: { EventBridgeEnabled: true },
  });
  const custom = [...template.resources.values()].filter(({ Type }) => Type.startsWith('Custom::'));
  assert.deepEqual(custom, []);
});

test('it forgets what was never finished, and what was replaced or deleted a while ago', () => {
  const { Rules } = store['LifecycleConfiguration'] as { readonly Rules: readonly Record<string, unknown>[] };
  assert.deepEqual(
    Rules.map(({ Id, Status: _, ...rest }) => [Id, rest]),
    [
      ['unfinished-uploads', { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }],
      ['old-versions', { NoncurrentVersionExpiration: { NoncurrentDays: 30 } }],
      ['delete-markers', { ExpiredObjectDeleteMarker: true }],
    ],
  );
});

test('it answers over TLS 1.2 and newer only', () => {
  const conditions = statementsOf(template)
    .filter(({ Effect, Action }) => Effect === 'Deny' && Action === 's3:*')
    .map(({ Condition }) => Condition);
  assert.deepEqual(conditions, [
    { Bool: { 'aws:SecureTransport': 'false' } },
    { NumericLessThan: { 's3:TlsVersion': 1.2 } },
  ]);
});

test('nobody replaces what is under artifacts/, not even by completing a multipart upload', () => {
  assert.deepEqual(withSid('CreateArtifactsOnce'), {
    Sid: 'CreateArtifactsOnce',
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: 's3:PutObject',
    Resource: '<Store.Arn>/artifacts/*',
    Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
  });
});

const CHANGES = [
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:PutObject',
  's3:ReplicateDelete',
  's3:ReplicateObject',
];

const deniedBut = (Sid: string, writers: readonly string[], keys: readonly string[]): Statement => ({
  Sid,
  Effect: 'Deny',
  Principal: { AWS: '*' },
  Action: CHANGES,
  Resource: keys.length === 1 ? `<Store.Arn>/${keys[0]}` : keys.map((key) => `<Store.Arn>/${key}`),
  Condition: { ArnNotLike: { 'aws:PrincipalArn': writers } },
});

test('each object is changed by its owner and the operators named, and by nobody else', () => {
  const people = 'arn:aws:iam::123456789012:role/people-*';
  const landfall = ['<FunctionsReconcileRole.Arn>', '<FunctionsCollectRole.Arn>', people];
  const made = ['config/configuration.json', 'config/triggers.json', 'landfall.json', 'sweeps/*.json'];
  for (const [id, writers, keys] of [
    ['OnlyLandfallChangesItsOwn', landfall, ['artifacts/*', 'sources/*', 'trust/*']],
    ['OnlyPollsRemember', ['<FunctionsPollRole.Arn>', ...landfall], made],
    ['OnlyOperatorsChangeDocuments', [people], ['config/documents/*']],
    ['OnlyDeploysChangeLedgers', [people], ['deploys/*', 'runs/*', 'sites/*']],
  ] as const)
    assert.deepEqual(withSid(id), deniedBut(id, writers, keys));
});

const OPERATOR = 'arn:aws:iam::123456789012:role/people-one';
/** May do all of S3, as many a role of CI may. */
const CI = 'arn:aws:iam::123456789012:role/ci';
const KEYS = [
  'config/documents/a.yaml',
  'config/configuration.json',
  'config/triggers.json',
  'sources/web/site/status.json',
  'deploys/site/web/site.json',
  'sites/site/web/site.json',
  'sweeps/web.json',
  'landfall.json',
];
const RECORD = `artifacts/sha256/${'a'.repeat(64)}/default/artifact.json`;

test('who may do all of S3 in the account changes nothing of the store, and an operator may', async (t) => {
  const { stack, landfall } = landfallIn({
    operators: ['arn:aws:iam::123456789012:role/people-*'],
    sources: [{ name: 'site', url: 'oci://r.example/site' }],
  });
  const role = new Role(stack, 'Deploy', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  landfall.grantDeploy(role, 'site');
  const { as } = await storeAccessFor(t, stack);
  const bytes = Buffer.from('{}');
  for (const key of KEYS) {
    await assert.rejects(as(CI).replace(key, bytes, undefined), { code: 'STORE_DENIED' }, key);
    await as(OPERATOR).replace(key, bytes, undefined);
    await assert.rejects(as(CI).delete([key]), { code: 'STORE_DENIED' }, key);
  }
  for (const who of [CI, 'FunctionsPollRole'])
    await assert.rejects(as(who).putIfAbsent(RECORD, bytes), { code: 'STORE_DENIED' }, who);
  await as('FunctionsPollRole').replace('sweeps/polls.json', bytes, undefined);
  assert.equal(await as(OPERATOR).putIfAbsent(RECORD, bytes), 'created');
  await assert.rejects(as(CI).delete([RECORD]), { code: 'STORE_DENIED' });
  await as(OPERATOR).delete([RECORD]);
  await as('Deploy').replace('deploys/site/web/app.json', bytes, undefined);
  await as('DocumentsFunctionRole').replace('config/documents/b.yaml', bytes, undefined);
  await as('FunctionsReconcileRole').replace('sources/web/app/status.json', bytes, undefined);
  await assert.rejects(as('FunctionsReconcileRole').replace('config/documents/c.yaml', bytes, undefined), {
    code: 'STORE_DENIED',
  });
});

test('the policy allows nothing to anybody by itself', () => {
  assert.deepEqual(
    statementsOf(template).filter(({ Effect }) => Effect !== 'Deny'),
    [],
  );
});

test('an account that events are forwarded to may read artifacts and statuses, and nothing else', () => {
  const { stack, landfall } = landfallIn();
  landfall.forwardTo('Team', 'arn:aws:events:eu-west-1:210987654321:event-bus/landfall');
  const allowed = statementsOf(templateOf(stack)).filter(({ Effect }) => Effect === 'Allow');
  assert.deepEqual(allowed, [
    {
      Sid: 'Read210987654321',
      Effect: 'Allow',
      Principal: { AWS: 'arn:<AWS::Partition>:iam::210987654321:root' },
      Action: 's3:GetObject',
      Resource: ['<Store.Arn>/artifacts/*', '<Store.Arn>/sources/*'],
    },
  ]);
});

test('with a key of its own the store is encrypted with it, and the functions may use it', () => {
  const app = testApp();
  const stack = new Stack(app, 'Test');
  const encryptionKey = new Key(stack, 'Key', { enableKeyRotation: true });
  new Landfall(stack, 'Landfall', { encryptionKey });
  const encrypted = templateOf(stack);
  const [rule] = (
    encrypted.properties('Store')['BucketEncryption'] as {
      readonly ServerSideEncryptionConfiguration: readonly unknown[];
    }
  ).ServerSideEncryptionConfiguration;
  assert.deepEqual(rule, {
    BucketKeyEnabled: true,
    ServerSideEncryptionByDefault: { KMSMasterKeyID: '<Key.Arn>', SSEAlgorithm: 'aws:kms' },
  });
  for (const [name, { Properties }] of encrypted.ofType('AWS::IAM::Policy')) {
    assert.match(JSON.stringify(Properties), /kms:Decrypt/, name);
  }
});
