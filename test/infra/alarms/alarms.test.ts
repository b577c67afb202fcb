import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Landfall } from '../../../infra/landfall.ts';
import { createMetrics, type MetricName } from '../../../shared/aws/metrics.ts';
import { readable, synthesize, templateOf, testApp } from '../stack/template.ts';

type Json = Readonly<Record<string, unknown>>;

const template = synthesize({
  dashboard: true,
  reach: { notify: {} },
  sources: [{ name: 'web', url: 'oci://ghcr.io/team/web' }],
});
const alarms = new Map(
  [...template.ofType('AWS::CloudWatch::Alarm')].map(([name, { Properties }]) => [
    name.replace(/^Alarms/, ''),
    readable(Properties) as Json,
  ]),
);
/** Of a queue of its own, as any subscription has one: docs/aws.md#subscriptions. */
alarms.delete('NotifySubscriptionDeadLettersAlarm');
const guide = readFileSync(new URL('../../../docs/aws.md', import.meta.url), 'utf8');
const headings = new Set([...guide.matchAll(/^#+ (\S+)$/gm)].map(([, heading = '']) => heading));

const EXPECTED = [
  ...['DeadTriggers', 'UndeliveredEvents', 'OldestTrigger'],
  ...['FailingSources', 'StalledSources', 'EmitFailures', 'DocumentsRefused'],
  ...['NotTold', 'StaleSources', 'WebhooksRefused', 'StartFailures', 'ScheduleStopped'],
  ...['ReceiveErrors', 'ReceiveThrottles', 'ReconcileErrors', 'DocumentsErrors'],
];

test('there is an alarm for all that a person has to see to', () => {
  assert.deepEqual([...alarms.keys()].toSorted(), EXPECTED.toSorted());
});

for (const [name, { AlarmDescription }] of alarms) {
  test(`${name} says what it means and where it is told what to do`, () => {
    assert.match(String(AlarmDescription), new RegExp(`docs/aws\\.md#${name.toLowerCase()}$`));
    assert.ok(headings.has(name), `docs/aws.md has no heading ${name}`);
  });
}

test('every dead-letter queue has an alarm at its first message', () => {
  for (const queue of ['DeadTriggers', 'UndeliveredEvents']) {
    const { MetricName, Dimensions, Threshold, ComparisonOperator } = alarms.get(queue) ?? {};
    assert.deepEqual(
      [MetricName, Threshold, ComparisonOperator],
      ['ApproximateNumberOfMessagesVisible', 0, 'GreaterThanThreshold'],
    );
    assert.deepEqual(Dimensions, [{ Name: 'QueueName', Value: `<${queue}.QueueName>` }]);
  }
});

/** Their gauges are written at each poll; when polls are missing, ScheduleStopped says so. */
const GAUGED = ['FailingSources', 'StalledSources', 'StaleSources', 'EmitFailures', 'DocumentsRefused'];

test('silence of the schedule is an alarm, of gauges no news, of failures none', () => {
  for (const [name, { TreatMissingData }] of alarms) {
    const gauged = GAUGED.includes(name) ? 'ignore' : 'notBreaching';
    assert.equal(TreatMissingData, name === 'ScheduleStopped' ? 'breaching' : gauged, name);
  }
});

const OWN: Readonly<Record<string, MetricName>> = {
  FailingSources: 'SourcesFailing',
  StalledSources: 'SourcesStalled',
  StaleSources: 'SourcesStale',
  WebhooksRefused: 'WebhooksRefused',
  EmitFailures: 'EventsUnsent',
  DocumentsRefused: 'DocumentsRefused',
  StartFailures: 'StartFailed',
  NotTold: 'NotTold',
};

for (const [name, metric] of Object.entries(OWN)) {
  test(`${name} looks at the metric as functions write it`, () => {
    const lines: string[] = [];
    const metrics = createMetrics({
      bucket: '<Store>',
      now: () => 0,
      write: (line) => void lines.push(line),
    });
    metrics.add(metric);
    metrics.flush();
    const written = JSON.parse(lines[0] ?? '') as Json & {
      readonly _aws: {
        readonly CloudWatchMetrics: readonly [Json & { readonly Dimensions: readonly [readonly string[]] }];
      };
    };
    const [{ Namespace, Dimensions }] = written._aws.CloudWatchMetrics;
    const alarm = alarms.get(name);
    assert.deepEqual([alarm?.['Namespace'], alarm?.['MetricName']], [Namespace, metric]);
    assert.deepEqual(
      alarm?.['Dimensions'],
      Dimensions[0].map((dimension) => ({ Name: dimension, Value: written[dimension] })),
    );
  });
}

test('alarms do what they are told to, when they begin and when they end', () => {
  const stack = new Stack(testApp(), 'Test');
  const topic = new Topic(stack, 'People');
  new Landfall(stack, 'Landfall', { alarmActions: [new SnsAction(topic)] });
  for (const [name, { Properties }] of templateOf(stack).ofType('AWS::CloudWatch::Alarm')) {
    const { AlarmActions, OKActions } = readable(Properties) as Json;
    assert.deepEqual([AlarmActions, OKActions], [['<People>'], ['<People>']], name);
  }
});

test('the dashboard shows every alarm and the metrics of every function', () => {
  const body = String(template.properties('Dashboard')['DashboardBody']);
  for (const name of EXPECTED) assert.ok(body.includes(`<Alarms${name}.Arn>`), name);
  for (const name of [
    'FunctionsReceive',
    'FunctionsPoll',
    'FunctionsReconcile',
    'FunctionsCollect',
    'Notify',
  ])
    assert.ok(body.includes(`<${name}Function>`), name);
  assert.doesNotThrow(() => JSON.parse(body));
});
