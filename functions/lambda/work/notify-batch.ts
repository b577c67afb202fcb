import type { ReceivedMessages } from '../../../shared/aws/messages/received-messages.ts';
import { asLandfallError, LandfallError } from '../../../shared/errors.ts';
import { eachOf } from '../../../shared/kernel/each-of.ts';
import type { Log } from '../../../shared/log.ts';
import { type DeliverDeps, deliver } from '../../../shared/notify/deliver.ts';
import { notified, taken } from '../../../shared/notify/intake.ts';
import type { Notification } from '../../../shared/notify/notification.ts';
import { forgetBook, listBooks, updateBook } from '../../../shared/notify/notify-book.ts';
import type { NotifyEntry } from '../../../shared/notify/notify-entry.ts';
import { nextTime } from '../../../shared/notify/take.ts';
import type { QueueRecord } from '../../queue-work.ts';
import { failureFields } from '../../report.ts';
import { sendBack } from './failed-work.ts';
import { formatDue, formatGone, type NotifyMessage, parseNotifyMessage } from './notify-message.ts';

/** Entries that are seen to at the same time: each waits for its provider. */
const ENTRIES = 50;
/** What goes from one document into another is in neither meanwhile: longer than it takes to put both. */
const GONE_FOR_MS = 2 * 60_000;

export interface NotifyBatchDeps extends DeliverDeps {
  /** As the documents in force have them. */
  readonly entries: readonly NotifyEntry[];
  /** Whether every document could be read: an entry that is not there has been taken away. */
  readonly isWhole: boolean;
  /** What is told of sources that were left suspended. */
  readonly leftSuspended: () => Promise<readonly Notification[]>;
  /** Sends a message to the own queue that nobody sees before so many milliseconds. */
  readonly send: (body: string, milliseconds: number) => Promise<void>;
  readonly queue: Pick<ReceivedMessages, 'returnAfter'>;
  readonly log: Log;
  /** Ends what gives messages back. */
  readonly lastSignal: AbortSignal;
}

interface Message {
  readonly record: QueueRecord;
  readonly message: NotifyMessage;
}

const isFor = ({ message }: Message, { name }: NotifyEntry): boolean =>
  message.kind === 'event' || message.kind === 'look' || (message.kind === 'due' && message.entry === name);

/**
 * Takes what there is to tell into the book of an entry, and sends what is due. What is left for later is asked for once,
 * by whoever made it so: a message that comes back may have died before it asked.
 */
async function notifyEntry(
  entry: NotifyEntry,
  messages: readonly Message[],
  {
    notifications,
    deps,
  }: { readonly notifications: readonly Notification[]; readonly deps: NotifyBatchDeps },
): Promise<void> {
  const { clock, send } = deps;
  let before: number | undefined;
  await updateBook(
    entry.name,
    (book) => {
      before = nextTime(book);
      return taken(book, entry, { notifications, now: clock.now(), isOrdered: false });
    },
    deps,
  );
  const next = await deliver(entry, deps);
  if (next === undefined) return;
  const isOwn = messages.some(
    ({ record, message }) => record.receives > 1 || (message.kind === 'due' && message.dueMs === next),
  );
  const now = clock.now();
  if (next === before && next > now && !isOwn) return;
  await send(formatDue(entry.name, next), Math.max(0, next - now));
}

/** Entries that a book is left of are asked after once more, when what is being moved is where it belongs. */
async function askForGone({ entries, isWhole, send, ...deps }: NotifyBatchDeps): Promise<void> {
  if (!isWhole) return;
  const names = new Set(entries.map(({ name }) => name));
  for (const name of await listBooks(deps)) if (!names.has(name)) await send(formatGone(name), GONE_FOR_MS);
}

async function forget(entry: string, deps: NotifyBatchDeps): Promise<void> {
  if (!deps.isWhole || deps.entries.some(({ name }) => name === entry)) return;
  await forgetBook(entry, deps);
  deps.log('info', 'notifications of an entry that is gone are forgotten', { notify: entry });
}

const malformed = (why: string): LandfallError =>
  new LandfallError('WEBHOOK_MALFORMED', `a message of the queue of notifications is ${why}`, {
    hint: 'Look at it in the dead-letter queue, and at who may send to the queue.',
  });

/** What a message has to tell; what it asks for besides is done. @throws LandfallError */
async function read(message: NotifyMessage, deps: NotifyBatchDeps): Promise<readonly Notification[]> {
  switch (message.kind) {
    case 'malformed':
      throw malformed(message.why);
    case 'event': {
      const notification = await notified(message.event, deps);
      return notification === undefined ? [] : [notification];
    }
    case 'look':
      await askForGone(deps);
      return deps.entries.length === 0 ? [] : deps.leftSuspended();
    case 'gone':
      await forget(message.entry, deps);
      return [];
    case 'due':
      return [];
  }
}

/**
 * Sees to a batch of the queue of notifications, each entry beside the others: what one of them waits for, or cannot
 * write, holds up no other. Returns ids of messages to be delivered again.
 */
export async function notifyBatch(
  records: readonly QueueRecord[],
  deps: NotifyBatchDeps,
): Promise<readonly string[]> {
  const { log, queue, signal, lastSignal, entries } = deps;
  const messages = records.map((record) => ({ record, message: parseNotifyMessage(record.body) }));
  const failed = new Map<QueueRecord, LandfallError>();
  const fail = (of: readonly Message[], thrown: unknown, what: Readonly<Record<string, string>>): void => {
    const error = asLandfallError(thrown);
    log('error', 'notifications wait', { ...what, ...failureFields(error) });
    for (const { record } of of) failed.set(record, error);
  };
  const found: Notification[] = [];
  for (const one of messages)
    await read(one.message, deps).then(
      (notifications) => found.push(...notifications),
      (error: unknown) => fail([one], error, {}),
    );
  const notifications = found.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  await eachOf(entries, { limit: ENTRIES, signal }, async (entry) => {
    const own = messages.filter((message) => isFor(message, entry));
    if (own.length === 0) return;
    await notifyEntry(entry, own, { notifications, deps }).catch((error: unknown) =>
      fail(own, error, { notify: entry.name }),
    );
  });
  for (const [record, { retryAfterMs }] of failed)
    await sendBack([record], retryAfterMs, { queue, log, signal: lastSignal });
  return [...failed.keys()].map(({ messageId }) => messageId);
}
