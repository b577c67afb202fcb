import { isObject } from '../../shared/kernel/json.ts';

const HOUR_MS = 3_600_000;
/** Two days, as the charts show. */
const HOURS = 48;

const hourOf = (ms: number): string => new Date(Math.floor(ms / HOUR_MS) * HOUR_MS).toISOString();

/** How many reconciles there were, by the hour that they were in, RFC 3339; of the last two days. */
export class ReconcileCounts {
  readonly #counts: Map<string, number>;

  constructor(before: ReadonlyMap<string, number>) {
    this.#counts = new Map(before);
  }

  count(now: number): void {
    const hour = hourOf(now);
    this.#counts.set(hour, (this.#counts.get(hour) ?? 0) + 1);
  }

  /** What is older is forgotten. */
  read(now: number): Readonly<Record<string, number>> {
    const oldest = hourOf(now - (HOURS - 1) * HOUR_MS);
    for (const hour of this.#counts.keys()) if (hour < oldest) this.#counts.delete(hour);
    return Object.fromEntries(this.#counts);
  }
}

/** What {@link ReconcileCounts.read} gave, from JSON; empty where it is nothing like it. */
export function readReconcileCounts(value: unknown): ReadonlyMap<string, number> {
  const entries = Object.entries(isObject(value) ? value : {});
  return new Map(
    entries.filter(
      (entry): entry is [string, number] =>
        Number.isFinite(Date.parse(entry[0])) && Number.isSafeInteger(entry[1]),
    ),
  );
}
