import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFilter } from '../../cli/options/event-options.ts';
import { passesFilter, wantedLine } from '../../shared/event/event-filter.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { sampleEvent } from './samples.ts';

const NOW = Date.UTC(2026, 10, 30, 12);
const MINUTE_MS = 60_000;

const eventOf = (namespace: string, name: string, time = new Date(NOW).toISOString()): EventEnvelope => {
  const event = sampleEvent(1);
  return { ...event, time, detail: { ...event.detail, namespace, name } } as EventEnvelope;
};

const lineOf = (event: EventEnvelope): Buffer => Buffer.from(JSON.stringify(event));

for (const [options, passed, others] of [
  [{ namespace: 'web' }, ['web/app'], ['infra/app']],
  [{ source: 'web/*' }, ['web/app', 'web/site'], ['infra/app', 'webs/app']],
  [{ source: '*/app' }, ['web/app', 'infra/app'], ['web/site']],
  [{ source: 'app*', namespace: 'web' }, ['web/app', 'web/app-2'], ['infra/app']],
  [{ source: 'web/app' }, ['web/app'], ['web/site', 'infra/app']],
  [{ source: '{web,infra}/a[a-p]*p' }, ['web/app', 'infra/app'], []],
  [{ source: 'we?/a*' }, ['web/app'], []],
] as const)
  test(`of ${JSON.stringify(options)} the lines that can be no such event are not parsed`, () => {
    const filter = eventFilter(options, NOW);
    const wanted = wantedLine(filter);
    const eventAt = (id: string): EventEnvelope =>
      eventOf(...(id.split('/') as [namespace: string, name: string]));
    for (const id of passed) {
      assert.equal(passesFilter(eventAt(id), filter), true, id);
      assert.equal(wanted(lineOf(eventAt(id))), true, id);
    }
    for (const id of others) {
      assert.equal(passesFilter(eventAt(id), filter), false, id);
      assert.equal(wanted(lineOf(eventAt(id))), false, id);
    }
  });

test('a line that is older than what is asked for is not parsed, and one that is as old is', () => {
  const wanted = wantedLine({ sinceMs: NOW });
  for (const [ms, is] of [
    [NOW - 1, false],
    [NOW - 24 * 60 * MINUTE_MS, false],
    [NOW, true],
    [NOW + 1, true],
  ] as const)
    assert.equal(wanted(lineOf(eventOf('web', 'app', new Date(ms).toISOString()))), is, String(ms));
});

test('a line whose time is written in another way is parsed, whenever it was', () => {
  const wanted = wantedLine({ sinceMs: NOW });
  for (const time of [
    '2020-01-01T00:00:00Z',
    '2020-01-01T00:00:00.000+00',
    '+010000-01-01T00:00:00.000Z',
    '',
  ])
    assert.equal(wanted(lineOf(eventOf('web', 'app', time))), true, time);
  assert.equal(wantedLine({ sinceMs: 8.64e15 })(lineOf(eventOf('web', 'app'))), true);
  assert.equal(wantedLine({ sinceMs: Number.POSITIVE_INFINITY })(lineOf(eventOf('web', 'app'))), true);
});

test('what a text within an event says of a time is not the time of the event', () => {
  const { id, ...event } = eventOf('web', 'app');
  const line = lineOf({ id: '"time":"2020-01-01T00:00:00.000Z"', ...event } as EventEnvelope);
  assert.equal(wantedLine({ sinceMs: NOW })(line), true);
});
