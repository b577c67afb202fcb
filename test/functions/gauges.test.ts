import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaugesOf, nextUnseen } from '../../functions/lambda/work/gauges.ts';
import type { StatusFacts } from '../../shared/aws/s3/sweep-cache.ts';
import { FAILING_MS } from '../../shared/limits.ts';
import type { ScheduledSource } from '../../shared/trigger/schedule.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 29);
const source = (suspend = false): ScheduledSource => ({
  namespace: 'web',
  name: 'site',
  ref: {},
  intervalMs: 5 * MINUTE,
  suspend,
});
const QUIET: StatusFacts = {
  version: '"1"',
  current: null,
  specDigest: 'x',
  isQuiet: true,
  isSuspended: false,
};
const failing = (kind: 'permanent' | 'transient', sinceMs: number): StatusFacts => ({
  ...QUIET,
  failure: { kind, sinceMs },
});
const LONG_STALE = FAILING_MS + 10 * MINUTE;

interface Case {
  readonly what: string;
  readonly facts?: StatusFacts;
  readonly source?: ScheduledSource;
  readonly unseenMs?: number;
  readonly counted: Readonly<Record<string, number>>;
}

const CASES: readonly Case[] = [
  { what: 'a source that is well', facts: QUIET, counted: {} },
  { what: 'one that nobody has looked at yet', counted: {} },
  { what: 'one that fails for a moment', facts: failing('transient', NOW - FAILING_MS + 1), counted: {} },
  {
    what: 'one that has failed long',
    facts: failing('transient', NOW - FAILING_MS),
    counted: { SourcesFailing: 1 },
  },
  { what: 'one that stalled', facts: failing('permanent', NOW), counted: { SourcesStalled: 1 } },
  {
    what: 'one that stalled, and that its document suspends',
    facts: failing('permanent', NOW),
    source: source(true),
    counted: {},
  },
  {
    what: 'one that has failed long, and that a person suspended',
    facts: { ...failing('transient', 0), isSuspended: true },
    counted: {},
  },
  {
    what: 'one that is suspended, and whose event the bus did not take',
    facts: { ...QUIET, isUnsent: true, isSuspended: true },
    counted: { EventsUnsent: 1 },
  },
  {
    what: 'one that was due twice and not asked about',
    facts: QUIET,
    unseenMs: LONG_STALE,
    counted: { SourcesStale: 1 },
  },
  { what: 'one that was passed over once', facts: QUIET, unseenMs: LONG_STALE - 1, counted: {} },
];

for (const { what, facts, source: of = source(), unseenMs, counted } of CASES) {
  test(`${what} counts as ${Object.keys(counted).join(', ') || 'nothing'}`, () => {
    const { counts } = gaugesOf({
      sources: [of],
      facts: new Map(facts === undefined ? [] : [['web/site', facts]]),
      unseen: unseenMs === undefined ? {} : { 'web/site': NOW - unseenMs },
      problems: 0,
      now: NOW,
    });
    assert.deepEqual(Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)), counted);
  });
}

test('what is remembered of a source goes when it is known again, has failed or landed since, or is in no document', () => {
  const before = { 'web/site': NOW - MINUTE };
  const polled = { sources: [source()], due: [], isKnown: () => false, facts: new Map(), now: NOW };
  const due = [source()];
  const of = (facts: StatusFacts) => ({ ...polled, facts: new Map([['web/site', facts]]) });
  assert.deepEqual(nextUnseen(before, polled), before);
  assert.deepEqual(nextUnseen({}, { ...polled, due }), { 'web/site': NOW });
  assert.deepEqual(nextUnseen(before, { ...polled, due }), before);
  assert.deepEqual(nextUnseen(before, { ...polled, due, isKnown: () => true }), {});
  assert.deepEqual(nextUnseen(before, of(failing('permanent', NOW))), {});
  assert.deepEqual(nextUnseen(before, of({ ...QUIET, landedMs: NOW })), {});
  assert.deepEqual(nextUnseen(before, { ...polled, sources: [] }), {});
});
