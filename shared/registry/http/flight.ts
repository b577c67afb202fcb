import { abortable } from '../../kernel/abortable.ts';
import { abortError } from './network-error.ts';

/** Settles with the work, or as soon as the signal aborts; the work itself goes on. */
export async function within<T>(work: Promise<T>, signal: AbortSignal | undefined, what: string): Promise<T> {
  try {
    return await abortable(work, signal);
  } catch (error) {
    throw signal?.aborted && error === signal.reason ? abortError(signal, what) : error;
  }
}

interface Flight<T> {
  readonly result: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
}

/**
 * Work that concurrent callers share by key. Each leaves with its own signal; the work is stopped when the last has
 * left, so that one impatient caller costs the others nothing.
 */
export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>();

  async join(
    key: string,
    start: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
    what: string,
  ): Promise<T> {
    const flight = this.#flights.get(key) ?? this.#depart(key, start);
    flight.waiting += 1;
    try {
      return await within(flight.result, signal, what);
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
        flight.stop.abort();
      }
    }
  }

  #depart(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const stop = new AbortController();
    const result = start(stop.signal).finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    // Every waiter may have left by the time it fails.
    result.catch(() => undefined);
    const flight: Flight<T> = { result, stop, waiting: 0 };
    this.#flights.set(key, flight);
    return flight;
  }
}
