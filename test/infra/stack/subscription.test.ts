import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { subscriptionPattern, type Wanted } from '../../../infra/deploy/subscription-pattern.ts';
import { SiteDeploy } from '../../../infra/site-deploy.ts';
import { Subscription, type SubscriptionProps } from '../../../infra/subscription.ts';
import { isObject, parseJson } from '../../../shared/kernel/json.ts';
import { matchesEvent } from '../matches-event.ts';
import { landfallIn, readable, type SynthesizedTemplate, templateOf, testApp } from './template.ts';

type Json = Readonly<Record<string, unknown>>;

/** An event as EventBridge would have it, as far as patterns look. */
const event = (detail: Json, type = 'Artifact Revision Changed'): Json => ({
  source: 'landfall',
  'detail-type': type,
  account: '123456789012',
  detail: { namespace: 'web', name: 'site', labels: { tier: 'prod' }, ...detail },
});
const changed = (...paths: readonly string[]): Json => event({ changes: { content: 'changed', paths } });
const unchanged = event({ changes: { content: 'unchanged', paths: [] } });
const failed = event({}, 'Source Reconcile Failed');

/** As the rule is rendered: CDK calls detail-type by another name. */
const isWanted = (wanted: Wanted, given: Json): boolean => {
  const { detailType, ...rest } = subscriptionPattern(wanted);
  return matchesEvent({ ...rest, 'detail-type': detailType }, given);
};

const CASES: readonly (readonly [what: string, wanted: Wanted, given: Json, is: boolean])[] = [
  ['a source', { source: 'web/site' }, changed('a'), true],
  ['a source of another team', { source: 'api/site' }, changed('a'), false],
  ['a name alone is of the namespace default', { source: 'site' }, changed('a'), false],
  ['every source of a team', { namespace: 'web' }, changed('a'), true],
  ['labels', { labels: { tier: 'prod' } }, changed('a'), true],
  ['labels the source has not', { labels: { tier: 'dev' } }, changed('a'), false],
  ['a folder that changed', { path: 'apps/web' }, changed('apps/web/index.html'), true],
  ['a folder beside it', { path: 'apps/web' }, changed('apps/website/index.html'), false],
  ['changes that collapsed above it', { path: 'apps/web' }, changed('apps/'), true],
  ['changes that collapsed wholly', { path: 'apps/web' }, changed('/'), true],
  ['changes that collapsed beside it', { path: 'apps/web' }, changed('charts/'), false],
  ['the same content again', {}, unchanged, false],
  ['the same content again, asked for', { unchanged: true }, unchanged, true],
  ['failures, not asked for', {}, failed, false],
  ['failures', { detailTypes: ['Source Reconcile Failed', 'Source Recovered'] }, failed, true],
  ['the account of Landfall', { account: '123456789012' }, changed('a'), true],
  ['another account', { account: '210987654321' }, changed('a'), false],
];

for (const [what, wanted, given, is] of CASES) {
  test(`${is ? 'gets' : 'does not get'}: ${what}`, () => assert.equal(isWanted(wanted, given), is));
}

const REFUSED: readonly (readonly [wanted: Wanted, told: RegExp])[] = [
  [{ source: 'Web/site' }, /wanted name or namespace\/name/],
  [{ source: 'a/b/c' }, /wanted name or namespace\/name/],
  [{ source: 'web/site', namespace: 'api' }, /is not in namespace api/],
  [{ path: 'a', detailTypes: ['Deploy Failed'] }, /which has changes/],
  [{ path: 'abcdefgh/'.repeat(100) }, /EventBridge takes 2048/],
];

for (const [wanted, told] of REFUSED) {
  test(`refuses at synth what it could not do: ${told.source}`, () => {
    assert.throws(() => subscriptionPattern(wanted), told);
  });
}

interface Subscribed {
  readonly subscription: Subscription;
  readonly stack: Stack;
}

function subscribe(props: Partial<SubscriptionProps> = {}, region?: string): Subscribed {
  const env = region === undefined ? {} : { env: { region, account: '123456789012' } };
  const stack = new Stack(testApp(), 'Team', env);
  const bus = EventBus.fromEventBusArn(
    stack,
    'Bus',
    'arn:aws:events:eu-west-1:123456789012:event-bus/landfall',
  );
  return { stack, subscription: new Subscription(stack, 'Site', { bus, source: 'web/site', ...props }) };
}

const redrive = (template: SynthesizedTemplate): unknown =>
  template.properties('SiteEvents')['RedrivePolicy'];

test('events wait in a queue of their own, with dead letters and an alarm', () => {
  const template = templateOf(subscribe({ timeout: Duration.minutes(2), tries: 4 }).stack);
  assert.deepEqual(redrive(template), { deadLetterTargetArn: '<SiteDeadLetters.Arn>', maxReceiveCount: 4 });
  assert.equal(template.properties('SiteEvents')['VisibilityTimeout'], 120);
  const [target] = template.properties('SiteRule')['Targets'] as readonly Json[];
  assert.equal(target?.['Arn'], '<SiteEvents.Arn>');
  assert.deepEqual(target?.['DeadLetterConfig'], { Arn: '<SiteDeadLetters.Arn>' });
  assert.equal(template.ofType('AWS::CloudWatch::Alarm').size, 1);
});

test('in order the events of a source are a group, and what cannot be delivered has a standard queue', () => {
  const template = templateOf(subscribe({ inOrder: true }).stack);
  for (const queue of ['SiteInFront', 'SiteEvents', 'SiteDeadLetters'])
    assert.equal(template.properties(queue)['FifoQueue'], true, queue);
  for (const queue of ['SiteInFront', 'SiteEvents'])
    assert.equal(template.properties(queue)['ContentBasedDeduplication'], true, queue);
  assert.equal(template.properties('SiteUndelivered')['FifoQueue'], undefined);
  const [target] = template.properties('SiteRule')['Targets'] as readonly Json[];
  assert.equal(target?.['Arn'], '<SiteInFront.Arn>');
  assert.deepEqual(target?.['SqsParameters'], { MessageGroupId: 'landfall' });
  assert.deepEqual(target?.['DeadLetterConfig'], { Arn: '<SiteUndelivered.Arn>' });
  const pipe = readable(template.properties('SiteBySourcePipe')) as Json;
  assert.deepEqual(pipe, {
    RoleArn: '<SiteBySourceRole.Arn>',
    Source: '<SiteInFront.Arn>',
    Target: '<SiteEvents.Arn>',
    TargetParameters: {
      InputTemplate: '<$.body>',
      SqsQueueParameters: { MessageGroupId: '$.body.detail.name' },
    },
  });
  assert.equal(template.ofType('AWS::CloudWatch::Alarm').size, 2);
});

test('where a region has no pipes, all sources are one group, and the synthesis says so', () => {
  const { stack } = subscribe({ inOrder: true }, 'us-gov-west-1');
  const template = templateOf(stack);
  assert.equal(template.ofType('AWS::Pipes::Pipe').size, 0);
  const [target] = template.properties('SiteRule')['Targets'] as readonly Json[];
  assert.equal(target?.['Arn'], '<SiteEvents.Arn>');
  const warnings = Annotations.fromStack(stack).findWarning(
    '*',
    Match.stringLikeRegexp('no EventBridge Pipes'),
  );
  assert.equal(warnings.length, 1);
});

test('what an ordered event is grouped by, every event has', async () => {
  const folder = new URL('../../../docs/schema/', import.meta.url);
  const details = (await readdir(folder)).filter((file) => /^(artifact|source|deploy)-/.test(file));
  assert.equal(details.length, 10);
  for (const file of details) {
    const schema = parseJson(await readFile(new URL(file, folder)));
    assert.ok(schema.ok && isObject(schema.value), file);
    const { required } = schema.value;
    assert.ok(Array.isArray(required) && required.includes('name'), file);
  }
});

/** What a consumer with this timeout, that threw, waits for the next try; seconds. */
function retryOf(timeout: Duration, props: Partial<SubscriptionProps> = {}): unknown {
  const { stack, subscription } = subscribe(props);
  const consumer = new LambdaFunction(stack, 'Deploy', {
    code: Code.fromInline('exports.handler = async () => ({})'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    timeout,
  });
  subscription.deliverTo(consumer);
  return templateOf(stack).properties('SiteEvents')['VisibilityTimeout'];
}

test('a consumer that threw is asked again in seconds, and never while it may still be at it', () => {
  assert.equal(retryOf(Duration.seconds(3)), 30);
  assert.equal(retryOf(Duration.seconds(90)), 90);
  assert.equal(retryOf(Duration.seconds(3), { retryAfter: Duration.minutes(2) }), 120);
  assert.equal(retryOf(Duration.seconds(3), { timeout: Duration.minutes(4) }), 240);
});

test('a pattern is held to the quota as a whole, and to another where the account has another', () => {
  const deep = Array.from({ length: 30 }, (_, at) => `level-${at}`).join('/');
  assert.throws(() => subscriptionPattern({ source: 'web/site', path: deep }), /EventBridge takes 2048/);
  const { detailType, ...rest } = subscriptionPattern({ path: deep, patternCharacters: 9_000 });
  const rendered = JSON.stringify({ ...rest, 'detail-type': detailType }).length;
  assert.doesNotThrow(() => subscriptionPattern({ path: deep, patternCharacters: rendered }));
  assert.throws(() => subscriptionPattern({ path: deep, patternCharacters: rendered - 1 }), /characters/);
});

const actionsOf = (template: SynthesizedTemplate): readonly unknown[] =>
  [...template.ofType('AWS::CloudWatch::Alarm').values()].map(({ Properties }) => Properties['AlarmActions']);

test('alarms of subscriptions and deploys do what those of their Landfall do, unless they say otherwise', () => {
  const action = (arn: string) => ({ bind: () => ({ alarmActionArn: arn }) });
  const { stack, landfall } = landfallIn({ alarmActions: [action('arn:one')] });
  new Subscription(stack, 'Site', { bus: landfall.bus, source: 'web/site', inOrder: true });
  const deploy = { landfall, source: 'web/site', bucket: new Bucket(stack, 'Bucket') };
  new SiteDeploy(stack, 'Deploy', { ...deploy, name: 'deploy' });
  const all = actionsOf(templateOf(stack));
  assert.equal(all.length, landfall.alarms.length + 2 + 2);
  for (const each of all) assert.deepEqual(each, ['arn:one']);
  const other = landfallIn({ alarmActions: [action('arn:one')] });
  new Subscription(other.stack, 'Site', { bus: other.landfall.bus, alarmActions: [action('arn:two')] });
  const two = actionsOf(templateOf(other.stack)).filter((each) => JSON.stringify(each) === '["arn:two"]');
  assert.equal(two.length, 1);
});

test('its rule alone may send to its queues', () => {
  const template = templateOf(subscribe().stack);
  for (const [name, { Properties }] of template.ofType('AWS::SQS::QueuePolicy')) {
    const { Statement } = readable(Properties['PolicyDocument']) as { readonly Statement: readonly Json[] };
    const allowed = Statement.filter(({ Effect }) => Effect === 'Allow');
    assert.deepEqual(
      allowed.map(({ Principal, Condition }) => [Principal, Condition]),
      [[{ Service: 'events.amazonaws.com' }, { ArnEquals: { 'aws:SourceArn': '<SiteRule.Arn>' } }]],
      name,
    );
  }
});

test('a function takes one event at a time', () => {
  const { stack, subscription } = subscribe();
  const consumer = new LambdaFunction(stack, 'Deploy', {
    code: Code.fromInline('exports.handler = async () => ({})'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
  });
  subscription.deliverTo(consumer, { concurrency: 2 });
  const [mapping] = [...templateOf(stack).ofType('AWS::Lambda::EventSourceMapping').values()];
  const { FunctionName: _, ...rest } = readable(mapping?.Properties) as Json;
  assert.deepEqual(rest, {
    BatchSize: 1,
    EventSourceArn: '<SiteEvents.Arn>',
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: 2 },
  });
});
