import type { Clock } from '../../clock.ts';
import { Overdue } from '../../kernel/overdue.ts';
import { CONNECTION_DOUBT_MS, REGISTRY_IDLE_MS } from '../../limits.ts';

/** A request that may be sent more than once. */
export interface DoubtRequest<T> {
  /** Sends it, over a connection of its own where `isFresh`, and waits for the head of its answer. The signal ends the body as well. */
  readonly send: (isFresh: boolean, signal: AbortSignal) => Promise<T>;
  /** Throws away an answer that came too late. */
  readonly drop: (answer: T) => void;
  /** A fresh connection is answered and one from before is not: none from before is to be used any more. */
  readonly onLost: () => void;
  readonly signal: AbortSignal | undefined;
}

/** One request, on its ordinary connection and on a fresh one beside it. Which is answered first counts. */
class Asked<T> {
  readonly #request: DoubtRequest<T>;
  readonly #ended = Promise.withResolvers<{ readonly answer: T; readonly isFresh: boolean }>();
  readonly answered = this.#ended.promise;
  #ordinary: AbortController | undefined;
  #beside: AbortController | undefined;

  constructor(request: DoubtRequest<T>) {
    this.#request = request;
  }

  /** In place of what was sent before. What it fails with, the request fails with. */
  send(): void {
    this.#ordinary?.abort();
    this.#ordinary = this.#begin(false);
  }

  sendBeside(): void {
    this.#beside?.abort();
    this.#beside = this.#begin(true);
  }

  #begin(isFresh: boolean): AbortController {
    const { send, drop, signal } = this.#request;
    const own = new AbortController();
    send(isFresh, signal === undefined ? own.signal : AbortSignal.any([signal, own.signal])).then(
      (answer) => {
        if (own.signal.aborted) return drop(answer);
        this.#endAllBut(own);
        this.#ended.resolve({ answer, isFresh });
      },
      (error: unknown) => {
        if (own.signal.aborted || isFresh) return;
        this.#endAllBut(own);
        this.#ended.reject(error);
      },
    );
    return own;
  }

  #endAllBut(kept: AbortController): void {
    for (const sent of [this.#ordinary, this.#beside]) if (sent !== kept) sent?.abort();
  }
}

type Late = Pick<Asked<unknown>, 'send' | 'sendBeside'>;

/**
 * Whether a host is silent, or a connection to it is lost: what is sent on such a one is never answered, and nobody is
 * told. Of the requests to a host that wait long for the head of their answer, one is sent again on a fresh
 * connection beside the old one, time after time. Where that is answered first, connections are made anew and the other late requests
 * are sent again; where the old one is, the host is slow, and has twice as long from then on.
 */
export class Doubt {
  readonly #open: Overdue<Late>;
  readonly #late = new Set<Late>();
  /** Which of the late ones is sent on fresh connections: never two of one host. */
  #trying: Late | undefined;
  #patienceMs = CONNECTION_DOUBT_MS;

  constructor(clock: Clock) {
    this.#open = new Overdue({
      clock,
      afterMs: () => this.#patienceMs,
      onOverdue: (asked) => this.#isLate(asked),
    });
  }

  /** @throws what `send` threw for the ordinary connection */
  async ask<T>(request: DoubtRequest<T>): Promise<T> {
    const asked = new Asked(request);
    asked.send();
    this.#open.add(asked);
    try {
      const { answer, isFresh } = await asked.answered;
      if (isFresh) this.#renew(asked, request.onLost);
      else if (this.#trying === asked) this.#patienceMs = Math.min(this.#patienceMs * 2, REGISTRY_IDLE_MS);
      return answer;
    } finally {
      this.#open.delete(asked);
      this.#late.delete(asked);
      if (this.#trying === asked) this.#trying = undefined;
    }
  }

  #isLate(asked: Late): void {
    this.#late.add(asked);
    this.#trying ??= asked;
    if (this.#trying === asked) asked.sendBeside();
  }

  #renew(answered: Late, onLost: () => void): void {
    this.#patienceMs = CONNECTION_DOUBT_MS;
    onLost();
    this.#late.delete(answered);
    for (const other of this.#late) other.send();
    this.#late.clear();
  }
}
