import { type Clock, steadyNow } from '../../clock.ts';
import { BoundedMap } from '../../kernel/bounded-map.ts';
import { Flights } from '../http/flight.ts';
import type { Token } from './token-request.ts';

/** Enough for as many repositories as one process watches. */
const MAX_TOKENS = 20_000;
/** A token is renewed before it ends: clocks differ, and a request takes its time. */
const SKEW_MS = 30_000;

/** A token for a request; `cached` ones may have been revoked since. */
export interface HeldToken {
  readonly value: string;
  readonly cached: boolean;
}

/** Tokens across calls, by registry, credential and scope. Callers who need the same one wait for one request. */
export class Tokens {
  readonly #clock: Clock;
  readonly #held = new BoundedMap<string, { readonly value: string; readonly until: number }>(MAX_TOKENS);
  readonly #flights = new Flights<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws LandfallError what `request` throws, or the signal's */
  async get(
    key: string,
    request: (signal: AbortSignal) => Promise<Token>,
    signal: AbortSignal | undefined,
  ): Promise<HeldToken> {
    const held = this.#held.get(key);
    if (held && held.until > steadyNow(this.#clock)) return { value: held.value, cached: true };
    const load = async (flight: AbortSignal): Promise<string> => {
      const asked = steadyNow(this.#clock);
      const { value, lifetimeMs } = await request(flight);
      this.#held.set(key, { value, until: asked + lifetimeMs - Math.min(SKEW_MS, lifetimeMs / 5) });
      return value;
    };
    return { value: await this.#flights.join(key, load, signal, 'token'), cached: false };
  }

  /** Forgets a token that was refused, unless another has taken its place meanwhile. */
  drop(key: string, value: string): void {
    if (this.#held.get(key)?.value === value) this.#held.delete(key);
  }
}
