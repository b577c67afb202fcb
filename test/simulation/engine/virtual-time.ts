import { AsyncLocalStorage } from 'node:async_hooks';

/** Who sets timers: what is dead hears of none. */
export interface TimerOwner {
  readonly isDead: boolean;
}

const owners = new AsyncLocalStorage<TimerOwner>();

/** Runs what belongs to a process, so that the timers that it sets end with it. */
export const asOwner = <T>(owner: TimerOwner, work: () => T): T => owners.run(owner, work);

/** What `setTimeout` of Node gives, as far as it is used. */
class Timer {
  readonly #time: VirtualTime;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return false;
  }

  [Symbol.dispose](): void {
    this.#time.clear(this);
  }
}

interface Due {
  readonly timer: Timer;
  readonly order: number;
  readonly everyMs: number | undefined;
  readonly ring: () => void;
  at: number;
}

const BEGIN = Date.UTC(2026, 10, 21);

/**
 * Time that only the simulator moves. While it is installed, timers and clocks of the whole process are its: a deadline of a
 * minute ends when the simulation says so, and nothing depends on how long the machine takes.
 */
export class VirtualTime {
  #now = BEGIN;
  #order = 0;
  readonly #due = new Map<Timer, Due>();
  /** The first of them, where it is known: it is asked for several times a step. */
  #known: Due | undefined;

  now(): number {
    return this.#now;
  }

  /** Milliseconds since the simulation began. */
  get elapsed(): number {
    return this.#now - BEGIN;
  }

  /** When something is to happen by itself; undefined: nothing is. */
  next(): number | undefined {
    return this.#first()?.at;
  }

  /** Moves time, and rings what becomes due on the way, in order. */
  advanceTo(at: number): void {
    for (let due = this.#first(); due !== undefined && due.at <= at; due = this.#first()) {
      this.#now = Math.max(this.#now, due.at);
      this.#known = undefined;
      if (due.everyMs === undefined) this.#due.delete(due.timer);
      else due.at += due.everyMs;
      due.ring();
    }
    this.#now = Math.max(this.#now, at);
  }

  set(ring: () => void, milliseconds: number, everyMs?: number): Timer {
    const timer = new Timer(this);
    this.#order += 1;
    const at = this.#now + Math.max(1, Number.isFinite(milliseconds) ? milliseconds : 1);
    const owner = owners.getStore();
    const heard = owner === undefined ? ring : () => (owner.isDead ? undefined : owners.run(owner, ring));
    const due = { timer, ring: heard, everyMs, at, order: this.#order };
    this.#due.set(timer, due);
    if (this.#known !== undefined && isBefore(due, this.#known)) this.#known = due;
    return timer;
  }

  clear(timer: unknown): void {
    this.#due.delete(timer as Timer);
    if (this.#known?.timer === timer) this.#known = undefined;
  }

  /** @throws the signal's reason when aborted */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = this.set(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, milliseconds);
      const abort = (): void => {
        this.clear(timer);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Takes the place of the process's own timers, clock and chance until it is let go. */
  install(random: () => number): Disposable {
    const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = globalThis;
    const { now } = Date;
    const steady = performance.now;
    const chance = Math.random;
    const given = {
      setTimeout: (ring: () => void, milliseconds = 1) => this.set(ring, milliseconds),
      setImmediate: (ring: () => void) => this.set(ring, 1),
      setInterval: (ring: () => void, milliseconds = 1) => this.set(ring, milliseconds, milliseconds),
      clearTimeout: (timer: unknown) => this.clear(timer),
      clearInterval: (timer: unknown) => this.clear(timer),
    };
    Object.assign(globalThis, given);
    Date.now = () => this.#now;
    performance.now = () => this.elapsed;
    Math.random = random;
    return {
      [Symbol.dispose]: () => {
        Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate });
        Date.now = now;
        performance.now = steady;
        Math.random = chance;
        this.#due.clear();
        this.#known = undefined;
      },
    };
  }

  #first(): Due | undefined {
    if (this.#known !== undefined) return this.#known;
    let first: Due | undefined;
    for (const due of this.#due.values()) if (first === undefined || isBefore(due, first)) first = due;
    this.#known = first;
    return first;
  }
}

const isBefore = (one: Due, other: Due): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);
