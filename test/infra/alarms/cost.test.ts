import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ASSUMED, formatCost, readWorkload } from '../../../bench/cost.ts';
import {
  ALARMS,
  costOf,
  DEPLOY_ALARMS,
  DEPLOY_METRICS,
  EMPTY_RECEIVES,
  METRICS,
  NOTIFY_ALARMS,
  runningOf,
  runsOf,
  totalOf,
} from '../../../bench/support/cost/cost.ts';
import { PRICES } from '../../../bench/support/cost/prices.ts';
import { SiteDeploy } from '../../../infra/site-deploy.ts';
import { GAUGES } from '../../../shared/aws/metrics.ts';
import { landfallIn, synthesize, templateOf } from '../stack/template.ts';

const NOTHING = {
  ...ASSUMED,
  sources: 0,
  revisions: 0,
  webhooks: 0,
  subscriptions: 0,
  keptGigabytes: 0,
  secrets: 0,
};

const lineOf = (workload: typeof ASSUMED, what: string) => {
  const line = costOf(workload).find((each) => each.what === what);
  assert.ok(line, what);
  return line;
};

test('a thousand runs of a second with a gigabyte cost what a thousand GB-seconds and requests do', () => {
  const { usd } = lineOf({ ...NOTHING, revisions: 1000, landMs: 1000, landMemory: 1024 }, 'revisions landed');
  assert.ok(Math.abs(usd - (0.0133334 + 0.0002)) < 1e-9, String(usd));
});

test('a revision of 5,000 files costs 2.5 cents of PUTs, and half a cent of events', () => {
  const workload = { ...NOTHING, revisions: 1, filesPerRevision: 5000, landPuts: 0 };
  assert.equal(lineOf(workload, 'S3 PUT and LIST').usd, 0.025);
  assert.equal(lineOf(workload, "S3's events of what is written").usd.toFixed(6), '0.005000');
});

test('a hundred sources looked at each minute, nothing new: what runs costs less than 60 cents, what is there 3 USD', () => {
  const lines = costOf({ ...NOTHING, sources: 100, intervalMinutes: 1 });
  assert.ok(runningOf(lines) <= 0.6, String(runningOf(lines)));
  assert.ok(totalOf(lines) - runningOf(lines) <= 3.0001);
});

test('ten thousand sources are looked at in as many polls as one, and each pays for its own time', () => {
  const one = lineOf({ ...NOTHING, sources: 1 }, 'polls');
  const many = lineOf({ ...NOTHING, sources: 10_000 }, 'polls');
  assert.deepEqual([one.count, many.count], [43_200, 43_200]);
  assert.ok(many.usd > 100 * one.usd);
});

test('a million looks at ten thousand sources, nothing new, cost less than 10 cents of all that runs', () => {
  for (const intervalMinutes of [5, 15, 60]) {
    const workload = { ...NOTHING, sources: 10_000, intervalMinutes };
    const millions = runsOf(workload).looks / 1e6;
    const usd = runningOf(costOf(workload)) / millions;
    // An hour between looks: the empty queue and the polls are there all the same.
    assert.ok(usd <= (intervalMinutes < 60 ? 0.1 : 0.2), `each ${intervalMinutes} m: ${usd}`);
  }
});

test('statuses are listed as often as test/aws/lambda/sweep.test.ts counts: six times an hour, and after a landing', () => {
  const listings = (revisions: number): number =>
    lineOf({ ...NOTHING, revisions, filesPerRevision: 0, landPuts: 0, sources: 100 }, 'S3 PUT and LIST')
      .count;
  assert.deepEqual([listings(0), listings(300), listings(1e6)], [6 * 24 * 30, 6 * 24 * 30 + 300, 43_200]);
});

test('what the construct always has is counted as it is', () => {
  assert.equal(
    synthesize({ sources: [{ name: 'web', url: 'oci://ghcr.io/team/web' }] }).ofType('AWS::CloudWatch::Alarm')
      .size,
    ALARMS,
  );
  assert.equal(GAUGES.length, METRICS);
});

test('what each deploy always has is counted as it is', () => {
  const { stack, landfall } = landfallIn();
  const bucket = new Bucket(stack, 'Web');
  new SiteDeploy(stack, 'Site', { landfall, name: 'site', source: 'web/site', bucket });
  const template = templateOf(stack);
  assert.equal(template.ofType('AWS::CloudWatch::Alarm').size, ALARMS - 1 + DEPLOY_ALARMS);
  const { MemorySize } = template.properties('SiteFunction');
  assert.equal(MemorySize, ASSUMED.deployMemory);
  assert.equal(template.properties('SiteLook')['ScheduleExpression'], 'rate(15 minutes)');
  assert.equal(ASSUMED.deployLooks, 30 * 24 * 4);
  const one = lineOf({ ...NOTHING, subscriptions: 1 }, 'metrics').count;
  assert.equal(one, METRICS + DEPLOY_METRICS);
});

test('what notify has is counted as it is, and said in docs/cost.md', () => {
  const given = { sources: [{ name: 'web', url: 'oci://ghcr.io/team/web' }] };
  const alarms = synthesize({ ...given, reach: { notify: {} } }).ofType('AWS::CloudWatch::Alarm').size;
  assert.equal(alarms, ALARMS + NOTIFY_ALARMS);
  const usd = [
    EMPTY_RECEIVES * PRICES.sqsStandardRequest,
    NOTIFY_ALARMS * PRICES.alarmMonth,
    PRICES.metricMonth,
  ];
  const [queue, two, metric] = usd.map((each) => each.toFixed(2));
  const page = readFileSync(new URL('../../../docs/cost.md', import.meta.url), 'utf8');
  assert.ok(page.includes(`asked for ${queue} USD, two alarms for ${two} and`), `${queue} ${two}`);
  assert.ok(page.includes(`not told, a metric for ${metric}.`), metric);
});

test('a deploy costs its copies, its books, its looks and what it tells', () => {
  const workload = { ...NOTHING, revisions: 1, filesPerRevision: 0, landPuts: 0, landGets: 0, pollGets: 0 };
  const deployed = { ...workload, subscriptions: 1, filesPerDeploy: 20, deployPuts: 8, deployLooks: 0 };
  assert.equal(lineOf(deployed, 'S3 PUT and LIST').count - lineOf(workload, 'S3 PUT and LIST').count, 28);
  assert.equal(lineOf(deployed, 'events of Landfall').count, 3);
  assert.equal(lineOf({ ...deployed, deployLooks: 10 }, 'S3 PUT and LIST').count, 48);
  assert.equal(lineOf({ ...deployed, deployLooks: 10 }, 'deploys that find nothing to do').count, 10);
});

test('every input is a flag, and what is none is refused', () => {
  assert.deepEqual(readWorkload([]), ASSUMED);
  assert.equal(readWorkload(['--poll-ms', '12.5']).pollMs, 12.5);
  for (const args of [
    ['--sources', 'many'],
    ['--sources', '-1'],
    ['--sources', ''],
    ['--interval-minutes', '0'],
  ]) {
    assert.throws(() => readWorkload(args), new RegExp(args[0] ?? ''));
  }
  assert.throws(() => readWorkload(['--cheap']), /--cheap/);
});

test('the tables of docs/cost.md are what the calculator says', () => {
  const page = readFileSync(new URL('../../../docs/cost.md', import.meta.url), 'utf8');
  const tables = [...page.matchAll(/<!-- (.*?)-->\n((?:\|.*\n)+)/g)];
  assert.equal(tables.length, 3);
  for (const [, flags = '', table = ''] of tables) {
    const lines = costOf(readWorkload(flags.split(' ').filter((part) => part !== '')));
    assert.equal(table.trimEnd(), formatCost(lines));
    assert.equal(
      totalOf(lines),
      lines.reduce((sum, { usd }) => sum + usd, 0),
    );
  }
});
