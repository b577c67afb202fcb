import { EVENT_IDS } from '../limits.ts';

/** The last ids seen, so that a repeat is known as one. */
export class RecentIds {
  readonly #ids = new Set<string>();
  /** In the order they came, in a ring: to look for the oldest in the set walks over all that have left it. */
  readonly #order: string[] = [];
  readonly #capacity: number;
  #next = 0;

  constructor(capacity: number = EVENT_IDS) {
    this.#capacity = capacity;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** False where the id was there already. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    const oldest = this.#order[this.#next];
    if (oldest !== undefined) this.#ids.delete(oldest);
    this.#order[this.#next] = id;
    this.#next = (this.#next + 1) % this.#capacity;
    this.#ids.add(id);
    return true;
  }
}
