import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConsoleEvent } from '../../console/facts/console-event.ts';
import { shownDuration } from '../../console/pages/chart.ts';
import { eventsPage } from '../../console/pages/events.ts';

const NOW = '2026-11-29T12:30:00.000Z';
const VIEWER = { base: '', form: undefined, isUnlocked: false, notes: [], now: NOW };
const agoOf = (hours: number): string => new Date(Date.parse(NOW) - hours * 3_600_000).toISOString();

const event = (
  type: ConsoleEvent['type'],
  hours: number,
  durationMs: number | null = null,
): ConsoleEvent => ({
  ...{ type, time: agoOf(hours), durationMs, revision: null, signers: null },
  source: { namespace: 'web', name: 'app' },
  deploy: durationMs === null ? null : 'live',
});

const EVENTS = [
  event('Artifact Revision Changed', 47.5),
  event('Artifact Revision Changed', 60),
  event('Source Reconcile Failed', 3),
  event('Deploy Failed', 2, 90_000),
  event('Deploy Succeeded', 2, 1_500),
  event('Deploy Succeeded', 0, 420),
];

/** Of each chart, what its figure says and its table has. */
function chartsOf(text: string): readonly (readonly [string, readonly string[]])[] {
  return [...text.matchAll(/<figure.*?<\/figure>/gs)].map(([figure]) => [
    /<figcaption>(.*?)<\/figcaption>/.exec(figure)?.[1] ?? '',
    [...figure.matchAll(/<th scope="row">(.*?)<\/th><td>(.*?)<\/td>/g)].map(
      ([, hour, value]) => `${hour}: ${value}`,
    ),
  ]);
}

test('looks, landings, failures and durations are charts, each with its numbers to read', () => {
  const looks = new Map([
    ['2026-11-29T12:00:00.000Z', 60],
    ['2026-11-29T11:00:00.000Z', 30],
    ['2026-11-01T11:00:00.000Z', 999],
  ]);
  const text = String(eventsPage({ events: EVENTS, looks, from: 0 }, VIEWER));
  assert.deepEqual(chartsOf(text), [
    ['looks: 90 in 48 hours', ['this hour: 60', '1 h ago: 30']],
    ['landed: 1 in 48 hours', ['47 h ago: 1']],
    ['failed: 2 in 48 hours', ['2 h ago: 1', '3 h ago: 1']],
    ['deployed: 2 in 48 hours', ['this hour: 1', '2 h ago: 1']],
    ['durations of 3 deploys: median 1.5 s, longest 1.5 min', ['this hour: 420 ms', '2 h ago: 1.5 min']],
  ]);
  assert.doesNotMatch(text, /style=|onload|<script/);
});

test('where nobody counts looks there is no chart of them, and of no deploys none is claimed', () => {
  const text = String(eventsPage({ events: [], looks: undefined, from: 0 }, VIEWER));
  assert.deepEqual(
    chartsOf(text).map(([summary]) => summary),
    [
      'landed: 0 in 48 hours',
      'failed: 0 in 48 hours',
      'deployed: 0 in 48 hours',
      'durations: no deploy in 48 hours',
    ],
  );
});

const DURATIONS: readonly (readonly [number, string])[] = [
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1.0 s'],
  [12_345, '12 s'],
  [60_000, '1.0 min'],
  [3_600_000, '1.0 h'],
  [86_400_000, '24 h'],
];
for (const [milliseconds, text] of DURATIONS)
  test(`${milliseconds} ms is shown as ${text}`, () => assert.equal(shownDuration(milliseconds), text));
