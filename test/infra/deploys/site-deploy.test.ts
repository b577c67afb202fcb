import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Duration, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Landfall } from '../../../infra/landfall.ts';
import { ReceivingBus } from '../../../infra/receiving-bus.ts';
import { SiteDeploy, type SiteDeployProps } from '../../../infra/site-deploy.ts';
import { type AccessRequest, isAllowed, statementsOf } from '../../support/template-host/iam-policy.ts';
import type { Json } from '../../support/template-host/json.ts';
import { allowed } from '../rights/allowed.ts';
import { landfallIn, readable, type SynthesizedTemplate, templateOf, testApp } from '../stack/template.ts';

const on = (actions: readonly string[], ...resources: readonly string[]): readonly string[] =>
  actions.flatMap((action) => resources.map((resource) => `${action} ${resource}`));

/** What a site that lives in the stack of Landfall is made to be. */
function sameStack(props: Partial<SiteDeployProps> = {}): SynthesizedTemplate {
  const { stack, landfall } = landfallIn();
  const bucket = new Bucket(stack, 'Web');
  new SiteDeploy(stack, 'Live', {
    landfall,
    name: 'live',
    source: 'web/site',
    bucket,
    prefix: 'www',
    ...props,
  });
  return templateOf(stack);
}

const CONSUMES = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ReceiveMessage',
];
const common = (events: string): readonly string[] => [
  ...on(['logs:CreateLogStream', 'logs:PutLogEvents'], '<LiveFunctionLogs.Arn>'),
  ...on(CONSUMES, events),
];
const books = (bucket: string): readonly string[] => [
  ...on(
    ['s3:GetObject', 's3:PutObject'],
    `${bucket}deploys/live/web/site.json`,
    `${bucket}runs/live/web/site.json`,
    `${bucket}sites/live/web/site.json`,
  ),
  ...on(['s3:DeleteObject', 's3:PutObject'], `${bucket}locks/deploys/live/web/site/*`),
];

describe('a site deploy', () => {
  const template = sameStack();

  test('reads artifacts and one status, keeps its books, writes its folder, and no more', () => {
    assert.deepEqual(
      allowed(template, 'LiveFunction'),
      [
        ...common('<LiveSubscriptionEvents.Arn>'),
        ...on(['s3:GetObject'], '<Store.Arn>/artifacts/*', '<Store.Arn>/sources/web/site/status.json'),
        ...books('<Store.Arn>/'),
        's3:ListBucket <Store.Arn>',
        ...on(['s3:DeleteObject', 's3:GetObject', 's3:PutObject'], '<Web.Arn>/www/*'),
        's3:ListBucket <Web.Arn> if {"StringEquals":{"s3:prefix":"www/"}}',
        'events:PutEvents <Bus.Arn>',
      ].toSorted(),
    );
  });

  test('may emit: the bus lets its role', () => {
    const { Statement } = template.properties('OnlyEmitters') as { readonly Statement: Json };
    assert.match(JSON.stringify(Statement), /<LiveFunctionRole\.Arn>/);
  });

  test('is told what it is, and where', () => {
    const { Environment, Timeout } = template.properties('LiveFunction') as {
      readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
      readonly Timeout: number;
    };
    const { LANDFALL_DEPLOY = '', ...variables } = Environment.Variables;
    assert.deepEqual(variables, {
      LANDFALL_BUCKET: '<Store>',
      LANDFALL_BUS: '<Bus.Arn>',
      LANDFALL_QUEUE_URL: '<LiveSubscriptionEvents>',
    });
    assert.deepEqual(JSON.parse(LANDFALL_DEPLOY), {
      name: 'live',
      stack: 'Test',
      source: { namespace: 'web', name: 'site' },
      site: { bucket: '<Web>', prefix: 'www/' },
      immutable: [],
      cacheControl: 'no-cache',
      books: { bucket: '<Store>', prefix: '' },
    });
    assert.equal(Timeout, 300);
  });

  test('has an alarm for what failed for good beside the one for dead letters, and looks by itself', () => {
    const failed = template.properties('LiveFailed');
    assert.deepEqual(
      [failed['Namespace'], failed['MetricName'], failed['Dimensions']],
      [
        'Landfall',
        'DeployFailed',
        [
          { Name: 'Bucket', Value: '<Store>' },
          { Name: 'Deploy', Value: 'live' },
          { Name: 'Source', Value: 'web/site' },
          { Name: 'Stack', Value: 'Test' },
        ],
      ],
    );
    assert.equal(template.properties('LiveLook')['ScheduleExpression'], 'rate(15 minutes)');
  });

  test('has the whole bucket where it has no prefix', () => {
    const pairs = allowed(sameStack({ prefix: '' }), 'LiveFunction');
    assert.ok(pairs.includes('s3:PutObject <Web.Arn>/*') && pairs.includes('s3:ListBucket <Web.Arn>'));
  });

  test('may use the keys of its buckets, and those it is told of', () => {
    const app = testApp();
    const stack = new Stack(app, 'Test');
    const encryptionKey = new Key(stack, 'StoreKey');
    const landfall = new Landfall(stack, 'Landfall', { encryptionKey });
    const bucket = new Bucket(stack, 'Web', { encryption: BucketEncryption.KMS });
    const keyArns = ['arn:aws:kms:eu-west-1:123456789012:key/one'];
    new SiteDeploy(stack, 'Live', { landfall, name: 'live', source: 'web/site', bucket, keyArns });
    const pairs = allowed(templateOf(stack), 'LiveFunction').filter((pair) => pair.startsWith('kms:Decrypt'));
    assert.deepEqual(
      pairs,
      [`kms:Decrypt <StoreKey.Arn>`, `kms:Decrypt <WebKey.Arn>`, `kms:Decrypt ${keyArns[0]}`].toSorted(),
    );
  });

  const refused: readonly (readonly [props: Partial<SiteDeployProps>, told: RegExp])[] = [
    [{ name: 'Live' }, /wanted a-z, 0-9 and -/],
    [{ source: 'a/b/c' }, /wanted name or namespace\/name/],
    [{ path: '/apps' }, /path "\/apps" is no folder/],
    [{ path: '../apps' }, /path "..\/apps" is no folder/],
    [{ prefix: '/www' }, /prefix "\/www" is no folder/],
    [{ prefix: 'www/../..' }, /is no folder/],
    [{ immutable: ['[a'] }, /\[a/],
    [{ cacheControl: 'a\nb' }, /is no header/],
    [{ account: '210987654321' }, /lets nobody write to it/],
  ];
  for (const [props, told] of refused) {
    test(`is refused at synth: ${JSON.stringify(props)}`, () => assert.throws(() => sameStack(props), told));
  }

  test('is refused in the store, and where its books would be served', () => {
    const { stack, landfall } = landfallIn();
    const common = { landfall, name: 'live', source: 'web/site' };
    assert.throws(
      () => new SiteDeploy(stack, 'A', { ...common, bucket: landfall.bucket }),
      /no place for a site/,
    );
    const bucket = new Bucket(stack, 'Web');
    for (const [prefix, of] of [
      ['', 'books'],
      ['www', 'www/books'],
    ] as const) {
      const props = { ...common, bucket, prefix, books: { bucket, prefix: of } };
      assert.throws(() => new SiteDeploy(stack, `B${of}`, props), /would be served/);
    }
  });
});

/** Statements of every policy of a kind, their names readable. */
const statements = (template: SynthesizedTemplate, type: string): readonly Json[] =>
  [...template.ofType(type).values()].flatMap(({ Properties }) =>
    statementsOf(
      (readable(Properties) as Json)[type.endsWith('EventBusPolicy') ? 'Statement' : 'PolicyDocument'] ?? {},
    ),
  );

describe('a site deploy in another stack', () => {
  const ROLE = 'arn:aws:iam::123456789012:role/site-live';
  const { app, stack, landfall } = landfallIn({ emitters: [ROLE] });
  const team = new Stack(app, 'Team');
  const bucket = new Bucket(team, 'Web');
  const props = { landfall, name: 'live', source: 'web/site', path: 'web', bucket, roleName: 'site-live' };
  new SiteDeploy(team, 'Live', { ...props, lookEvery: Duration.hours(1), tries: 3 });

  test('needs nothing of Landfall but to be named there', () => {
    const template = templateOf(team);
    assert.equal(template.properties('LiveFunctionRole')['RoleName'], 'site-live');
    assert.ok(allowed(template, 'LiveFunction').some((pair) => pair.startsWith('events:PutEvents')));
    assert.equal(stack.dependencies.length, 0, 'Landfall does not need the other stack');
    const { EventPattern } = template.properties('LiveSubscriptionRule') as { readonly EventPattern: Json };
    assert.match(JSON.stringify(EventPattern), /"name":\["site"\].*"paths"/);
  });

  test('is let in by the bus, and a role that is not named is not', () => {
    const policies = [...templateOf(stack).ofType('AWS::Events::EventBusPolicy').values()];
    const [policy] = policies.map(({ Properties }) => (readable(Properties) as Json)['Statement'] as Json);
    const mayEmit = (role: string): boolean => {
      const own = { Effect: 'Allow', Action: 'events:PutEvents', Resource: '*' };
      const context = { 'aws:principalarn': role };
      return isAllowed([own, policy ?? {}], {
        ...{ principal: role, action: 'events:PutEvents', resource: '<Bus.Arn>', context },
      });
    };
    assert.equal(mayEmit(ROLE), true);
    assert.equal(mayEmit(`${ROLE}-2`), false);
  });
});

describe('a site deploy in another account', () => {
  const LANDFALL = '123456789012';
  const app = testApp();
  const team = new Stack(app, 'Team', { env: { account: '210987654321', region: 'eu-west-1' } });
  const { bus } = new ReceivingBus(team, 'Landfall', { landfallAccount: LANDFALL });
  const store = Bucket.fromBucketName(team, 'Store', 'landfall-store');
  const bucket = new Bucket(team, 'Web');
  new SiteDeploy(team, 'Live', {
    ...{ landfall: { bus, bucket: store }, account: LANDFALL, name: 'live', source: 'web/site' },
    ...{ bucket, prefix: 'www', books: { bucket, prefix: 'books' } },
  });
  const template = templateOf(team);

  test('reads the store, writes nothing there, and keeps its books at home', () => {
    const pairs = allowed(template, 'LiveFunction');
    const ofStore = pairs.filter((pair) => pair.includes('landfall-store'));
    assert.deepEqual(ofStore, [
      's3:GetObject arn:aws:s3:::landfall-store/artifacts/*',
      's3:GetObject arn:aws:s3:::landfall-store/sources/web/site/status.json',
    ]);
    for (const pair of books('<Web.Arn>/books/')) assert.ok(pairs.includes(pair), pair);
    assert.ok(!pairs.some((pair) => pair.startsWith('events:')), 'its bus is for Landfall alone');
  });

  test('is let read what it needs by the policy of the store, and no more', () => {
    const { stack, landfall } = landfallIn();
    landfall.forwardTo('Team', 'arn:aws:events:eu-west-1:210987654321:event-bus/landfall');
    const policies = statements(templateOf(stack), 'AWS::S3::BucketPolicy');
    const principal = 'arn:<AWS::Partition>:iam::210987654321:root';
    const may = (action: string, key: string): boolean => {
      const context = {
        'aws:securetransport': 'true',
        's3:tlsversion': '1.3',
        'aws:principalarn': principal,
      };
      const request: AccessRequest = { principal, action, resource: `<Store.Arn>/${key}`, context };
      return isAllowed(policies, request);
    };
    assert.equal(may('s3:GetObject', 'artifacts/sha256/00/default/files/web/index.html'), true);
    assert.equal(may('s3:GetObject', 'sources/web/site/status.json'), true);
    assert.equal(may('s3:PutObject', 'deploys/live/web/site.json'), false);
    assert.equal(may('s3:GetObject', 'config/documents/team.yaml'), false);
  });

  test('listens to Landfall of that account on a bus of its own', () => {
    const { EventPattern } = template.properties('LiveSubscriptionRule') as { readonly EventPattern: Json };
    assert.deepEqual(EventPattern['account'], [LANDFALL]);
    assert.equal(template.ofType('AWS::Events::EventBus').size, 1);
  });
});
