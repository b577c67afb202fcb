import type { Notification } from './notification.ts';
import type { NotifyBook } from './notify-book.ts';

/** Subjects whose latest turn a book remembers. */
const LATEST = 2_000;

/** A commit keeps its state whatever became of the next one. */
const keyOf = ({ subject, facts }: Notification, keepsState: boolean): string =>
  keepsState ? `${subject} at ${facts['digest'] ?? ''}` : subject;

/**
 * Whether what came after it of the same subject is known already, where a bus keeps no order: a failure that is heard
 * of behind its end has ended. News say nothing of how a thing is, and are never overtaken. Pure.
 */
export function isOvertaken(
  { latest = {} }: NotifyBook,
  notification: Notification,
  keepsState = false,
): boolean {
  const key = keyOf(notification, keepsState);
  const known = Object.hasOwn(latest, key) ? latest[key] : undefined;
  if (notification.state === 'news' || known === undefined) return false;
  const laterMs = Date.parse(known) - Date.parse(notification.at);
  // A bus tells whole seconds, and what is of one digest begins before it ends.
  return laterMs > 0 || (laterMs === 0 && keepsState && notification.state === 'pending');
}

/** The book that knows of it, told or not. Pure. */
export function withLatest(book: NotifyBook, notification: Notification, keepsState = false): NotifyBook {
  if (notification.state === 'news') return book;
  const key = keyOf(notification, keepsState);
  const others = Object.entries(book.latest ?? {}).filter(([each]) => each !== key);
  return { ...book, latest: Object.fromEntries([...others, [key, notification.at]].slice(-LATEST)) };
}
