import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Duration } from 'aws-cdk-lib';
import { readable, synthesize } from './template.ts';

interface Statement {
  readonly Effect: string;
  readonly Principal: unknown;
  readonly Action: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const template = synthesize({ tries: 3, reconcile: { timeout: Duration.minutes(4), concurrency: 25 } });

const policyOf = (queue: string): readonly Statement[] =>
  [...template.ofType('AWS::SQS::QueuePolicy').values()]
    .map(({ Properties }) => readable(Properties) as Readonly<Record<string, unknown>>)
    .filter(({ Queues }) => JSON.stringify(Queues) === JSON.stringify([`<${queue}>`]))
    .flatMap(
      ({ PolicyDocument }) => (PolicyDocument as { readonly Statement: readonly Statement[] }).Statement,
    );

test('triggers of one source stay in order, and wait six times as long as one run may take', () => {
  const queue = template.properties('Triggers');
  assert.equal(queue['FifoQueue'], true);
  assert.equal(queue['VisibilityTimeout'], 6 * 4 * 60);
  assert.equal(queue['DeduplicationScope'], 'messageGroup');
  assert.equal(queue['FifoThroughputLimit'], 'perMessageGroupId');
  // EventBridge sends no deduplication id.
  assert.equal(queue['ContentBasedDeduplication'], true);
});

test('a trigger is tried as often as it was said, and then kept for two weeks', () => {
  assert.deepEqual(template.properties('Triggers')['RedrivePolicy'], {
    deadLetterTargetArn: '<DeadTriggers.Arn>',
    maxReceiveCount: 3,
  });
  const dead = template.properties('DeadTriggers');
  assert.equal(dead['MessageRetentionPeriod'], 14 * 24 * 3600);
  assert.equal(dead['FifoQueue'], true);
});

test('what EventBridge cannot deliver is left in a standard queue: it takes no other', () => {
  const undelivered = template.properties('UndeliveredEvents');
  assert.equal(undelivered['FifoQueue'], undefined);
  assert.equal(undelivered['MessageRetentionPeriod'], 14 * 24 * 3600);
});

test('reconcile takes triggers in batches and gives back those it could not do', () => {
  const [mapping] = [...template.ofType('AWS::Lambda::EventSourceMapping').values()];
  const { FunctionName, ...rest } = readable(mapping?.Properties) as Readonly<Record<string, unknown>>;
  assert.equal(FunctionName, '<FunctionsReconcileFunction>');
  assert.deepEqual(rest, {
    BatchSize: 10,
    EventSourceArn: '<Triggers.Arn>',
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: 25 },
  });
});

for (const [name, { Properties }] of template.ofType('AWS::SQS::Queue')) {
  test(`${name} is encrypted and answers over TLS only`, () => {
    assert.equal(Properties['SqsManagedSseEnabled'], true);
    const denied = policyOf(name).filter(({ Effect }) => Effect === 'Deny');
    assert.deepEqual(
      denied.map(({ Principal, Action, Condition }) => ({ Principal, Action, Condition })),
      [
        {
          Principal: { AWS: '*' },
          Action: 'sqs:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    );
  });
}

test('EventBridge may send to a queue for one rule each, and nobody else may by its policy', () => {
  const senders = ['Triggers', 'UndeliveredEvents'].flatMap((queue) =>
    policyOf(queue)
      .filter(({ Effect }) => Effect === 'Allow')
      .map(({ Principal, Condition }) => ({
        queue,
        Principal,
        rule: Condition?.['ArnEquals']?.['aws:SourceArn'],
      })),
  );
  const events = { Service: 'events.amazonaws.com' };
  assert.deepEqual(
    senders.map(({ queue, Principal, rule }) => [queue, Principal, rule]),
    [
      ['Triggers', events, '<RulesEcrPushes.Arn>'],
      ['Triggers', events, '<RulesEcrPullsThrough.Arn>'],
      ['Triggers', events, '<RulesDocuments.Arn>'],
      ['UndeliveredEvents', events, '<RulesEcrPushes.Arn>'],
      ['UndeliveredEvents', events, '<RulesEcrPullsThrough.Arn>'],
      ['UndeliveredEvents', events, '<RulesDocuments.Arn>'],
      ['UndeliveredEvents', events, '<RulesEveryMinute.Arn>'],
      ['UndeliveredEvents', events, '<RulesDaily.Arn>'],
    ],
  );
});
