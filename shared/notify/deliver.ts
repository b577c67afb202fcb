import type { Clock } from '../clock.ts';
import { asLandfallError, type LandfallError } from '../errors.ts';
import { BACKOFF, backoffMs } from '../kernel/backoff.ts';
import { throwIfCancelled } from '../kernel/cancelled.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { Notification } from './notification.ts';
import { type NotifyBook, type Outgoing, readBook, updateBook } from './notify-book.ts';
import type { NotifyEntry } from './notify-entry.ts';
import { providerTypeOf } from './providers/provider-types.ts';
import { type SendPorts, sendDeps } from './send-deps.ts';
import { nextTime, release } from './take.ts';

/** How long a message is tried again. */
const GIVE_UP_MS = 24 * 60 * 60 * 1000;

/** What became of one try. `dropped`: refused, or tried for too long. */
export interface NotifyReport {
  readonly entry: NotifyEntry;
  readonly notification: Notification;
  readonly outcome: 'sent' | 'later' | 'dropped';
  readonly error?: LandfallError;
}

export interface DeliverDeps extends SendPorts {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly report: (report: NotifyReport) => void;
  /**
   * How long a try is the only one, where others may deliver the same entry meanwhile: longer than any takes. It is
   * written down before it begins; one that dies is tried again after it. Absent: nobody else does.
   */
  readonly claimMs?: number;
  /** No try begins from here on; milliseconds since the epoch. Default: as long as there is something due. */
  readonly untilMs?: number;
}

/** Sends one, as its provider has it. */
async function send(entry: NotifyEntry, notification: Notification, deps: DeliverDeps): Promise<void> {
  const { providerOf } = await import('./providers/providers.ts');
  const provider = providerOf(entry.type);
  if (provider === undefined) return;
  const facts = { ...notification.facts, ...entry.metadata };
  await provider.send(
    { ...notification, facts },
    providerTypeOf(entry.type)?.settings.parse(entry.settings) as never,
    sendDeps(deps),
  );
}

const without = (book: NotifyBook, id: string): NotifyBook => ({
  ...book,
  outbox: book.outbox.filter(({ notification }) => notification.id !== id),
});

/** Makes the next try of the oldest message one's own; `isOwn`: nobody else was first. */
async function claim(
  entry: NotifyEntry,
  { notification: { id } }: Outgoing,
  { claimMs, ...deps }: DeliverDeps,
): Promise<{ readonly isOwn: boolean; readonly book?: NotifyBook }> {
  if (claimMs === undefined) return { isOwn: true };
  let isOwn = false;
  const book = await updateBook(
    entry.name,
    (each) => {
      const now = deps.clock.now();
      const [head] = each.outbox;
      isOwn = head?.notification.id === id && head.next <= now;
      if (!isOwn) return each;
      const outbox = each.outbox.map((one, at) => (at === 0 ? { ...one, next: now + claimMs } : one));
      return { ...each, outbox };
    },
    deps,
  );
  return { isOwn, book };
}

function later(book: NotifyBook, id: string, next: number): NotifyBook {
  const outbox = book.outbox.map((each) =>
    each.notification.id === id ? { ...each, tries: each.tries + 1, next } : each,
  );
  return { ...book, outbox };
}

/** Only what a provider has refused for good, or would not take in a day, is given up. */
const isOver = (error: LandfallError, { notification }: Outgoing, now: number): boolean =>
  error.code === 'NOTIFY_REFUSED' || now - Date.parse(notification.at) > GIVE_UP_MS;

async function tryOne(
  entry: NotifyEntry,
  head: Outgoing,
  deps: DeliverDeps,
): Promise<NotifyBook | undefined> {
  const { clock, report, signal } = deps;
  const { notification, tries } = head;
  const { id } = notification;
  const { isOwn, book: others } = await claim(entry, head, deps);
  if (!isOwn) return others;
  try {
    await send(entry, notification, deps);
  } catch (thrown) {
    throwIfCancelled('a notification', signal);
    const error = asLandfallError(thrown);
    const now = clock.now();
    if (isOver(error, head, now)) {
      report({ entry, notification, outcome: 'dropped', error });
      return updateBook(entry.name, (book) => without(book, id), deps);
    }
    report({ entry, notification, outcome: 'later', error });
    const waitMs = Math.max(backoffMs(BACKOFF.notify, tries + 1), error.retryAfterMs ?? 0);
    return updateBook(entry.name, (book) => later(book, id, now + waitMs), deps);
  }
  // It has been told: that is written down whatever else is to end now.
  const { signal: _, ...lasting } = deps;
  const book = await updateBook(entry.name, (each) => without(each, id), lasting);
  report({ entry, notification, outcome: 'sent' });
  return book;
}

/**
 * Sends what is due of one entry, in its order: what comes after one that is to wait, waits with it. Says when there is
 * more to do, in milliseconds since the epoch; undefined: there is nothing.
 * @throws LandfallError STORE_*, CANCELLED
 */
export async function deliver(entry: NotifyEntry, deps: DeliverDeps): Promise<number | undefined> {
  const { clock, signal, untilMs = Number.POSITIVE_INFINITY } = deps;
  let book = await readBook(entry.name, deps);
  while (book !== undefined) {
    throwIfCancelled('notifications', signal);
    const now = clock.now();
    if (release(book, now) !== book) book = await updateBook(entry.name, (each) => release(each, now), deps);
    const [head] = book.outbox;
    if (head === undefined || head.next > now || now > untilMs) return nextTime(book);
    book = await tryOne(entry, head, deps);
  }
  return undefined;
}
