import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isChosen } from '../../shared/notify/chosen.ts';
import type { Notification } from '../../shared/notify/notification.ts';
import { type NotifyBook, newBook } from '../../shared/notify/notify-book.ts';
import { nextTime, release, takeNotification } from '../../shared/notify/take.ts';
import { entryFor, notificationFor } from './samples.ts';

const MINUTE = 60_000;
const QUIET = 5 * MINUTE;

const failed = (id: string): Notification => notificationFor({ id });
const well = (id: string): Notification =>
  notificationFor({
    id,
    type: 'Source Recovered',
    state: 'well',
    severity: 'info',
    title: 'web/app is well again',
    text: '',
  });

/** Takes each at its minute. */
const after = (...steps: readonly (readonly [minute: number, notification: Notification])[]): NotifyBook =>
  steps.reduce(
    (book, [minute, each]) => takeNotification(book, each, { now: minute * MINUTE, quietMs: QUIET }),
    newBook('team'),
  );
const sent = ({ outbox }: NotifyBook): readonly string[] => outbox.map(({ notification }) => notification.id);

test('a failure and its end are told at once', () => {
  assert.deepEqual(sent(after([0, failed('f1')], [1, well('w1')])), ['f1', 'w1']);
});

/** Each minute one, named by its state; which are told at once. */
const TURNS: readonly (readonly [states: string, told: string])[] = [
  ['well well failing', 'well0 failing2'],
  ['failing failing well', 'failing0 well2'],
  ['pending pending failing', 'pending0 failing2'],
  ['failing failing well failing well', 'failing0 well2'],
  ['failing pending pending well', 'failing0 pending1 well3'],
];
for (const [states, told] of TURNS)
  test(`of ${states}, a minute each, is told at once: ${told}`, () => {
    const steps = states.split(' ').map((state, minute) => {
      const id = `${state}${minute}`;
      const each = state === 'well' ? well(id) : { ...failed(id), state: state as Notification['state'] };
      return [minute, each] as const;
    });
    assert.deepEqual(sent(after(...steps)).join(' '), told);
  });

test('the same event again is told once, also when another came between', () => {
  assert.deepEqual(sent(after([0, failed('f1')], [1, failed('f1')], [2, well('w1')], [9, failed('f1')])), [
    'f1',
    'w1',
  ]);
});

test('a source that comes and goes is one message when it has been quiet, and says how often', () => {
  const steps = [failed('f1'), well('w1'), failed('f2'), well('w2'), failed('f3')];
  const book = after(...steps.map((each, minute) => [minute, each] as const));
  assert.deepEqual(sent(book), ['f1', 'w1']);
  assert.equal(nextTime({ ...book, outbox: [] }), QUIET, 'five minutes after the failure that was told');
  assert.equal(release(book, QUIET - 1), book);
  const released = release(book, QUIET);
  assert.deepEqual(sent(released), ['f1', 'w1', 'f3']);
  assert.match(released.outbox[2]?.notification.text ?? '', /3 changes in short order/);
  assert.equal(release(released, QUIET), released);
});

test('one that is held alone is told as it is', () => {
  const book = release(after([0, failed('f1')], [1, failed('f2')]), QUIET);
  assert.deepEqual(sent(book), ['f1', 'f2']);
  assert.equal(book.outbox[1]?.notification.text, 'there is no tag 9');
});

test('what comes after the quiet time is told at once, and other subjects never wait', () => {
  assert.deepEqual(sent(after([0, failed('f1')], [1, well('w1')], [5, failed('f2')])), ['f1', 'w1', 'f2']);
  const other = notificationFor({ id: 'o1', subject: 'web/other' });
  assert.deepEqual(sent(after([0, failed('f1')], [0, other])), ['f1', 'o1']);
});

test('a subject with a name of an object is one like any other', () => {
  const odd = notificationFor({ id: 'p', subject: '__proto__' });
  assert.deepEqual(sent(takeNotification(newBook('team'), odd, { now: 0, quietMs: QUIET })), ['p']);
});

/** What an entry makes of a failure, by its own words. */
const CHOICES = [
  ['all sources by default', {}, true],
  ['a glob of its namespace', { sources: ['web/*'] }, true],
  ['another namespace', { sources: ['db/*'] }, false],
  ['deploys alone', { deploys: ['*'] }, false],
  ['a type that it is not', { events: ['Deploy Failed'] }, false],
  ['its type', { events: ['Source Reconcile Failed'] }, true],
  ['its severity', { severity: 'error' }, true],
  ['what its text says', { include: ['no tag [0-9]'] }, true],
  ['what its text does not say', { include: ['timeout'] }, false],
  ['nothing of what its text says', { exclude: ['no tag'], include: ['no tag'] }, false],
  ['nothing while suspended', { suspend: true }, false],
] as const;
for (const [what, changes, told] of CHOICES)
  test(`an entry for ${what} is told ${told ? 'of it' : 'nothing'}`, () => {
    assert.equal(isChosen(entryFor(changes), notificationFor(), { wasFailing: false }), told);
  });

test('the end of a failure that was told is told, whatever the severity and the types', () => {
  const entry = entryFor({ severity: 'error', events: ['Source Reconcile Failed'] });
  assert.equal(isChosen(entry, well('w'), { wasFailing: true }), true);
  assert.equal(isChosen(entry, well('w'), { wasFailing: false }), false);
  assert.equal(isChosen(entryFor({ sources: ['db/*'] }), well('w'), { wasFailing: true }), false);
});

test('of waits only those for a person are told where no types are named', () => {
  const waiting = notificationFor({ type: 'Deploy Waiting', state: 'pending', severity: 'info' });
  assert.equal(isChosen(entryFor(), waiting, { wasFailing: false }), false);
  assert.equal(isChosen(entryFor(), { ...waiting, severity: 'warning' }, { wasFailing: false }), true);
  assert.equal(isChosen(entryFor({ events: ['Deploy Waiting'] }), waiting, { wasFailing: false }), true);
});
