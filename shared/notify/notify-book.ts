import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { type DocumentKind, parseDocument, updateDocument } from '../store/document.ts';
import { NOTIFY_PREFIX, notifyKey, parseNotifyKey } from '../store/layout.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { notificationSchema } from './notification.ts';

const count = z.int().check(z.nonnegative());

/** What became of one subject. */
const subject = z.object({
  /** What it was told to be within the quiet time, and when; milliseconds since the epoch. */
  told: z.array(z.object({ state: z.string(), at: z.number() })),
  /** Whether the last thing told is a failure that has not ended. */
  isFailing: z.boolean(),
  lastId: z.string(),
  /** What happened since, and waits for the quiet time to end. */
  held: z.nullable(z.object({ count, latest: notificationSchema, until: z.number() })),
});

const outgoing = z.object({
  notification: notificationSchema,
  tries: count,
  /** Not before; milliseconds since the epoch. */
  next: z.number(),
});

const bookSchema = z.object({
  formatVersion: z.literal(1),
  name: z.string(),
  /** How far the log of events was worked through, on one machine. */
  position: z.nullable(z.object({ segment: count, offset: count })),
  subjects: z.record(z.string(), subject),
  /** Ids of what was taken, the newest last: a bus may bring an event twice. */
  seen: z.array(z.string()),
  /** When each subject last began a turn, RFC 3339, the newest last: where a bus keeps no order. */
  latest: z.optional(z.record(z.string(), z.string())),
  /** To be sent, oldest first. */
  outbox: z.array(outgoing),
});

/** What one entry of `notify` has told, and has still to tell: the one mutable object of it. */
export type NotifyBook = z.infer<typeof bookSchema>;
export type NotifySubject = z.infer<typeof subject>;
export type Outgoing = z.infer<typeof outgoing>;

const KIND: DocumentKind<NotifyBook> = {
  what: 'the book of a notify entry',
  schema: bookSchema,
  hint: 'Delete it: what it had still to tell is then not told.',
};

const UPDATE_ATTEMPTS = 10;

export const newBook = (name: string): NotifyBook => ({
  formatVersion: 1,
  name,
  position: null,
  subjects: {},
  seen: [],
  outbox: [],
});

export interface BookDeps extends CallOptions {
  readonly objects: ObjectStore;
  readonly clock: Clock;
}

/** The book; undefined where there is none yet. @throws LandfallError STORE_CORRUPT, STORE_VERSION */
export async function readBook(name: string, { objects, signal }: BookDeps): Promise<NotifyBook | undefined> {
  const key = notifyKey(name);
  const stored = await objects.get(key, { signal });
  return stored && parseDocument(KIND, key, stored.bytes);
}

/** Forgets an entry: should its name come back, it is told of what happens from then on. @throws LandfallError STORE_* */
export const forgetBook = (name: string, { objects, signal }: BookDeps): Promise<void> =>
  objects.delete([notifyKey(name)], { signal });

/** Names of entries that there is a book of. @throws LandfallError STORE_* */
export async function listBooks({ objects, signal }: Omit<BookDeps, 'clock'>): Promise<readonly string[]> {
  const keys = await Array.fromAsync(objects.list(NOTIFY_PREFIX, { signal }));
  return keys.flatMap((key) => parseNotifyKey(key) ?? []);
}

/** Forgets all but those that `isKept` of a name. @throws LandfallError STORE_* */
export async function forgetBooks(isKept: (name: string) => boolean, deps: BookDeps): Promise<void> {
  const gone = (await listBooks(deps)).filter((name) => !isKept(name));
  if (gone.length > 0) await deps.objects.delete(gone.map(notifyKey), { signal: deps.signal });
}

/** Changes it by compare-and-swap; as it is then. @throws LandfallError STORE_* */
export async function updateBook(
  name: string,
  change: (book: NotifyBook) => NotifyBook,
  { objects, clock, signal }: BookDeps,
): Promise<NotifyBook> {
  const key = notifyKey(name);
  const { document } = await updateDocument<NotifyBook>({
    objects,
    key,
    read: async () => {
      const stored = await objects.get(key, { signal });
      const document = stored === undefined ? newBook(name) : parseDocument(KIND, key, stored.bytes);
      return { document, version: stored?.version };
    },
    change,
    attempts: UPDATE_ATTEMPTS,
    clock,
    signal,
  });
  return document;
}
