import { type Clock, systemClock } from '../clock.ts';
import { LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { throwIfCancelled } from '../kernel/cancelled.ts';
import { formatSourceId } from '../model/ids.ts';
import { waitAfter } from './backoff.ts';
import { isUrgent, joinTriggers } from './look-again.ts';
import type { TriggerMessage, TriggerQueue } from './queue.ts';
import { ReadyLanes } from './ready-lanes.ts';

/**
 * What came of a look: `retry` asks to be redelivered after a wait, at least as long as the registry asked for;
 * `again` has another message delivered after its wait, and is no failure.
 */
export type Verdict =
  | { readonly verdict: 'done' }
  | { readonly verdict: 'retry'; readonly retryAfterMs?: number | undefined }
  | {
      readonly verdict: 'again';
      readonly afterMs: number;
      readonly message: TriggerMessage;
      /** How long webhooks are not to end that wait. Left out: each does at once. */
      readonly quietMs?: number;
    };

/** Does the work of one trigger. One that throws is tried again. */
export type Consumer = (message: TriggerMessage, signal: AbortSignal) => Promise<Verdict>;

export interface CoalescingQueueOptions {
  /** Looks at the same time, over all sources. */
  readonly concurrency?: number;
  /** Sources the queue knows at the same time. */
  readonly capacity?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export interface QueueDepth {
  readonly ready: number;
  readonly inFlight: number;
  /** Waiting to be tried or looked at again. */
  readonly waiting: number;
}

const DEFAULT_CONCURRENCY = 8;
const DEFAULT_CAPACITY = 100_000;

/** One source in the queue: at most one in flight and one pending, however many triggers came. */
interface Entry {
  pending: TriggerMessage | undefined;
  isInFlight: boolean;
  attempts: number;
  retry: Wait | undefined;
}

/** Until a retry or another look. */
interface Wait {
  readonly wake: AbortController;
  /** The registry asked for it. */
  readonly isDemanded: boolean;
  /** When it ends, and until when webhooks do not end it; milliseconds since the epoch. */
  readonly until: number;
  readonly quietUntil: number;
}

type NextLook = Omit<Extract<Verdict, { verdict: 'again' }>, 'verdict'> & { readonly isDemanded: boolean };

/**
 * The queue of one machine, as SQS is on AWS: at least once, never one source twice at a time. It holds nothing
 * that has to survive: whoever starts looks at every source anyway.
 */
export class CoalescingQueue implements TriggerQueue {
  readonly #consume: Consumer;
  readonly #concurrency: number;
  readonly #capacity: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #ready = new ReadyLanes();
  readonly #abort = new AbortController();
  #inFlight = 0;
  #isClosed = false;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(consume: Consumer, options: CoalescingQueueOptions = {}) {
    this.#consume = consume;
    this.#concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
    this.#capacity = options.capacity ?? DEFAULT_CAPACITY;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  /** @throws LandfallError QUEUE_UNAVAILABLE when closed or full; then none of the messages is taken */
  async enqueue(messages: readonly TriggerMessage[], { signal }: CallOptions = {}): Promise<void> {
    throwIfCancelled('enqueue', signal);
    if (this.#isClosed)
      throw new LandfallError('QUEUE_UNAVAILABLE', 'the queue is closed: Landfall is stopping');
    const unknown = new Set(messages.map(formatSourceId).filter((key) => !this.#entries.has(key)));
    if (this.#entries.size + unknown.size > this.#capacity) {
      throw new LandfallError(
        'QUEUE_UNAVAILABLE',
        `the queue holds ${this.#entries.size} sources and is full`,
      );
    }
    for (const message of messages) this.#add(message);
    this.#startReady();
  }

  depth(): QueueDepth {
    const waiting = [...this.#entries.values()].filter(({ retry }) => retry !== undefined).length;
    return { ready: this.#ready.size, inFlight: this.#inFlight, waiting };
  }

  /** Resolves when nothing is ready or in flight; what waits to be tried again does not count. */
  drain(): Promise<void> {
    if (this.#inFlight === 0 && this.#ready.size === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  /** Takes and starts nothing more, forgets what has not begun, and waits for what has. With `abort` that is told to end. */
  async close({ abort = false }: { readonly abort?: boolean } = {}): Promise<void> {
    this.#isClosed = true;
    this.#ready.clear();
    for (const entry of this.#entries.values()) {
      entry.pending = undefined;
      entry.retry?.wake.abort();
    }
    if (abort) this.#abort.abort(new LandfallError('CANCELLED', 'Landfall is stopping'));
    this.#settleIdle();
    await this.drain();
  }

  #add(message: TriggerMessage): void {
    const key = formatSourceId(message);
    const entry = this.#entries.get(key) ?? {
      pending: undefined,
      isInFlight: false,
      attempts: 0,
      retry: undefined,
    };
    this.#entries.set(key, entry);
    const { pending, retry } = entry;
    entry.pending = pending === undefined ? message : joinTriggers(pending, message);
    if (entry.isInFlight) return;
    if (retry !== undefined) {
      // A push or a person ends our own wait, and so does the interval after a failure: no source is looked at less often
      // for having failed. What the registry asked for, only a person may ignore.
      const endsOwn = isUrgent(message.trigger) || entry.attempts > 0;
      const endsWait = message.trigger === 'request' || (!retry.isDemanded && endsOwn);
      if (!endsWait) return;
      const quietMs = message.trigger === 'webhook' ? retry.quietUntil - this.#clock.now() : 0;
      // It is looked at when the quiet ends, or earlier: with what waits.
      if (quietMs > 0 && retry.until <= retry.quietUntil) return;
      entry.retry = undefined;
      retry.wake.abort();
      if (quietMs > 0) {
        const joined = entry.pending;
        entry.pending = undefined;
        this.#deliverLater(key, entry, { message: joined, afterMs: quietMs, quietMs, isDemanded: false });
        return;
      }
    }
    this.#ready.add(key, isUrgent(entry.pending.trigger));
  }

  #startReady(): void {
    while (this.#inFlight < this.#concurrency) {
      const key = this.#ready.take();
      const entry = key === undefined ? undefined : this.#entries.get(key);
      if (key === undefined || entry?.pending === undefined) break;
      const message = entry.pending;
      entry.pending = undefined;
      entry.isInFlight = true;
      this.#inFlight += 1;
      void this.#run(key, entry, message);
    }
    this.#settleIdle();
  }

  async #run(key: string, entry: Entry, message: TriggerMessage): Promise<void> {
    let verdict: Verdict;
    try {
      verdict = await this.#consume(message, this.#abort.signal);
    } catch {
      // A consumer records its failures itself; one that could not is a failure for the moment.
      verdict = { verdict: 'retry' };
    }
    entry.isInFlight = false;
    this.#inFlight -= 1;
    if (this.#isClosed || verdict.verdict === 'done') this.#finish(key, entry);
    else if (verdict.verdict === 'again') this.#lookAgain(key, entry, verdict);
    else this.#retryLater(key, entry, message, verdict.retryAfterMs);
    this.#startReady();
  }

  #finish(key: string, entry: Entry): void {
    entry.attempts = 0;
    if (entry.pending === undefined) this.#entries.delete(key);
    else this.#ready.add(key, isUrgent(entry.pending.trigger));
  }

  #retryLater(key: string, entry: Entry, message: TriggerMessage, retryAfterMs: number | undefined): void {
    entry.attempts += 1;
    const afterMs = waitAfter(entry.attempts, retryAfterMs, this.#random());
    this.#deliverLater(key, entry, { message, afterMs, isDemanded: retryAfterMs !== undefined });
  }

  #lookAgain(key: string, entry: Entry, next: Omit<NextLook, 'isDemanded'>): void {
    entry.attempts = 0;
    this.#deliverLater(key, entry, { ...next, isDemanded: false });
  }

  #deliverLater(key: string, entry: Entry, { message, afterMs, quietMs = 0, isDemanded }: NextLook): void {
    const cameMeanwhile = entry.pending;
    const now = this.#clock.now();
    const retry = {
      wake: new AbortController(),
      isDemanded,
      until: now + afterMs,
      quietUntil: now + quietMs,
    };
    entry.retry = retry;
    entry.pending = message;
    const wake = (): void => {
      if (entry.retry !== retry || this.#isClosed) return;
      entry.retry = undefined;
      this.#ready.add(key, isUrgent(entry.pending?.trigger ?? message.trigger));
      this.#startReady();
    };
    this.#clock.sleep(afterMs, retry.wake.signal).then(wake, () => undefined);
    if (cameMeanwhile !== undefined) this.#add(cameMeanwhile);
  }

  #settleIdle(): void {
    if (this.#inFlight > 0 || this.#ready.size > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}
