import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ecrSample, ecrSamples } from '../../support/ecr-events.ts';
import { matchesEvent } from '../matches-event.ts';
import { readable, synthesize } from './template.ts';

type Json = Readonly<Record<string, unknown>>;

const template = synthesize();
const BUCKET = 'store-of-the-test';

/** The rules that an event of the default bus would set off, by the patterns as deployed. */
function rulesFor(event: Json): readonly string[] {
  return [...template.ofType('AWS::Events::Rule')].flatMap(([name, { Properties }]) => {
    const { EventPattern, EventBusName } = readable(Properties) as Json;
    if (EventPattern === undefined || EventBusName !== undefined) return [];
    const pattern = JSON.parse(JSON.stringify(EventPattern).replaceAll('<Store>', BUCKET)) as Json;
    return matchesEvent(pattern, event) ? [name] : [];
  });
}

const EVENT_ORIGIN = { account: '123456789012', region: 'eu-west-1', repository: 'team/web', tag: '1.2.3' };
const ecr = (name: string, detail: Json = {}): Json => ecrSample(name, EVENT_ORIGIN, detail);
const s3 = (type: string, bucket: string, key: string): Json => ({
  source: 'aws.s3',
  'detail-type': type,
  detail: { bucket: { name: bucket }, object: { key } },
});

const CASES: readonly (readonly [what: string, event: Json, rules: readonly string[]])[] = [
  // Every sample of AWS's guide, as it is there.
  ...ecrSamples(EVENT_ORIGIN).map(
    ({ name, event, rule }) => [`of ECR, ${name}`, event, rule === undefined ? [] : [rule]] as const,
  ),
  ['a push without a tag', ecr('a completed image push', { 'image-tag': undefined }), ['RulesEcrPushes']],
  ['a push that failed', ecr('a completed image push', { result: 'FAILED' }), []],
  ['a fetch that failed', ecr('a pull through cache action', { 'sync-status': 'FAILED' }), []],
  [
    'what AWS lists and shows no sample of, where it says what a push says',
    { ...ecr('a completed image push'), 'detail-type': 'ECR Artifact Action' },
    ['RulesEcrPushes'],
  ],
  ['a push as somebody else would tell it', { ...ecr('a completed image push'), source: 'team.ecr' }, []],
  [
    "a call of ECR's API",
    { ...ecr('a completed image push'), 'detail-type': 'AWS API Call via CloudTrail' },
    [],
  ],
  ['a document put', s3('Object Created', BUCKET, 'config/documents/web.yaml'), ['RulesDocuments']],
  ['a document deleted', s3('Object Deleted', BUCKET, 'config/documents/web.yaml'), ['RulesDocuments']],
  ['what reconcile makes of them', s3('Object Created', BUCKET, 'config/configuration.json'), []],
  ['a file of an artifact', s3('Object Created', BUCKET, 'artifacts/sha256/aa/default/files/a'), []],
  ['a document of another bucket', s3('Object Created', 'other', 'config/documents/web.yaml'), []],
];

for (const [what, event, rules] of CASES) {
  test(`${what} sets off ${rules.length === 0 ? 'nothing' : rules.join(', ')}`, () => {
    assert.deepEqual(rulesFor(event), rules);
  });
}

const targetsOf = (rule: string): readonly Json[] => template.properties(rule)['Targets'] as readonly Json[];

test('what AWS tells goes to the queue as it came, each kind of event in a group of its own', () => {
  for (const [rule, group] of [
    ['RulesEcrPushes', 'ecr'],
    ['RulesEcrPullsThrough', 'ecr.cache'],
    ['RulesDocuments', 'documents'],
  ] as const) {
    const [target, ...others] = targetsOf(rule);
    assert.deepEqual(others, []);
    const { Id: _, ...rest } = target ?? {};
    assert.deepEqual(rest, {
      Arn: '<Triggers.Arn>',
      DeadLetterConfig: { Arn: '<UndeliveredEvents.Arn>' },
      SqsParameters: { MessageGroupId: group },
    });
  }
});

test('poll runs each minute, collect each day; neither loses an event silently', () => {
  const schedules = { RulesEveryMinute: 'rate(1 minute)', RulesDaily: 'cron(17 3 * * ? *)' };
  for (const [rule, schedule] of Object.entries(schedules)) {
    assert.equal(template.properties(rule)['ScheduleExpression'], schedule);
    assert.deepEqual(targetsOf(rule)[0]?.['DeadLetterConfig'], { Arn: '<UndeliveredEvents.Arn>' });
  }
  const configs = [...template.ofType('AWS::Lambda::EventInvokeConfig').values()].map(({ Properties }) => {
    const { FunctionName, DestinationConfig } = readable(Properties) as Json;
    return [FunctionName, DestinationConfig];
  });
  const kept = { OnFailure: { Destination: '<UndeliveredEvents.Arn>' } };
  assert.deepEqual(configs, [
    ['<FunctionsPollFunction>', kept],
    ['<FunctionsCollectFunction>', kept],
  ]);
});

test('EventBridge may call a function for its own rule only', () => {
  const permissions = [...template.ofType('AWS::Lambda::Permission').values()]
    .map(({ Properties }) => readable(Properties) as Json)
    .filter(({ Principal }) => Principal === 'events.amazonaws.com')
    .map(({ FunctionName, SourceArn }) => [FunctionName, SourceArn]);
  assert.deepEqual(permissions, [
    ['<FunctionsPollFunction.Arn>', '<RulesEveryMinute.Arn>'],
    ['<FunctionsCollectFunction.Arn>', '<RulesDaily.Arn>'],
  ]);
});
