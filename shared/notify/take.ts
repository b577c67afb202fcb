import type { Notification } from './notification.ts';
import type { NotifyBook, NotifySubject, Outgoing } from './notify-book.ts';

/** Ids that a book remembers, so that an event that comes again is told once. */
const SEEN = 512;

const UNTOLD: NotifySubject = { told: [], isFailing: false, lastId: '', held: null };

const subjectOf = ({ subjects }: NotifyBook, name: string): NotifySubject =>
  (Object.hasOwn(subjects, name) ? subjects[name] : undefined) ?? UNTOLD;

const outgoing = (notification: Notification, now: number): Outgoing => ({
  notification,
  tries: 0,
  next: now,
});

const isFailingAfter = ({ state }: Notification, before: boolean): boolean =>
  state === 'failing' || (before && state !== 'well');

/** Whether it was a failure of this subject that was told last. */
export const isFailing = (book: NotifyBook, subject: string): boolean => subjectOf(book, subject).isFailing;

type Told = NotifySubject['told'];

const isFirstFailure = ({ state }: Notification, told: Told): boolean =>
  state === 'failing' && !told.some((each) => each.state === 'failing');

/** Whether a failure ends that whoever is told still believes in. */
const isEnd = ({ state }: Notification, told: Told, wasFailing: boolean): boolean =>
  state === 'well' &&
  wasFailing &&
  told.findLast((each) => ['failing', 'well'].includes(each.state))?.state !== 'well';

/**
 * Puts a notification into the outbox, or holds it. A first failure and its end are told at once, in place of what is held;
 * what else says of a subject what was said within the quiet time is held to the end of that, and what comes meanwhile
 * with it: a source that comes and goes is one message. The same id again changes nothing. Pure.
 */
export function takeNotification(
  book: NotifyBook,
  notification: Notification,
  { now, quietMs }: { readonly now: number; readonly quietMs: number },
): NotifyBook {
  const { id, subject: name } = notification;
  const before = subjectOf(book, name);
  if (before.lastId === id || book.seen.includes(id)) return book;
  const seen = [...book.seen, id].slice(-SEEN);
  const told = before.told.filter(({ at }) => at > now - quietMs);
  const isFailing = isFailingAfter(notification, before.isFailing);
  const withSubject = (subject: Omit<NotifySubject, 'lastId' | 'isFailing'>): NotifyBook => ({
    ...book,
    seen,
    subjects: { ...book.subjects, [name]: { ...subject, lastId: id, isFailing } },
  });
  const { held } = before;
  const isTurn = isFirstFailure(notification, told) || isEnd(notification, told, before.isFailing);
  if (held !== null && !isTurn)
    return withSubject({ told, held: { ...held, count: held.count + 1, latest: notification } });
  const said = told.findLast(({ state }) => state === notification.state);
  if (said !== undefined && !isTurn) {
    const until = said.at + quietMs;
    return withSubject({ told, held: { count: 1, latest: notification, until } });
  }
  const next = withSubject({
    told: quietMs > 0 ? [...told, { state: notification.state, at: now }] : [],
    held: null,
  });
  return { ...next, outbox: [...next.outbox, outgoing(notification, now)] };
}

/** Several that were held become the last of them, which says how many there were. */
function oneOf(latest: Notification, count: number): Notification {
  if (count === 1) return latest;
  const before = `${count} changes in short order; this is the last of them.`;
  return { ...latest, text: latest.text === '' ? before : `${latest.text}\n${before}` };
}

/** Puts what was held long enough into the outbox. Pure. */
export function release(book: NotifyBook, now: number): NotifyBook {
  const due = Object.entries(book.subjects).filter(([, { held }]) => held !== null && held.until <= now);
  if (due.length === 0) return book;
  const subjects = { ...book.subjects };
  const outbox = [...book.outbox];
  for (const [name, subject] of due) {
    if (subject.held === null) continue;
    const { latest, count } = subject.held;
    outbox.push(outgoing(oneOf(latest, count), now));
    subjects[name] = { ...subject, told: [...subject.told, { state: latest.state, at: now }], held: null };
  }
  return { ...book, subjects, outbox };
}

/** Milliseconds since the epoch at which there is something to do; undefined: nothing is held or to be sent. */
export function nextTime({ subjects, outbox }: NotifyBook): number | undefined {
  const times = Object.values(subjects).flatMap(({ held }) => (held === null ? [] : [held.until]));
  const [first] = outbox;
  if (first !== undefined) times.push(first.next);
  return times.length === 0 ? undefined : Math.min(...times);
}
