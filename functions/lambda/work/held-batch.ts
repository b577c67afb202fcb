import type { ReceivedMessages } from '../../../shared/aws/messages/received-messages.ts';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import { asLandfallError } from '../../../shared/errors.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import type { Log } from '../../../shared/log.ts';
import type { QueueRecord } from '../../queue-work.ts';

/** From here on what is done is told at once: until then the answer of the whole batch is soon enough. */
const EARLY_MS = 1_000;
/** How long a message stays hidden without a word from us: a crash hides its neighbours for no longer. */
const HIDDEN_MS = 60_000;
const RENEW_MS = 20_000;

export interface HeldBatchDeps extends CallOptions {
  readonly queue: Pick<ReceivedMessages, 'returnAfter' | 'remove'>;
  readonly log: Log;
  /** What waits are made by. Default: the system's. */
  readonly waits?: Pick<Clock, 'sleep'> | undefined;
}

/**
 * The messages of one batch, while it is worked on. Lambda deletes what is done when all of it is, and its queue hides
 * the batch for longer than any invocation may take: so one slow message would keep the groups of its neighbours closed,
 * and one that ends the invocation would hide them for half an hour. What is done is deleted here instead, and what is
 * not is hidden for a minute at a time. A batch of one has no neighbours, and costs no call.
 */
export class HeldBatch {
  readonly #deps: HeldBatchDeps;
  readonly #open: Set<QueueRecord>;
  readonly #over = new AbortController();
  #done: QueueRecord[] = [];
  #isLate = false;
  #calls: Promise<unknown> = Promise.resolve();

  constructor(records: readonly QueueRecord[], deps: HeldBatchDeps) {
    this.#deps = deps;
    this.#open = new Set(records);
    if (records.length < 2) return;
    // What came before may have ended an invocation: its neighbours are not to wait for long if it does so again.
    this.#wait(this.#hide(records.some(({ receives }) => receives > 1) ? 0 : EARLY_MS));
    this.#wait(this.#logLate());
  }

  /** Done, and not to come again. */
  done(records: readonly QueueRecord[]): void {
    for (const record of records) this.#open.delete(record);
    this.#done.push(...records);
    if (this.#isLate) this.#wait(this.flush());
  }

  /** Sent back with a wait of its own. */
  returned(records: readonly QueueRecord[]): void {
    for (const record of records) this.#open.delete(record);
  }

  /** Deletes now what is done, if anything is left to do. */
  flush(): Promise<unknown> {
    if (this.#open.size > 0) {
      const { queue, signal } = this.#deps;
      for (const { receiptHandle } of this.#done.splice(0)) {
        const removed = queue.remove(receiptHandle, { signal }).catch(this.#warn);
        this.#calls = Promise.all([this.#calls, removed]);
      }
    }
    return this.#calls;
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.#calls;
  }

  /** Nobody's to wait for: what goes wrong is logged. */
  #wait(work: Promise<unknown>): void {
    work.catch(this.#warn);
  }

  async #hide(firstMs: number): Promise<void> {
    const { queue, waits = systemClock, signal } = this.#deps;
    // What ends at once is not worth the calls.
    for (let wait = firstMs; ; wait = RENEW_MS) {
      try {
        await waits.sleep(wait, this.#over.signal);
      } catch {
        return;
      }
      const hide = ({ receiptHandle }: QueueRecord): Promise<void> =>
        queue.returnAfter(receiptHandle, HIDDEN_MS, { signal });
      const hidden = [...this.#open].map(hide);
      await Promise.all(hidden).catch(this.#warn);
    }
  }

  async #logLate(): Promise<void> {
    const { waits = systemClock } = this.#deps;
    await waits.sleep(EARLY_MS, this.#over.signal).then(
      () => {
        this.#isLate = true;
        this.#wait(this.flush());
      },
      () => undefined,
    );
  }

  readonly #warn = (error: unknown): void => {
    this.#deps.log('warn', 'messages stay hidden for longer', { error: asLandfallError(error).message });
  };
}
