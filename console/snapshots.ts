import { createHash } from 'node:crypto';
import { type Clock, steadyNow } from '../shared/clock.ts';
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

/** Reads the store no more often than it is told to, however many pages are open. */
export class Snapshots {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #staleMs: number;
  #held: Held | undefined;
  #reading: Promise<Held> | undefined;

  constructor(
    store: Store,
    clock: Clock,
    { signal, staleMs }: { readonly signal: AbortSignal; readonly staleMs: number },
  ) {
    this.#staleMs = staleMs;
    this.#store = store;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** @throws LandfallError what reading throws, for all who wait */
  async now(): Promise<Held> {
    const held = this.#held;
    if (held !== undefined && steadyNow(this.#clock) - held.at < this.#staleMs) return held;
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
