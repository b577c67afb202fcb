import assert from 'node:assert/strict';
import { test } from 'node:test';
import { taken } from '../../shared/notify/intake.ts';
import type { Notification } from '../../shared/notify/notification.ts';
import { newBook } from '../../shared/notify/notify-book.ts';
import { entryFor, notificationFor } from './samples.ts';

const AT = { first: '2026-11-29T12:00:00Z', second: '2026-11-29T12:00:01Z' };

const turn = (state: Notification['state'], at: string, changes: Partial<Notification> = {}): Notification =>
  notificationFor({
    id: `${state} ${at}`,
    state,
    at,
    severity: state === 'failing' ? 'error' : 'info',
    type: state === 'well' ? 'Source Recovered' : 'Source Reconcile Failed',
    ...changes,
  });

const told = (heard: readonly Notification[], entry = entryFor()): readonly string[] => {
  const book = taken(newBook('team'), entry, { notifications: heard, now: 0, isOrdered: false });
  return book.outbox.map(({ notification: { state, facts } }) => [state, facts['digest']].join(' ').trim());
};

test('a failure that is heard of behind its end is left out', () => {
  assert.deepEqual(told([turn('well', AT.second), turn('failing', AT.first)]), ['well']);
});

test('so it is where its end was none of the entry’s, whom nobody would call off', () => {
  const entry = entryFor({ severity: 'error' });
  assert.deepEqual(told([turn('well', AT.second), turn('failing', AT.first)], entry), []);
});

test('in their order, and within one second, both are told', () => {
  for (const second of [AT.first, AT.second])
    assert.deepEqual(told([turn('failing', AT.first), turn('well', second)]), ['failing', 'well']);
});

test('news are told whenever they are heard of', () => {
  const news = turn('news', AT.first, { type: 'Artifact Revision Changed' });
  const entry = entryFor({ events: ['Artifact Revision Changed', 'Source Recovered'] });
  assert.deepEqual(told([turn('well', AT.second), news], entry), ['well', 'news']);
});

test('a log keeps its order, and a clock that was set back takes nothing from it', () => {
  const heard = [turn('well', AT.second), turn('failing', AT.first)];
  const book = taken(newBook('team'), entryFor(), { notifications: heard, now: 0 });
  assert.deepEqual(
    book.outbox.map(({ notification: { state } }) => state),
    ['well', 'failing'],
  );
});

test('a commit is shown its own end, whatever became of the next, and never what began before it', () => {
  const entry = entryFor({
    type: 'github',
    quietMs: 0,
    settings: { repository: 'team/app', token: { ssm: 't' } },
  });
  const of = (digest: string) => ({
    subject: 'live of web/app',
    type: 'Deploy Failed',
    facts: { deploy: 'live', source: 'web/app', digest },
  });
  const heard = [
    turn('well', AT.second, { ...of('b'), type: 'Deploy Succeeded' }),
    turn('failing', AT.first, of('a')),
    turn('pending', AT.first, { ...of('a'), id: 'began', type: 'Deploy Started' }),
  ];
  assert.deepEqual(told(heard, entry), ['well b', 'failing a']);
});
