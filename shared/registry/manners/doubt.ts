import type { Clock } from '../../clock.ts';
import { type Following, follow } from '../../kernel/follow.ts';
import { ENDED, Overdue } from '../../kernel/overdue.ts';
import { CONNECTION_DOUBT_MS, REGISTRY_IDLE_MS } from '../../limits.ts';

/** A request that may be sent more than once. */
export interface DoubtRequest<T> {
  /** Sends it, over a connection of its own where `isFresh`, and waits for the head of its answer. The signal ends the body as well. */
  readonly send: (isFresh: boolean, signal: AbortSignal) => Promise<T>;
  /** Throws away an answer that came too late. */
  readonly drop: (answer: T) => void;
  /** Calls `then` when the answer has been read, or thrown away. */
  readonly whenRead: (answer: T, then: () => void) => void;
  /** A fresh connection is answered and one from before is not: none from before is to be used any more. */
  readonly onLost: () => void;
  readonly signal: AbortSignal | undefined;
}

/** A request under way, until another of its kind is sent in its place or answered first. */
interface Sent extends Following {
  isLeft: boolean;
}

function leave(sent: Sent | undefined): void {
  if (sent === undefined) return;
  sent.isLeft = true;
  sent.controller.abort(ENDED);
}

/** One request, on its ordinary connection and on a fresh one beside it. Which is answered first counts. */
class Asked<T> {
  readonly #request: DoubtRequest<T>;
  readonly #ended = Promise.withResolvers<{ readonly answer: T; readonly isFresh: boolean }>();
  readonly answered = this.#ended.promise;
  #ordinary: Sent | undefined;
  #beside: Sent | undefined;

  constructor(request: DoubtRequest<T>) {
    this.#request = request;
  }

  /** In place of what was sent before. What it fails with, the request fails with. */
  send(): void {
    leave(this.#ordinary);
    this.#ordinary = this.#begin(false);
  }

  sendBeside(): void {
    leave(this.#beside);
    this.#beside = this.#begin(true);
  }

  #begin(isFresh: boolean): Sent {
    const { send, drop, whenRead, signal } = this.#request;
    const { controller, unfollow } = follow(signal);
    const sent: Sent = { controller, unfollow, isLeft: false };
    send(isFresh, controller.signal).then(
      (answer) => {
        whenRead(answer, unfollow);
        if (sent.isLeft) return drop(answer);
        this.#leaveAllBut(sent);
        this.#ended.resolve({ answer, isFresh });
      },
      (error: unknown) => {
        unfollow();
        if (sent.isLeft || isFresh) return;
        this.#leaveAllBut(sent);
        this.#ended.reject(error);
      },
    );
    return sent;
  }

  #leaveAllBut(kept: Sent): void {
    for (const sent of [this.#ordinary, this.#beside]) if (sent !== kept) leave(sent);
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
