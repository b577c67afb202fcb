import { errnoOf } from '../shared/errors.ts';

/** What keeps `serve` from its work at the moment, by what it is of. */
export class ServeFaults {
  readonly #faults = new Map<string, string>();
  #tick: { readonly at: number; readonly patienceMs: number } | undefined;
  readonly #now: () => number;

  /** @param now milliseconds of the steady clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes what went wrong with `what`, as it was thrown; undefined: nothing any more. */
  noting(what: string): (failure: unknown) => void {
    return (failure) => {
      if (failure === undefined) this.#faults.delete(what);
      else this.#faults.set(what, errnoOf(failure) ?? String(failure));
    };
  }

  /** The schedule is alive, and says so again within `patienceMs`. */
  ticked(patienceMs: number): void {
    this.#tick = { at: this.#now(), patienceMs };
  }

  /** A line each; none: all is well. */
  lines(): readonly string[] {
    return [...[...this.#faults].map(([what, why]) => `${what}: ${why}`), ...this.deadLines()];
  }

  /** The same of what only another start helps against. */
  deadLines(): readonly string[] {
    const sinceMs = this.#tick === undefined ? 0 : this.#now() - this.#tick.at;
    if (this.#tick === undefined || sinceMs <= this.#tick.patienceMs) return [];
    return [`schedule: nothing was looked at for ${Math.round(sinceMs / 1000)} s`];
  }
}
