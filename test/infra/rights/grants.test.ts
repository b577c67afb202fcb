import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Landfall } from '../../../infra/landfall.ts';
import { templateOf, testApp } from '../stack/template.ts';
import { storeAccessFor } from './store-access.ts';

const RECORD = `artifacts/sha256/${'a'.repeat(64)}/default/artifact.json`;
const LEDGER = 'deploys/site/web/app.json';
const STORED = {
  bytes: Buffer.from('{}'),
  etag: '"one"',
  sha256: undefined,
  contentType: 'application/json',
};
const DENIED = { code: 'STORE_DENIED' };

interface Granted {
  readonly stack: Stack;
  readonly landfall: Landfall;
  readonly role: Role;
}

/** A store with a key of its own, and a role that nothing was granted to yet. */
function encrypted(): Granted {
  const stack = new Stack(testApp(), 'Test');
  const encryptionKey = new Key(stack, 'Key', { enableKeyRotation: true });
  const landfall = new Landfall(stack, 'Landfall', { encryptionKey });
  const role = new Role(stack, 'Deploy', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  return { stack, landfall, role };
}

test('a role that may read a store with a key of its own may decrypt with it', async (t) => {
  const { stack, landfall, role } = encrypted();
  landfall.grantRead(role);
  const { server, bucket, as } = await storeAccessFor(t, stack);
  server.bucket(bucket).put(RECORD, STORED);
  assert.deepEqual((await as('Deploy').get(RECORD))?.bytes, STORED.bytes);
  await assert.rejects(as('Deploy').replace(LEDGER, STORED.bytes, undefined), DENIED);
});

test('rights on the objects alone are AccessDenied there', async (t) => {
  const { stack, role } = encrypted();
  role.addToPolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] }));
  const { server, bucket, as } = await storeAccessFor(t, stack);
  server.bucket(bucket).put(RECORD, STORED);
  await assert.rejects(as('Deploy').get(RECORD), DENIED);
});

test("a deploy of one's own keeps its ledger, and no other's, in a store with a key of its own", async (t) => {
  const { stack, landfall, role } = encrypted();
  landfall.grantDeploy(role, 'site');
  const { as } = await storeAccessFor(t, stack);
  const store = as('Deploy');
  await store.replace(LEDGER, STORED.bytes, undefined);
  assert.deepEqual((await store.get(LEDGER))?.bytes, STORED.bytes);
  await assert.rejects(store.replace('deploys/other/web/app.json', STORED.bytes, undefined), DENIED);
});

test('an account that events are forwarded to may decrypt with a key of this app, through S3 alone', () => {
  const { stack, landfall } = encrypted();
  landfall.forwardTo('Team', 'arn:aws:events:eu-west-1:210987654321:event-bus/landfall');
  const { KeyPolicy } = templateOf(stack).properties('Key');
  const { Statement } = KeyPolicy as { readonly Statement: readonly Readonly<Record<string, unknown>>[] };
  assert.deepEqual(
    Statement.filter(({ Sid }) => Sid === 'Read210987654321'),
    [
      {
        Sid: 'Read210987654321',
        Effect: 'Allow',
        Principal: { AWS: 'arn:<AWS::Partition>:iam::210987654321:root' },
        Action: 'kms:Decrypt',
        Resource: '*',
        Condition: { StringEquals: { 'kms:ViaService': 's3.<AWS::Region>.<AWS::URLSuffix>' } },
      },
    ],
  );
});
