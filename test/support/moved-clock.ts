import type { Clock } from '../../shared/clock.ts';

export interface MovedClock extends Clock {
  move(ms: number): void;
}

/** A clock whose sleepers wake when it is moved past their time. */
export function movedClock(start = Date.parse('2026-11-21T08:00:00Z')): MovedClock {
  let now = start;
  const asleep = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { until: now + ms, wake: resolve };
        asleep.add(sleeper);
        signal?.addEventListener('abort', () => {
          asleep.delete(sleeper);
          reject(signal.reason);
        });
      }),
    move: (ms) => {
      now += ms;
      for (const sleeper of asleep) {
        if (sleeper.until > now) continue;
        asleep.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}
