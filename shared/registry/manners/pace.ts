import { type Clock, steadyNow } from '../../clock.ts';
import { isLandfallError, LandfallError } from '../../errors.ts';
import { BACKOFF, backoffMs } from '../../kernel/backoff.ts';
import { BoundedMap } from '../../kernel/bounded-map.ts';
import { REGISTRY_PAUSE_MS, RETRY_AFTER_WAIT_MS } from '../../limits.ts';
import { abortError } from '../http/network-error.ts';
import { Doubt } from './doubt.ts';
import type { PaceRule } from './pace-rule.ts';
import type { RetryPolicy } from './retry.ts';
import { Turns } from './turns.ts';

/** Who wants to be let through. */
export interface Caller {
  readonly rule: PaceRule;
  /** For messages: `GET https://…`. */
  readonly what: string;
  readonly signal: AbortSignal | undefined;
}

/** An origin, as it is asked on behalf of a registry: itself, its token service, or where it redirects to. */
export interface PacedOrigin {
  readonly origin: string;
  /** The registry's origin. */
  readonly home: string;
}

interface Host {
  readonly turns: Turns;
  readonly doubt: Doubt;
  pausedUntil: number;
  /** Refusals in a row that named no time. */
  refusals: number;
}

/** Enough for the registries, token services and storage that one process meets. */
const MAX_HOSTS = 1000;

/**
 * Manners towards each origin, for every source of this process together: how many requests are under way, how
 * many a minute, and a pause for all when one of them is told to wait. What a registry sends us to is kept apart for
 * each registry: none can make another's host seem slow, or refuse us.
 */
export class Paces {
  readonly #clock: Clock;
  readonly #retry: RetryPolicy;
  readonly #hosts = new BoundedMap<string, Host>(MAX_HOSTS);

  constructor(clock: Clock, retry: RetryPolicy) {
    this.#clock = clock;
    this.#retry = retry;
  }

  /**
   * Waits until a request may go to `place`; the function given back is called when the head of its answer is there.
   * @throws LandfallError RATE_LIMITED where the origin asked for a longer wait than a call should sit out;
   * REGISTRY_TIMEOUT, CANCELLED
   */
  async enter(paced: PacedOrigin, caller: Caller): Promise<() => void> {
    const host = this.#host(paced);
    const { rule, signal } = caller;
    // A pause is sat out without a place: when it ends, who asks first is alone.
    await this.#sitOut(host, paced.origin, caller);
    try {
      await host.turns.take(rule, signal);
    } catch (error) {
      if (!signal?.aborted || isLandfallError(error)) throw error;
      throw this.#cutOff(host, paced.origin, signal, caller.what);
    }
    const leave = (): void => host.turns.give();
    try {
      await this.#sitOut(host, paced.origin, caller);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Takes note of a refusal: "too many", or "not now" with a time, holds for everybody who asks `place`. */
  heed(paced: PacedOrigin, error: LandfallError): LandfallError {
    const isAsked = error.retryAfterMs !== undefined && error.code === 'REGISTRY_UNAVAILABLE';
    if (error.code !== 'RATE_LIMITED' && !isAsked) return error;
    const host = this.#host(paced);
    const now = steadyNow(this.#clock);
    host.turns.isSingle ||= error.retryAfterMs === undefined;
    // What was refused during a pause had been sent before it: many at once are one refusal.
    if (error.retryAfterMs === undefined && host.pausedUntil > now) return error;
    const own = backoffMs({ ...BACKOFF.pause, firstMs: this.#retry.baseMs }, host.refusals + 1);
    if (error.retryAfterMs === undefined) host.refusals += 1;
    const wait = Math.min(error.retryAfterMs ?? own, REGISTRY_PAUSE_MS);
    host.pausedUntil = Math.max(host.pausedUntil, now + wait);
    return error;
  }

  /** `place` answered as wanted. */
  welcome(paced: PacedOrigin): void {
    const host = this.#host(paced);
    host.refusals = 0;
    host.turns.isSingle = false;
  }

  /** Of the connections to `place`. */
  doubt(paced: PacedOrigin): Doubt {
    return this.#host(paced).doubt;
  }

  #host({ origin, home }: PacedOrigin): Host {
    const key = `${origin} ${home}`;
    const known = this.#hosts.get(key);
    if (known !== undefined) return known;
    const made: Host = {
      turns: new Turns(this.#clock),
      doubt: new Doubt(this.#clock),
      pausedUntil: 0,
      refusals: 0,
    };
    this.#hosts.set(key, made);
    return made;
  }

  async #sitOut(host: Host, origin: string, { signal, what }: Caller): Promise<void> {
    for (;;) {
      const left = host.pausedUntil - steadyNow(this.#clock);
      if (left <= 0) return;
      if (left > RETRY_AFTER_WAIT_MS) throw paused(what, origin, left);
      try {
        await this.#clock.sleep(left, signal);
      } catch (reason) {
        if (!signal?.aborted) throw reason;
        throw this.#cutOff(host, origin, signal, what);
      }
    }
  }

  /** Who ran out of time while the host wanted none of it says that, which is no silence of the host. */
  #cutOff(host: Host, origin: string, signal: AbortSignal, what: string): LandfallError {
    const ended = abortError(signal, what);
    const left = Math.max(0, host.pausedUntil - steadyNow(this.#clock));
    const isRefusing = left > 0 || host.turns.isSingle;
    return ended.code === 'REGISTRY_TIMEOUT' && isRefusing ? paused(what, origin, left) : ended;
  }
}

const paused = (what: string, origin: string, left: number): LandfallError =>
  new LandfallError(
    'RATE_LIMITED',
    `${what}: not sent, as ${origin} asked for a pause that lasts another ${Math.ceil(left / 1000)} s`,
    {
      hint: 'Log in for a higher limit, lengthen the interval of the sources on this host, or wait.',
      retryAfterMs: left,
    },
  );
