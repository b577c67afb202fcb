import type { Clock } from '../clock.ts';

const FIRST_LOOK_MS = 1_000;

/**
 * When to look at a target of which nothing tells, as on one machine: after a second, and then as often as its work has
 * taken twice as long; never less often than its kind asks.
 */
export const lookSoonMs = (askedMs: number, underWayMs: number): number =>
  Math.min(askedMs, Math.max(FIRST_LOOK_MS, underWayMs));

/** What there is to do for one deploy and source, one look after the other. */
export class DeployLoop {
  #isWoken = false;
  #isOver = false;
  #alarm: AbortController | undefined;

  /** Has it look again at once, also while it waits; false where it is over, and another has to be begun. */
  wake(): boolean {
    this.#isWoken = true;
    this.#alarm?.abort();
    return !this.#isOver;
  }

  /**
   * Looks until there is nothing left to do.
   * @param look says in how many milliseconds to look again; undefined: nothing is left. Never throws
   */
  async run(
    look: () => Promise<number | undefined>,
    { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  ): Promise<void> {
    do {
      this.#isWoken = false;
      const waitMs = await look();
      if (this.#isWoken) continue;
      if (waitMs === undefined) break;
      this.#alarm = new AbortController();
      await clock.sleep(waitMs, AbortSignal.any([signal, this.#alarm.signal])).catch(() => {});
      this.#alarm = undefined;
    } while (!signal.aborted);
    this.#isOver = true;
  }
}
