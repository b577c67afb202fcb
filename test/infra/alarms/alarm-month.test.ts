import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { gaugesOf, nextUnseen, type Unseen } from '../../../functions/lambda/work/gauges.ts';
import { SiteDeploy } from '../../../infra/site-deploy.ts';
import type { GaugeName } from '../../../shared/aws/metrics.ts';
import type { StatusFacts } from '../../../shared/aws/s3/sweep-cache.ts';
import { FAILING_MS } from '../../../shared/limits.ts';
import { waitAfter } from '../../../shared/trigger/reconcile-again.ts';
import { isDue, nextDue, type ScheduledSource } from '../../../shared/trigger/schedule.ts';
import { landfallIn, synthesize, templateOf } from '../stack/template.ts';
import { type AlarmRule, stateChanges } from './cloudwatch-alarm.ts';

const MINUTE = 60_000;
const MONTH = 30 * 24 * 60;
const X = FAILING_MS / MINUTE;
/** Of the alarms, in minutes. */
const PERIOD = 5;
const TRIES = 5;

const template = synthesize();
const ruleOf = (name: string): AlarmRule => template.properties(`Alarms${name}`) as unknown as AlarmRule;

function siteTemplate() {
  const { stack, landfall } = landfallIn();
  const bucket = new Bucket(stack, 'Web');
  new SiteDeploy(stack, 'Site', { landfall, name: 'site', source: 'web/app', bucket });
  return templateOf(stack);
}
const deployTemplate = siteTemplate();

type Trouble = 'transient' | 'permanent' | 'silent';
interface Outage {
  readonly what: Trouble;
  /** Minutes since the start. */
  readonly from: number;
  readonly to: number;
}

const sourceOf = (name: string, minutes: number): ScheduledSource => ({
  ...{ namespace: 'web', name, intervalMs: minutes * MINUTE, suspend: false },
  ref: { tag: 'latest' },
});

const QUIET: StatusFacts = { version: '1', current: null, specDigest: '', isQuiet: true, isSuspended: false };

/** What the gauges say in each minute of a month: looks when they are due, and again as the queue has them, until the last try. */
function monthOf(source: ScheduledSource, outages: readonly Outage[], isWritten = (_: number) => true) {
  const id = `${source.namespace}/${source.name}`;
  const during = (at: number) => outages.find(({ from, to }) => at >= from * MINUTE && at < to * MINUTE);
  let facts = QUIET;
  let unseen: Unseen = {};
  const written: Record<GaugeName, (number | undefined)[]> = {
    ...{ SourcesFailing: [], SourcesStalled: [], SourcesStale: [] },
    ...{ EventsUnsent: [], DocumentsRefused: [] },
  };
  const failedAt = (at: number, kind: 'transient' | 'permanent'): void => {
    const sinceMs = facts.failure?.kind === kind ? facts.failure.sinceMs : at;
    facts = { ...QUIET, failure: { kind, sinceMs } };
  };
  const look = (due: number): void => {
    for (
      let attempt = 1, at = due;
      attempt <= TRIES;
      at += waitAfter(attempt, undefined, 0.5), attempt += 1
    ) {
      const outage = during(at);
      if (outage === undefined) facts = QUIET;
      else failedAt(at, outage.what === 'permanent' ? 'permanent' : 'transient');
      if (outage?.what !== 'transient') return;
    }
  };
  for (let minute = 1; minute <= MONTH; minute += 1) {
    const now = minute * MINUTE;
    const isAsked = isDue(source, now - MINUTE, now);
    const due = nextDue(source, now - MINUTE) ?? now;
    const isSilent = isAsked && during(due)?.what === 'silent';
    if (isAsked && !isSilent) look(due);
    const all = new Map([[id, facts]]);
    unseen = nextUnseen(unseen, {
      sources: [source],
      due: isAsked ? [source] : [],
      isKnown: () => !isSilent,
      facts: all,
      now,
    });
    const { counts } = gaugesOf({ sources: [source], facts: all, unseen, problems: 0, now });
    for (const name of Object.keys(written) as GaugeName[])
      written[name].push(isWritten(minute) ? counts[name] : undefined);
  }
  return written;
}

const INTERVALS = [1, 5, 10, 15, 60] as const;
/** Each with a time before, between and after. */
const LONG = { from: 5_003, to: 12_007 } as const;

const GAUGES: readonly (readonly [
  alarm: string,
  metric: GaugeName,
  what: Trouble,
  after: (interval: number) => number,
])[] = [
  ['FailingSources', 'SourcesFailing', 'transient', () => X],
  ['StalledSources', 'SourcesStalled', 'permanent', () => 0],
  ['StaleSources', 'SourcesStale', 'silent', (interval) => X + 2 * interval],
];

for (const [alarm, metric, what, after] of GAUGES)
  for (const interval of INTERVALS)
    for (const name of ['app', 'site'])
      test(`${alarm} of ${name} each ${interval} m is red within two periods, stays so, and ends once`, () => {
        const source = sourceOf(name, interval);
        const firstDue = Math.ceil((nextDue(source, LONG.from * MINUTE) ?? 0) / MINUTE);
        const lastDue = Math.ceil((nextDue(source, LONG.to * MINUTE) ?? 0) / MINUTE);
        const [red, ok, ...more] = stateChanges(monthOf(source, [{ what, ...LONG }])[metric], ruleOf(alarm));
        assert.deepEqual([red?.state, ok?.state, more], ['ALARM', 'OK', []]);
        const limit = firstDue + after(interval) + 2 * PERIOD;
        assert.ok((red?.minute ?? 0) > LONG.from && (red?.minute ?? 0) <= limit, `${red?.minute} > ${limit}`);
        assert.ok((ok?.minute ?? 0) <= lastDue + 2 * PERIOD, `${ok?.minute}`);
      });

test('a blip of a registry each hour rings nobody', () => {
  const blips = Array.from(
    { length: 700 },
    (_, at) => ({ what: 'transient', from: at * 60 + 7, to: at * 60 + 12 }) as const,
  );
  for (const interval of [1, 5, 10])
    assert.deepEqual(
      stateChanges(monthOf(sourceOf('app', interval), blips).SourcesFailing, ruleOf('FailingSources')),
      [],
    );
});

test('what fails for an hour each day is told of once a day, at every interval', () => {
  const outages = Array.from(
    { length: 29 },
    (_, at) => ({ what: 'transient', from: at * 1440 + 100, to: at * 1440 + 220 }) as const,
  );
  for (const interval of INTERVALS) {
    const changes = stateChanges(
      monthOf(sourceOf('app', interval), outages).SourcesFailing,
      ruleOf('FailingSources'),
    );
    assert.equal(changes.length, 2 * 29, `${interval} m`);
  }
});

test('polls that are missing leave an alarm as it is, and are an alarm of their own', () => {
  const isWritten = (minute: number): boolean => minute < 6_000 || minute > 6_100;
  const { SourcesFailing } = monthOf(sourceOf('app', 15), [{ what: 'transient', ...LONG }], isWritten);
  assert.equal(stateChanges(SourcesFailing, ruleOf('FailingSources')).length, 2);
  const [stopped, back, ...more] = stateChanges(SourcesFailing, ruleOf('ScheduleStopped'));
  assert.deepEqual([stopped?.state, back?.state, more], ['ALARM', 'OK', []]);
  assert.ok((stopped?.minute ?? 0) <= 6_000 + 2 * PERIOD + 1, `${stopped?.minute}`);
});

/** Events that wait in the outbox, or documents that are refused: minutes of a month in which there are any. */
for (const [alarm, metric] of [
  ['EmitFailures', 'EventsUnsent'],
  ['DocumentsRefused', 'DocumentsRefused'],
] as const)
  test(`${alarm} is red within two periods of what lasts, ends once, and says nothing of a moment`, () => {
    const source = sourceOf('app', 5);
    const counts = (isWrong: (minute: number) => boolean): readonly number[] =>
      Array.from({ length: MONTH }, (_, at) => {
        const facts = { ...QUIET, isUnsent: metric === 'EventsUnsent' && isWrong(at) };
        const problems = metric === 'DocumentsRefused' && isWrong(at) ? 2 : 0;
        const given = { sources: [source], facts: new Map([['web/app', facts]]), unseen: {}, problems };
        return gaugesOf({ ...given, now: at * MINUTE }).counts[metric];
      });
    const rule = ruleOf(alarm);
    const lasting = stateChanges(
      counts((at) => at >= LONG.from && at < LONG.to),
      rule,
    );
    const [red, ok, ...more] = lasting;
    assert.deepEqual([red?.state, ok?.state, more], ['ALARM', 'OK', []]);
    assert.ok((red?.minute ?? 0) <= LONG.from + 2 * PERIOD);
    assert.ok((ok?.minute ?? 0) <= LONG.to + 2 * PERIOD);
    assert.deepEqual(
      stateChanges(
        counts((at) => at % 60 < 3),
        rule,
      ),
      [],
      'three minutes of each hour',
    );
  });

/** A deploy that looks each so many minutes, and at an event at once; what it tells of each look. */
for (const every of [5, 15, 60])
  test(`a deploy that failed for good, looked at each ${every} m, is one alarm until it is applied`, () => {
    const told = (at: number): number | undefined => {
      if (at === LONG.from || at === LONG.to) return Number(at === LONG.from);
      return at % every === 0 ? Number(at > LONG.from && at < LONG.to) : undefined;
    };
    const minutes = Array.from({ length: MONTH }, (_, at) => told(at));
    const rule = deployTemplate.properties('SiteFailed') as unknown as AlarmRule;
    const [red, ok, ...more] = stateChanges(minutes, rule);
    assert.deepEqual([red?.state, ok?.state, more], ['ALARM', 'OK', []]);
    assert.ok((red?.minute ?? 0) <= LONG.from + 2 * PERIOD);
    assert.ok((ok?.minute ?? 0) <= LONG.to + 2 * PERIOD);
  });

/** Webhooks of a sender that are refused: one each so many minutes, for a day. */
for (const every of [1, 5, 15, 50])
  test(`webhooks refused each ${every} m are one alarm, which ends an hour after the last`, () => {
    const minutes = Array.from({ length: MONTH }, (_, at) =>
      at >= 2_000 && at < 3_440 && at % every === 0 ? 1 : undefined,
    );
    const [red, ok, ...more] = stateChanges(minutes, ruleOf('WebhooksRefused'));
    assert.deepEqual([red?.state, ok?.state, more], ['ALARM', 'OK', []]);
    assert.ok((red?.minute ?? 0) <= 2_000 + every + PERIOD);
    assert.ok((ok?.minute ?? 0) <= 3_440 + 61);
  });
