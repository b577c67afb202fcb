import { randomBytes } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { Scope } from './scope.ts';

export interface IssuedToken {
  readonly scopes: readonly Scope[];
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Tokens are forgotten beyond this many, the oldest first. */
const KNOWN_TOKENS = 10_000;

/** Opaque bearer tokens and what they are good for. */
export class TokenIssuer {
  readonly #clock: Clock;
  readonly #tokens = new Map<string, IssuedToken>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(scopes: readonly Scope[], seconds: number): string {
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size >= KNOWN_TOKENS && oldest !== undefined) this.#tokens.delete(oldest);
    const token = randomBytes(24).toString('base64url');
    this.#tokens.set(token, { scopes, expiresAt: this.#clock.now() + seconds * 1000 });
    return token;
  }

  /** What the token grants; 'expired' past its time, undefined where it was never issued. */
  find(token: string): readonly Scope[] | 'expired' | undefined {
    const issued = this.#tokens.get(token);
    if (issued === undefined) return undefined;
    return issued.expiresAt <= this.#clock.now() ? 'expired' : issued.scopes;
  }

  /** Every token issued so far is past its time from now on. */
  expireAll(): void {
    for (const [token, { scopes }] of this.#tokens) this.#tokens.set(token, { scopes, expiresAt: 0 });
  }
}
