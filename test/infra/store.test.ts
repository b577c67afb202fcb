import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Landfall } from '../../infra/landfall.ts';
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

test('nobody but reconcile, collect and the operators named writes there', () => {
  assert.deepEqual(withSid('OnlyLandfallWritesArtifacts'), {
    Sid: 'OnlyLandfallWritesArtifacts',
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: 's3:PutObject',
    Resource: '<Store.Arn>/artifacts/*',
    Condition: {
      ArnNotLike: {
        'aws:PrincipalArn': [
          '<FunctionsReconcileRole.Arn>',
          '<FunctionsCollectRole.Arn>',
          'arn:aws:iam::123456789012:role/people-*',
        ],
      },
    },
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
