import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { type App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { landfallApp } from '../../../infra/app.ts';
import { Landfall } from '../../../infra/landfall.ts';
import type { LandfallStack } from '../../../infra/landfall-stack.ts';
import { temporaryFolderSync } from '../temporary-folder-sync.ts';
import { CONTEXT, landfallIn, type SynthesizedTemplate, templateOf, testApp } from './template.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alarms';

/** The stack of `cdk -c NAME=VALUE …`; its checks are another test's. */
function quickStart(settings: Readonly<Record<string, string>>): LandfallStack {
  const app: App = testApp({ context: { ...CONTEXT, 'aws:cdk:bundling-stacks': [], ...settings } });
  return landfallApp(app);
}

const made = (settings: Readonly<Record<string, string>>): SynthesizedTemplate => {
  const stack = quickStart(settings);
  const { name, template } = { name: stack.stackName, template: templateOf(stack) };
  assert.ok(name.startsWith('Landfall'));
  return template;
};

test('alarms of the quick start tell a topic, where one is named', () => {
  for (const [settings, told] of [
    [{ alarmTopic: TOPIC }, [TOPIC]],
    [{}, undefined],
  ] as const) {
    const alarms = [...made(settings).ofType('AWS::CloudWatch::Alarm').values()];
    assert.ok(alarms.length > 0);
    for (const { Properties } of alarms) assert.deepEqual(Properties['AlarmActions'], told);
  }
});

test('the quick start keeps nothing of the concurrency of an account that has none to keep', () => {
  for (const settings of [{}, { endpoint: 'url', receiveConcurrency: '0' }]) {
    const functions = [...made(settings).ofType('AWS::Lambda::Function').values()];
    for (const { Properties } of functions)
      assert.equal(Properties['ReservedConcurrentExecutions'], undefined);
  }
});

test('sizes of the construct are settings of the app', () => {
  const template = made({ reconcileMemory: '1024', reconcileConcurrency: '3', userAgent: '(web team)' });
  const { MemorySize, Environment } = template.properties('FunctionsReconcileFunction');
  assert.equal(MemorySize, 1024);
  assert.match(JSON.stringify(Environment), /"LANDFALL_USER_AGENT":"\(web team\)"/);
  const mappings = JSON.stringify([...template.ofType('AWS::Lambda::EventSourceMapping').values()]);
  assert.match(mappings, /"MaximumConcurrency":3/);
});

for (const settings of [
  { alarmTopic: 'alarms' },
  { receiveConcurrency: 'ten' },
  { reconcileMemory: '-1' },
  { endpoint: 'URL' },
]) {
  test(`is refused with its name: ${JSON.stringify(settings)}`, () => {
    const [name = ''] = Object.keys(settings);
    assert.throws(() => quickStart(settings), { code: 'CONFIG_INVALID', message: new RegExp(name) });
  });
}

test('two installations in one stack have no name in common', () => {
  const stack = new Stack(testApp(), 'Test');
  new Landfall(stack, 'Landfall', { dashboard: true });
  const other = new Landfall(stack, 'Other', { dashboard: true });
  other.receiveEcrEvents('210987654321');
  const all = Object.values(
    (stack.node.root as App).synth().getStackByName('Test').template['Resources'] as Readonly<
      Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
    >,
  );
  const names = all.flatMap(({ Type, Properties = {} }) =>
    ['DashboardName', 'Name', 'BucketName', 'QueueName', 'FunctionName', 'RoleName', 'AlarmName'].flatMap(
      (key) =>
        typeof Properties[key] === 'string' && Type !== 'AWS::Lambda::Function'
          ? [`${Type} ${Properties[key]}`]
          : [],
    ),
  );
  assert.deepEqual(names, [...new Set(names)]);
  const dashboards = names.filter((name) => name.startsWith('AWS::CloudWatch::Dashboard'));
  assert.deepEqual(dashboards.toSorted(), [
    'AWS::CloudWatch::Dashboard Test-landfall',
    'AWS::CloudWatch::Dashboard Test-other',
  ]);
});

test('an interval that the schedule does not come to is told of, and one that it does is not', () => {
  const told = (interval: string): number =>
    Annotations.fromStack(
      landfallIn({ sources: [{ name: 'web', namespace: 'a', url: 'oci://r.example/web', interval }] }).stack,
    ).findWarning('*', Match.stringLikeRegexp('once a minute.*a/web')).length;
  assert.deepEqual([told('10s'), told('59s'), told('60s')], [1, 1, 0]);
});

test('the app of a site tells a wrong document in three lines, and makes nothing', () => {
  const { status, stderr } = spawnSync(process.execPath, ['examples/aws/site-app.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], CDK_OUTDIR: temporaryFolderSync(), LANDFALL_DOCUMENTS: 'package.json' },
  });
  assert.equal(status, 1);
  assert.match(stderr, /^CONFIG_INVALID\npackage\.json:2:3: unknown key "name"/);
  assert.doesNotMatch(stderr, /at .*\.ts:\d+/);
});
