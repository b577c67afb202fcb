import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { monotonic } from '../../clock.ts';
import { BoundedMap } from '../../kernel/bounded-map.ts';

/** `lookup` of node:dns, as it is asked here. */
export type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

type Callback = Parameters<Lookup>[2];

/** What took longer is in doubt: its name server may not answer. */
const SLOW_MS = 1_000;
const MOST_NAMES = 1_000;

interface Flight {
  readonly hostname: string;
  readonly options: LookupAllOptions;
  /** Whoever asks for the same meanwhile. */
  readonly callbacks: Callback[];
  isUnderWay: boolean;
  /** What a name server says of it: anything at all, or nothing. */
  server?: 'asked' | 'answers' | 'silent';
}

interface NameLookupsDeps {
  /** Each call has a thread until it is answered, which of a name server that says nothing is ten seconds and more. */
  readonly lookup: Lookup;
  /** Whether a name server says anything of a name. Takes no thread. */
  readonly isAnswered: (hostname: string) => Promise<boolean>;
  /** Calls at once that get a thread. */
  readonly threads: () => number;
  /** Steady milliseconds. */
  readonly now?: () => number;
}

/**
 * Asks for the addresses of names, such that those which are not answered leave threads to those which are. Where half of
 * the threads are taken, a name server is asked first, which takes none: a quarter is for names of which it says something
 * now, another for those and what was answered soon the last time, as from a file of hosts.
 */
export class NameLookups {
  readonly #deps: Required<NameLookupsDeps>;
  /** By name and options; in the order they were asked for. */
  readonly #flights = new Map<string, Flight>();
  readonly #soon = new BoundedMap<string, true>(MOST_NAMES);
  /** Those that were slow though a name server answered: the system asks others as well. */
  readonly #slow = new BoundedMap<string, true>(MOST_NAMES);
  #underWay = 0;
  /** Of those of which no name server is known to say anything. */
  #doubtedUnderWay = 0;

  constructor({ now = monotonic, ...deps }: NameLookupsDeps) {
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

  #begin(): void {
    const threads = this.#deps.threads();
    for (const [key, flight] of this.#flights) {
      if (this.#underWay >= threads) return;
      if (flight.isUnderWay) continue;
      if (this.#hasRoom(flight, threads)) this.#ask(key, flight);
      else if (flight.server === undefined) this.#askServer(flight);
    }
  }

  #hasRoom({ hostname, server }: Flight, threads: number): boolean {
    if (server === 'answers') return true;
    const share = server === 'silent' && this.#soon.get(hostname) === true ? 3 / 4 : 1 / 2;
    return this.#doubtedUnderWay < Math.max(1, Math.floor(threads * share));
  }

  #askServer(flight: Flight): void {
    const { hostname } = flight;
    const isSlow = this.#slow.get(hostname) === true;
    flight.server = isSlow ? 'silent' : 'asked';
    if (isSlow) return;
    const told = (isAnswered: boolean): void => {
      flight.server = isAnswered ? 'answers' : 'silent';
      this.#begin();
    };
    this.#deps.isAnswered(hostname).then(told, () => told(false));
  }

  #ask(key: string, flight: Flight): void {
    const { lookup, now } = this.#deps;
    const { hostname, options, callbacks } = flight;
    const began = now();
    const doubts = Number(flight.server !== 'answers');
    flight.isUnderWay = true;
    this.#underWay += 1;
    this.#doubtedUnderWay += doubts;
    lookup(hostname, options, (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => {
      this.#flights.delete(key);
      this.#underWay -= 1;
      this.#doubtedUnderWay -= doubts;
      this.#learn(flight, now() - began < SLOW_MS);
      this.#begin();
      for (const callback of callbacks) callback(error, addresses);
    });
  }

  #learn({ hostname, server }: Flight, isSoon: boolean): void {
    if (isSoon) {
      this.#soon.set(hostname, true);
      this.#slow.delete(hostname);
      return;
    }
    this.#soon.delete(hostname);
    if (server === 'answers') this.#slow.set(hostname, true);
  }
}
