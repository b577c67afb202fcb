import { type Clock, steadyNow, systemClock } from '../clock.ts';
import { LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { throwIfCancelled } from '../kernel/cancelled.ts';
import { formatSourceId, type SourceId } from '../model/ids.ts';
import type { HostFact } from './host-state.ts';
import { HostTurns } from './host-turns.ts';
import type { TriggerMessage, TriggerQueue } from './queue.ts';
import { isUrgent, joinTriggers, waitAfter } from './reconcile-again.ts';
import type { HostSigns, Turn } from './turn.ts';

/**
 * What came of a reconcile: `retry` asks to be redelivered after a wait, at least as long as the registry asked for;
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

/** Does the work of one trigger, and says by `signs` whether its host answers. One that throws is tried again. */
export type Consumer = (message: TriggerMessage, signal: AbortSignal, signs: HostSigns) => Promise<Verdict>;

export interface CoalescingQueueOptions {
  /** Reconciles at the same time, over all sources; those that wait for a host that does not answer are not counted. */
  readonly concurrency?: number;
  /** Sources the queue knows at the same time. */
  readonly capacity?: number;
  /** The registry that a reconcile of a source asks. Left out: one does not hold up another, as none is told apart. */
  readonly hostOf?: (source: SourceId) => string | undefined;
  readonly onHost?: (fact: HostFact) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export interface QueueDepth {
  readonly ready: number;
  readonly inFlight: number;
  /** Waiting to be tried or looked at again. */
  readonly waiting: number;
}

/** Until when a source waits, and until when no poll ends that. */
export type QueueWait = Readonly<Pick<Wait, 'until' | 'demandedUntil'>>;

const DEFAULT_CONCURRENCY = 8;
const DEFAULT_CAPACITY = 100_000;

/** One source in the queue: at most one in flight and one pending, however many triggers came. */
interface Entry {
  pending: TriggerMessage | undefined;
  isInFlight: boolean;
  attempts: number;
  retry: Wait | undefined;
}

/** Until a retry or another reconcile. */
interface Wait {
  readonly wake: AbortController;
  /** When it ends; milliseconds of the steady clock, as the others. */
  readonly until: number;
  /** Until when the registry asked us to wait: only a person ends that. */
  readonly demandedUntil: number;
  /** Until when webhooks do not end it. */
  readonly quietUntil: number;
}

type NextReconcile = Omit<Extract<Verdict, { verdict: 'again' }>, 'verdict'> & {
  readonly demandedMs?: number;
};

/** Until when this trigger leaves a wait alone. */
function heldUntil({ trigger }: TriggerMessage, { demandedUntil, quietUntil }: Wait): number {
  if (trigger === 'request') return 0;
  return trigger === 'webhook' ? Math.max(demandedUntil, quietUntil) : demandedUntil;
}

/**
 * The queue of one machine, as SQS is on AWS: at least once, never one source twice at a time. It holds nothing
 * that has to survive: whoever starts reconciles every source anyway.
 */
export class CoalescingQueue implements TriggerQueue {
  readonly #consume: Consumer;
  readonly #hostOf: (source: SourceId) => string | undefined;
  readonly #capacity: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #turns: HostTurns;
  readonly #abort = new AbortController();
  #inFlight = 0;
  #isClosed = false;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(consume: Consumer, options: CoalescingQueueOptions = {}) {
    this.#consume = consume;
    this.#hostOf = options.hostOf ?? (() => undefined);
    this.#capacity = options.capacity ?? DEFAULT_CAPACITY;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#turns = new HostTurns({
      slots: options.concurrency ?? DEFAULT_CONCURRENCY,
      clock: this.#clock,
      onFree: () => this.#startReady(),
      ...(options.onHost && { onHost: options.onHost }),
    });
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
    return { ready: this.#turns.size, inFlight: this.#inFlight, waiting };
  }

  /** When one that waits is tried again; undefined: it does not wait. Milliseconds since the epoch. */
  waitOf(source: SourceId): QueueWait | undefined {
    const retry = this.#entries.get(formatSourceId(source))?.retry;
    if (retry === undefined) return undefined;
    const since = this.#clock.now() - steadyNow(this.#clock);
    return { until: since + retry.until, demandedUntil: since + retry.demandedUntil };
  }

  /** Resolves when nothing is ready or in flight; what waits to be tried again does not count. */
  drain(): Promise<void> {
    if (this.#inFlight === 0 && this.#turns.size === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  /** Takes and starts nothing more, forgets what has not begun, and waits for what has. With `abort` that is told to end. */
  async close({ abort = false }: { readonly abort?: boolean } = {}): Promise<void> {
    this.#isClosed = true;
    this.#turns.clear();
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
      // A push or a person ends our own wait, and so does the interval after a failure: no source is reconciled less often
      // for having failed. What the registry asked for, only a person may ignore.
      if (!isUrgent(message.trigger) && entry.attempts === 0) return;
      const now = steadyNow(this.#clock);
      const held = heldUntil(message, retry);
      // It is looked at when that is over, or earlier: with what waits.
      if (held > now && retry.until <= held) return;
      entry.retry = undefined;
      retry.wake.abort();
      if (held > now) {
        const joined = entry.pending;
        entry.pending = undefined;
        const quietMs = retry.quietUntil - now;
        const demandedMs = retry.demandedUntil - now;
        this.#deliverLater(key, entry, { message: joined, afterMs: held - now, quietMs, demandedMs });
        return;
      }
    }
    this.#makeReady(key, entry.pending);
  }

  #makeReady(key: string, message: TriggerMessage): void {
    this.#turns.add(key, this.#hostOf(message), isUrgent(message.trigger));
  }

  #startReady(): void {
    for (let turn = this.#turns.take(); turn !== undefined; turn = this.#turns.take()) {
      const entry = this.#entries.get(turn.key);
      const message = entry?.pending;
      if (entry === undefined || message === undefined) {
        turn.end();
        continue;
      }
      entry.pending = undefined;
      entry.isInFlight = true;
      this.#inFlight += 1;
      void this.#run(turn, entry, message);
    }
    this.#settleIdle();
  }

  async #run(turn: Turn, entry: Entry, message: TriggerMessage): Promise<void> {
    const { key } = turn;
    let verdict: Verdict;
    try {
      verdict = await this.#consume(message, this.#abort.signal, turn);
    } catch {
      // A consumer records its failures itself; one that could not is a failure for the moment.
      verdict = { verdict: 'retry' };
    }
    turn.end();
    entry.isInFlight = false;
    this.#inFlight -= 1;
    if (this.#isClosed || verdict.verdict === 'done') this.#finish(key, entry);
    else if (verdict.verdict === 'again') this.#reconcileAgain(key, entry, verdict);
    else this.#retryLater(key, entry, message, verdict.retryAfterMs);
    this.#startReady();
  }

  #finish(key: string, entry: Entry): void {
    entry.attempts = 0;
    if (entry.pending === undefined) this.#entries.delete(key);
    else this.#makeReady(key, entry.pending);
  }

  #retryLater(key: string, entry: Entry, message: TriggerMessage, retryAfterMs: number | undefined): void {
    entry.attempts += 1;
    const afterMs = waitAfter(entry.attempts, retryAfterMs, this.#random());
    this.#deliverLater(key, entry, { message, afterMs, demandedMs: retryAfterMs ?? 0 });
  }

  #reconcileAgain(key: string, entry: Entry, next: NextReconcile): void {
    entry.attempts = 0;
    this.#deliverLater(key, entry, next);
  }

  #deliverLater(
    key: string,
    entry: Entry,
    { message, afterMs, quietMs = 0, demandedMs = 0 }: NextReconcile,
  ): void {
    const cameMeanwhile = entry.pending;
    const now = steadyNow(this.#clock);
    const retry = {
      wake: new AbortController(),
      until: now + afterMs,
      demandedUntil: now + Math.min(demandedMs, afterMs),
      quietUntil: now + quietMs,
    };
    entry.retry = retry;
    entry.pending = message;
    const wake = (): void => {
      if (entry.retry !== retry || this.#isClosed) return;
      entry.retry = undefined;
      this.#makeReady(key, entry.pending ?? message);
      this.#startReady();
    };
    this.#clock.sleep(afterMs, retry.wake.signal).then(wake, () => undefined);
    if (cameMeanwhile !== undefined) this.#add(cameMeanwhile);
  }

  #settleIdle(): void {
    if (this.#inFlight > 0 || this.#turns.size > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}
