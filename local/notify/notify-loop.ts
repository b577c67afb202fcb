import { asLandfallError } from '../../shared/errors.ts';
import { endOfLog, eventsFrom } from '../../shared/event/read-events.ts';
import { BACKOFF, backoffMs } from '../../shared/kernel/backoff.ts';
import type { Log } from '../../shared/log.ts';
import { type DeliverDeps, deliver } from '../../shared/notify/deliver.ts';
import { notified, taken } from '../../shared/notify/intake.ts';
import type { Notification } from '../../shared/notify/notification.ts';
import { forgetBook, type NotifyBook, readBook, updateBook } from '../../shared/notify/notify-book.ts';
import type { NotifyEntry } from '../../shared/notify/notify-entry.ts';

/** Events that one write of the book works through. */
const BATCH = 100;
/** Messages that wait for one provider: from here on the log is read no further until some are sent. */
const WAITING = 200;
/** How often the log is looked at for what nobody woke it for: other commands write to it, too. */
const LOOK_MS = 1_000;

export interface NotifyLoopDeps extends DeliverDeps {
  /** The store's folder. */
  readonly root: string;
  readonly log: Log;
  /** As the documents have it now; undefined: it is gone. */
  readonly entry: () => NotifyEntry | undefined;
}

/** One entry of `notify` on one machine: a consumer of the log of events, at its own pace. */
export class NotifyLoop {
  readonly #name: string;
  readonly #deps: NotifyLoopDeps;
  #alarm = new AbortController();
  #hasBegun = false;

  constructor(name: string, deps: NotifyLoopDeps) {
    this.#name = name;
    this.#deps = deps;
  }

  /** Begins where the log ends, if it has not begun before: nobody is told of what was before they were to be told. */
  async begin(): Promise<void> {
    const { root } = this.#deps;
    if (this.#hasBegun) return;
    if ((await readBook(this.#name, this.#deps)) === undefined) {
      const position = await endOfLog(root);
      await updateBook(this.#name, (book) => ({ ...book, position: book.position ?? position }), this.#deps);
    }
    this.#hasBegun = true;
  }

  /** Has it look now. */
  wake(): void {
    this.#alarm.abort();
  }

  /** Takes what is told of besides events. */
  async tell(notifications: readonly Notification[]): Promise<void> {
    const entry = this.#deps.entry();
    if (entry === undefined) return;
    const now = this.#deps.clock.now();
    await updateBook(this.#name, (book) => taken(book, entry, { notifications, now }), this.#deps);
    this.wake();
  }

  /** Reads what is new, and sends what is due. When there is more to do; milliseconds since the epoch. */
  async turn(): Promise<number | undefined> {
    const entry = this.#deps.entry();
    if (entry === undefined) return undefined;
    while (await this.#read(entry)) if (this.#deps.signal.aborted) return undefined;
    return deliver(entry, this.#deps);
  }

  /** Goes on until the signal aborts, or the entry is gone. */
  async run(): Promise<void> {
    const { clock, signal, log } = this.#deps;
    let fails = 0;
    while (!signal.aborted && this.#deps.entry() !== undefined) {
      this.#alarm = new AbortController();
      let waitMs = LOOK_MS;
      try {
        // It may not have been able to when it was to.
        await this.begin();
        const next = await this.turn();
        if (next !== undefined) waitMs = Math.max(0, Math.min(LOOK_MS, next - clock.now()));
        fails = 0;
      } catch (thrown) {
        if (signal.aborted) return;
        fails += 1;
        waitMs = backoffMs(BACKOFF.notify, fails);
        const { code, message: error } = asLandfallError(thrown);
        if (fails === 1) log('error', 'notifications wait', { notify: this.#name, code, error });
      }
      await clock.sleep(waitMs, AbortSignal.any([signal, this.#alarm.signal])).catch(() => undefined);
    }
    if (signal.aborted) return;
    this.#hasBegun = false;
    await forgetBook(this.#name, this.#deps);
  }

  /** Works through the next events of the log; whether there may be more. */
  async #read(entry: NotifyEntry): Promise<boolean> {
    const { root, clock } = this.#deps;
    const book = await readBook(this.#name, this.#deps);
    // A provider that takes nothing keeps what is to be told in the log, where it is as safe.
    if (book === undefined || book.outbox.length >= WAITING) return false;
    const notifications: Notification[] = [];
    let position = book.position ?? { segment: 0, offset: 0 };
    let count = 0;
    for await (const { event, next } of eventsFrom(root, position)) {
      position = next;
      count += 1;
      const notification = event && (await notified(event, this.#deps));
      if (notification !== undefined) notifications.push(notification);
      if (count >= BATCH) break;
    }
    if (count === 0) return false;
    const now = clock.now();
    const next = (each: NotifyBook): NotifyBook => ({
      ...taken(each, entry, { notifications, now }),
      position,
    });
    await updateBook(this.#name, next, this.#deps);
    return count >= BATCH;
  }
}
