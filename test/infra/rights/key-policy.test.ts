import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { EcrEventForwarder } from '../../../infra/ecr/ecr-event-forwarder.ts';
import { Landfall } from '../../../infra/landfall.ts';
import { ReceivingBus } from '../../../infra/receiving-bus.ts';
import { SiteDeploy } from '../../../infra/site-deploy.ts';
import { Subscription } from '../../../infra/subscription.ts';
import { SqsTarget } from '../../../infra/target/sqs-target.ts';
import { type SynthesizedTemplate, synthOf, templateOf, testApp } from '../stack/template.ts';
import { allowed } from './allowed.ts';

type Statement = Readonly<Record<string, unknown>>;

/** Everything there is to encrypt, each told of the key by whoever knows it. */
function stackWith(keyIn: (stack: Stack) => IKey): Stack {
  const stack = new Stack(testApp(), 'Test');
  const encryptionKey = keyIn(stack);
  const landfall = new Landfall(stack, 'Landfall', {
    encryptionKey,
    sources: [{ name: 'site', namespace: 'web', url: 'oci://ghcr.io/team/site' }],
    receivers: [{ name: 'hub', type: 'generic', registry: 'ghcr.io', secret: { ssm: '/hub' } }],
  });
  const { bus } = landfall;
  const consumer = new LambdaFunction(stack, 'Consumer', {
    ...{ runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromInline('//') },
  });
  new Subscription(stack, 'Team', { bus, source: 'web/site', inOrder: true }).deliverTo(consumer);
  const bucket = new Bucket(stack, 'Web');
  new SiteDeploy(stack, 'Site', { landfall, name: 'site', source: 'web/site', bucket });
  new SqsTarget(stack, 'Rule', { bus, source: 'web/site', queue: landfall.queue });
  new ReceivingBus(stack, 'Receiving', { landfallAccount: '123456789012', encryptionKey });
  new EcrEventForwarder(stack, 'Ecr', {
    ...{ landfallAccount: '123456789012', landfallRegion: 'eu-west-1', encryptionKey },
  });
  return stack;
}

const encrypted = templateOf(stackWith((stack) => new Key(stack, 'Key')));

/** By type, the property that names a key. */
const NAMED = {
  'AWS::SQS::Queue': 'KmsMasterKeyId',
  'AWS::Logs::LogGroup': 'KmsKeyId',
  'AWS::Lambda::Function': 'KmsKeyArn',
  'AWS::Events::EventBus': 'KmsKeyIdentifier',
} as const;

for (const [type, property] of Object.entries(NAMED))
  test(`each ${type} has the key`, () => {
    const names = [...encrypted.ofType(type).keys()].filter((name) => name !== 'Consumer');
    assert.ok(names.length > 1, type);
    for (const name of names) assert.equal(encrypted.properties(name)[property], '<Key.Arn>', name);
  });

test('what a queue is sent goes through no other encryption beside it', () => {
  for (const name of encrypted.ofType('AWS::SQS::Queue').keys())
    assert.equal(encrypted.properties(name)['SqsManagedSseEnabled'], undefined, name);
});

const statementsOf = (template: SynthesizedTemplate, name: string, document: string): readonly Statement[] =>
  (template.properties(name)[document] as { readonly Statement: readonly Statement[] }).Statement;

test("the key's policy lets in its account, and of services EventBridge and CloudWatch Logs, for this account", () => {
  assert.deepEqual(statementsOf(encrypted, 'Key', 'KeyPolicy'), [
    {
      Action: 'kms:*',
      Effect: 'Allow',
      Principal: { AWS: 'arn:<AWS::Partition>:iam::<AWS::AccountId>:root' },
      Resource: '*',
    },
    {
      Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'],
      Condition: { StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' } },
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Resource: '*',
      Sid: 'EventsOfThisAccount',
    },
    {
      Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn':
            'arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:*',
        },
      },
      Effect: 'Allow',
      Principal: { Service: 'logs.<AWS::Region>.<AWS::URLSuffix>' },
      Resource: '*',
      Sid: 'LogsOfThisAccount',
    },
  ]);
});

test('a queue with a key still takes events of its own rules alone', () => {
  const policies = [...encrypted.ofType('AWS::SQS::QueuePolicy').keys()];
  const statements = policies.flatMap((name) => statementsOf(encrypted, name, 'PolicyDocument'));
  const events = statements.filter(({ Effect }) => Effect === 'Allow');
  assert.ok(events.length > 8);
  for (const { Condition } of events) {
    const source = (Condition as { readonly ArnEquals?: Readonly<Record<string, unknown>> }).ArnEquals;
    assert.match(String(source?.['aws:SourceArn']), /^<.+\.Arn>$/);
  }
});

test('who sends to a queue with a key may make data keys, who receives may decrypt', () => {
  const may = (name: string): readonly string[] =>
    allowed(encrypted, name).filter((pair) => pair.startsWith('kms:'));
  const both = ['kms:Decrypt <Key.Arn>', 'kms:GenerateDataKey <Key.Arn>'];
  for (const name of ['Receive', 'Poll', 'Reconcile', 'Collect'])
    assert.deepEqual(may(`Functions${name}`), both, name);
  assert.deepEqual([may('DocumentsFunction'), may('SiteFunction')], [both, both]);
  assert.deepEqual(allowed(encrypted, 'TeamBySource'), [
    ...both,
    'sqs:DeleteMessage <TeamInFront.Arn>',
    'sqs:GetQueueAttributes <TeamInFront.Arn>',
    'sqs:ReceiveMessage <TeamInFront.Arn>',
    'sqs:SendMessage <TeamEvents.Arn>',
  ]);
  const policy = statementsOf(encrypted, 'ConsumerServiceRoleDefaultPolicy', 'PolicyDocument');
  assert.deepEqual(
    policy.filter(({ Action }) => Action === 'kms:Decrypt').map(({ Resource }) => Resource),
    ['<Key.Arn>'],
  );
});

test("a key whose policy is not the app's is told of, once for each who would have changed it", () => {
  const arn = 'arn:aws:kms:eu-west-1:123456789012:key/one';
  const stack = stackWith((scope) => Key.fromKeyArn(scope, 'Key', arn));
  const app = stack.node.root as Parameters<typeof synthOf>[0];
  const [{ messages } = { messages: [] }] = synthOf(app).stacks;
  const told = messages.filter(({ entry }) => String(entry.data).includes('#a-key-of-your-own'));
  assert.deepEqual(
    told.map(({ id }) => id),
    ['/Test/Landfall', '/Test/Receiving', '/Test/Ecr'],
  );
  assert.ok(told.every(({ level }) => level === 'warning'));
});

test('a deploy in another stack has a key of its own for its queues, and for nothing of Landfall', () => {
  const stack = new Stack(testApp(), 'Other');
  const landfall = {
    bus: EventBus.fromEventBusArn(stack, 'Bus', 'arn:aws:events:eu-west-1:123456789012:event-bus/Landfall'),
    bucket: Bucket.fromBucketName(stack, 'Store', 'landfall-store'),
  };
  const encryptionKey = new Key(stack, 'Key');
  const bucket = new Bucket(stack, 'Web');
  new SiteDeploy(stack, 'Site', { landfall, name: 'site', source: 'web/site', bucket, encryptionKey });
  const template = templateOf(stack);
  for (const name of ['SiteSubscriptionEvents', 'SiteSubscriptionDeadLetters'])
    assert.equal(template.properties(name)['KmsMasterKeyId'], '<Key.Arn>', name);
  assert.deepEqual(
    allowed(template, 'SiteFunction').filter((pair) => pair.startsWith('kms:')),
    ['kms:Decrypt <Key.Arn>', 'kms:GenerateDataKey <Key.Arn>'],
  );
  assert.equal(statementsOf(template, 'Key', 'KeyPolicy').length, 3);
});

for (const [region, bus] of [
  ['us-gov-west-1', undefined],
  ['cn-north-1', '<Key.Arn>'],
  ['eu-central-1', '<Key.Arn>'],
] as const)
  test(`in ${region} the bus has ${bus === undefined ? 'no key, which is refused there' : 'the key'}, and queues have it`, () => {
    const stack = new Stack(testApp(), 'Test', { env: { account: '123456789012', region } });
    new Landfall(stack, 'Landfall', { encryptionKey: new Key(stack, 'Key') });
    const template = templateOf(stack);
    assert.equal(template.properties('Bus')['KmsKeyIdentifier'], bus);
    assert.equal(template.properties('Triggers')['KmsMasterKeyId'], '<Key.Arn>');
    const [, , logs] = statementsOf(template, 'Key', 'KeyPolicy');
    const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    assert.deepEqual(logs?.['Principal'], {
      Service: `logs.${region}.${suffix}`.replace(suffix, '<AWS::URLSuffix>'),
    });
  });

test('without a key nothing asks KMS for anything', () => {
  const stack = new Stack(testApp(), 'Test');
  new Landfall(stack, 'Landfall', { sources: [{ name: 'site', url: 'oci://ghcr.io/team/site' }] });
  assert.doesNotMatch(JSON.stringify([...templateOf(stack).resources.values()]), /kms/i);
});
