import { createHash } from 'node:crypto';
import { type Clock, steadyNow } from '../shared/clock.ts';
import { CONSOLE_STALE_MS } from '../shared/limits.ts';
import type { Store } from '../shared/store/store.ts';
import { readSnapshot, type Snapshot } from './facts.ts';

/** What is in a snapshot, so that a page that is open knows whether to ask again. */
const markOf = (snapshot: Snapshot): string =>
  createHash('sha256').update(JSON.stringify(snapshot)).digest('base64url');

interface Held {
  readonly snapshot: Snapshot;
  readonly mark: string;
  readonly at: number;
}

/** Reads the store at most each two seconds, however many pages are open. */
export class Snapshots {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #held: Held | undefined;
  #reading: Promise<Held> | undefined;

  constructor(store: Store, clock: Clock, signal: AbortSignal) {
    this.#store = store;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** @throws LandfallError what reading throws, for all who wait */
  async now(): Promise<Held> {
    const held = this.#held;
    if (held !== undefined && steadyNow(this.#clock) - held.at < CONSOLE_STALE_MS) return held;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** After somebody pressed a button. */
  forget(): void {
    this.#held = undefined;
  }

  async #read(): Promise<Held> {
    const snapshot = await readSnapshot(this.#store, this.#clock, { signal: this.#signal });
    const held = { snapshot, mark: markOf(snapshot), at: steadyNow(this.#clock) };
    this.#held = held;
    return held;
  }
}
