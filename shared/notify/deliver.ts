import type { Clock } from '../clock.ts';
import type { SecretLocation } from '../credentials/credential-entry.ts';
import { asLandfallError, type LandfallError } from '../errors.ts';
import { BACKOFF, backoffMs } from '../kernel/backoff.ts';
import { throwIfCancelled } from '../kernel/cancelled.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { Notification } from './notification.ts';
import { type NotifyBook, type Outgoing, readBook, updateBook } from './notify-book.ts';
import type { NotifyEntry } from './notify-entry.ts';
import type { SendDeps } from './providers/provider.ts';
import { providerTypeOf } from './providers/provider-types.ts';
import { sendHttp } from './send-http.ts';
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

export interface DeliverDeps {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly secret: (where: SecretLocation) => Promise<string>;
  readonly publish: SendDeps['publish'];
  readonly report: (report: NotifyReport) => void;
}

/** Sends one, as its provider has it. */
async function send(entry: NotifyEntry, notification: Notification, deps: DeliverDeps): Promise<void> {
  const { providerOf } = await import('./providers/providers.ts');
  const provider = providerOf(entry.type);
  if (provider === undefined) return;
  const { signal, secret, publish } = deps;
  const facts = { ...notification.facts, ...entry.metadata };
  await provider.send(
    { ...notification, facts },
    providerTypeOf(entry.type)?.settings.parse(entry.settings) as never,
    {
      secret: async (where) => (typeof where === 'string' ? where : secret(where)),
      http: (request) => sendHttp(request, signal),
      publish,
      signal,
    },
  );
}

const without = (book: NotifyBook, id: string): NotifyBook => ({
  ...book,
  outbox: book.outbox.filter(({ notification }) => notification.id !== id),
});

function later(book: NotifyBook, id: string, next: number): NotifyBook {
  const outbox = book.outbox.map((each) =>
    each.notification.id === id ? { ...each, tries: each.tries + 1, next } : each,
  );
  return { ...book, outbox };
}

/** Only what a provider has refused for good, or would not take in a day, is given up. */
const isOver = (error: LandfallError, { notification }: Outgoing, now: number): boolean =>
  error.code === 'NOTIFY_REFUSED' || now - Date.parse(notification.at) > GIVE_UP_MS;

async function tryOne(entry: NotifyEntry, head: Outgoing, deps: DeliverDeps): Promise<NotifyBook> {
  const { clock, report, signal } = deps;
  const { notification, tries } = head;
  const { id } = notification;
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
  const { clock, signal } = deps;
  let book = await readBook(entry.name, deps);
  while (book !== undefined) {
    throwIfCancelled('notifications', signal);
    const now = clock.now();
    if (release(book, now) !== book) book = await updateBook(entry.name, (each) => release(each, now), deps);
    const [head] = book.outbox;
    if (head === undefined || head.next > now) return nextTime(book);
    book = await tryOne(entry, head, deps);
  }
  return undefined;
}
