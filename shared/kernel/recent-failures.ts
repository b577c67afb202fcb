import { FAILED_ASK_MS, FAILED_ASKS } from '../limits.ts';

interface Failure {
  readonly error: unknown;
  readonly at: number;
}

/** Why others could not be asked, by name: whoever asks again within a minute is told the same, and waits for nobody. */
export class RecentFailures {
  readonly #failures = new Map<string, Failure>();

  /** @throws what was thrown before */
  rethrow(name: string, now: number): void {
    const before = this.#failures.get(name);
    if (before !== undefined && now < before.at + FAILED_ASK_MS) throw before.error;
    this.#failures.delete(name);
  }

  /** The oldest is forgotten where there are many. */
  add(name: string, error: unknown, now: number): void {
    this.#failures.delete(name);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= FAILED_ASKS && oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(name, { error, at: now });
  }
}
