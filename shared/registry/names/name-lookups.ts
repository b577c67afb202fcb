import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { BoundedMap } from '../../kernel/bounded-map.ts';
import type { Lookup } from '../http/address-guard.ts';

type Callback = Parameters<Lookup>[2];

/** A name that took longer the last time is doubted: its name server may not answer. */
const SLOW_MS = 1_000;
const MOST_NAMES = 1_000;

interface Flight {
  readonly hostname: string;
  readonly options: LookupAllOptions;
  /** Whoever asks for the same meanwhile. */
  readonly callbacks: Callback[];
  isUnderWay: boolean;
}

interface NameLookupsDeps {
  /** Each call has a thread until it is answered, which of a name server that says nothing is ten seconds and more. */
  readonly lookup: Lookup;
  /** Calls at once that get a thread. */
  readonly threads: () => number;
  /** Steady milliseconds. */
  readonly now?: () => number;
}

/** Asks for the addresses of names, such that those which are not answered leave threads to those which are. */
export class NameLookups {
  readonly #deps: Required<NameLookupsDeps>;
  /** By name and options; in the order they were asked for. */
  readonly #flights = new Map<string, Flight>();
  readonly #doubted = new BoundedMap<string, true>(MOST_NAMES);
  #underWay = 0;
  #doubtedUnderWay = 0;

  constructor({ now = () => performance.now(), ...deps }: NameLookupsDeps) {
    this.#deps = { ...deps, now };
  }

  readonly lookup: Lookup = (hostname, options, callback) => {
    const key = JSON.stringify([hostname, options]);
    const flight = this.#flights.get(key);
    if (flight === undefined)
      this.#flights.set(key, { hostname, options, callbacks: [callback], isUnderWay: false });
    else flight.callbacks.push(callback);
    this.#begin();
  };

  /** Names in doubt have half of the threads at most. */
  #begin(): void {
    const threads = this.#deps.threads();
    for (const [key, flight] of this.#flights) {
      if (this.#underWay >= threads) return;
      const isDoubted = this.#doubted.get(flight.hostname) === true;
      const isHeldBack = isDoubted && this.#doubtedUnderWay >= Math.max(1, Math.floor(threads / 2));
      if (!flight.isUnderWay && !isHeldBack) this.#ask(key, flight, Number(isDoubted));
    }
  }

  #ask(key: string, flight: Flight, doubts: number): void {
    const { lookup, now } = this.#deps;
    const { hostname, options, callbacks } = flight;
    const began = now();
    flight.isUnderWay = true;
    this.#underWay += 1;
    this.#doubtedUnderWay += doubts;
    lookup(hostname, options, (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => {
      this.#flights.delete(key);
      this.#underWay -= 1;
      this.#doubtedUnderWay -= doubts;
      if (now() - began < SLOW_MS) this.#doubted.delete(hostname);
      else this.#doubted.set(hostname, true);
      this.#begin();
      for (const callback of callbacks) callback(error, addresses);
    });
  }
}
