import { asLandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { readStatus } from '../store/status-store.ts';
import { isChosen } from './chosen.ts';
import type { Notification } from './notification.ts';
import { notificationOf } from './notification-of.ts';
import type { NotifyBook } from './notify-book.ts';
import type { NotifyEntry } from './notify-entry.ts';
import { isOvertaken, withLatest } from './overtaken.ts';
import { providerTypeOf } from './providers/provider-types.ts';
import { isFailing, takeNotification } from './take.ts';

/** An event of a deploy does not say of what commit its artifact is: the status of its source does. */
async function annotationsOf(
  event: EventEnvelope,
  objects: ObjectStore,
  options: CallOptions,
): Promise<Readonly<Record<string, string>>> {
  if (event['detail-type'] === 'Artifact Revision Changed') return event.detail.annotations;
  if (!('digest' in event.detail)) return {};
  const { namespace, name, digest } = event.detail;
  const stored = await readStatus(objects, { namespace, name }, options).catch((error: unknown) => {
    // A store that does not answer now says later of which commit it is: without one nobody is shown its state.
    if (asLandfallError(error).kind === 'permanent') return undefined;
    throw error;
  });
  if (stored === undefined) return {};
  const { current, history } = stored.status;
  return [current, ...history].find((each) => each?.digest === digest)?.annotations ?? {};
}

/** What is told of an event, by whatever entry. */
export const notified = async (
  event: EventEnvelope,
  { objects, signal }: CallOptions & { readonly objects: ObjectStore },
): Promise<Notification | undefined> =>
  notificationOf(event, await annotationsOf(event, objects, { signal }));

interface Taking {
  readonly notifications: readonly Notification[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether they come in the order in which they happened, as from the log. Default true. */
  readonly isOrdered?: boolean;
}

/** The book of an entry with what of these it is to tell. Pure. */
export function taken(
  book: NotifyBook,
  entry: NotifyEntry,
  { notifications, now, isOrdered = true }: Taking,
): NotifyBook {
  const { events: byDefault, keepsState } = providerTypeOf(entry.type) ?? {};
  return notifications.reduce((before, notification) => {
    if (!isOrdered && isOvertaken(before, notification, keepsState)) return before;
    const wasFailing = isFailing(before, notification.subject);
    const next = isChosen(entry, notification, { wasFailing, ...(byDefault !== undefined && { byDefault }) })
      ? takeNotification(before, notification, { now, quietMs: entry.quietMs })
      : before;
    return isOrdered ? next : withLatest(next, notification, keepsState);
  }, book);
}
