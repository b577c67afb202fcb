/** Time, so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch, as the machine has it: people and NTP set it, back as well. */
  now(): number;
  /** Milliseconds of a clock that nobody sets, and that may stand still while the machine sleeps. Ask by {@link steadyNow}. */
  steady?(): number;
  /** @throws the signal's reason when aborted */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/**
 * Milliseconds of a clock that nobody sets, from an unknown beginning. `performance.now()` says the same, and whoever says
 * `performance` first has Node load all that measures: 2 ms of a command that takes 90.
 */
export function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => Math.round(monotonic()),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, milliseconds);
      const abort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
    }),
};

interface Reading {
  wall: number;
  steady: number;
  at: number;
}

const readings = new WeakMap<object, Reading>();

/**
 * For waits and ages within this process: milliseconds that only ever grow, at least by as much as time passed. A clock
 * that is set back stops nothing; one that is set forward, or a machine that slept, ends a wait early rather than late.
 * It says nothing of the time of day, and means nothing to another process.
 */
export function steadyNow(clock: Pick<Clock, 'now' | 'steady'>): number {
  const wall = clock.now();
  const steady = clock.steady?.();
  if (steady === undefined) return wall;
  const last = readings.get(clock);
  if (last === undefined) {
    readings.set(clock, { wall, steady, at: wall });
    return wall;
  }
  // It is asked several times a look: the reading is written over rather than made anew.
  last.at += Math.max(steady - last.steady, wall - last.wall, 0);
  last.wall = wall;
  last.steady = steady;
  return last.at;
}

/** RFC 3339 with milliseconds, UTC. */
export const timestamp = (clock: Clock): string => new Date(clock.now()).toISOString();
