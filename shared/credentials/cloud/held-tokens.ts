import { type Clock, steadyNow } from '../../clock.ts';
import type { Credential } from '../../registry/client.ts';
import type { Given } from '../offer.ts';

/** A credential that was made for us and ends. */
export interface LivingToken {
  readonly credential: Credential;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Where a token comes from. Equal keys are the same token. */
export interface TokenSource {
  readonly key: string;
  /** @throws LandfallError CREDENTIAL_UNREADABLE, REGISTRY_UNAVAILABLE while whoever gives it does not answer */
  ask(): Promise<LivingToken>;
}

interface Held {
  readonly token: Promise<LivingToken>;
  /** Milliseconds of the steady clock. */
  until: number;
}

/** Part of a token's life after which another is asked for: clocks differ, and a pull takes its time. */
const KEPT_SHARE = 0.8;
/** Where an answer does not say when its token ends. */
export const SHORTEST_LIFE_MS = 5 * 60_000;

/** Asks for tokens, one call each however many repositories wait, and keeps them for most of their life. */
export class HeldTokens {
  readonly #clock: Pick<Clock, 'now' | 'steady'>;
  readonly #held = new Map<string, Held>();

  constructor(clock: Pick<Clock, 'now' | 'steady'>) {
    this.#clock = clock;
  }

  /** @throws what the source throws; a failure is not kept */
  async get({ key, ask }: TokenSource): Promise<Given> {
    const now = steadyNow(this.#clock);
    const wallNow = this.#clock.now();
    const known = this.#held.get(key);
    if (known !== undefined && now < known.until) return this.#given(known);
    // Whoever comes while the call is under way waits for it.
    const holding: Held = { token: ask(), until: Number.POSITIVE_INFINITY };
    this.#held.set(key, holding);
    try {
      const { expiresAt } = await holding.token;
      holding.until = now + (expiresAt - wallNow) * KEPT_SHARE;
    } catch (error) {
      if (this.#held.get(key) === holding) this.#held.delete(key);
      throw error;
    }
    return this.#given(holding);
  }

  /** What they were made from may be another secret now. */
  forget(): void {
    this.#held.clear();
  }

  async #given(held: Held): Promise<Given> {
    const { credential } = await held.token;
    return { credential, keepMs: held.until - steadyNow(this.#clock) };
  }
}
