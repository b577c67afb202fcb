import type { Clock } from '../clock.ts';
import { HostTurns } from './host-turns.ts';
import type { HostSigns } from './turn.ts';

export interface ByHost<T> {
  /** How many at the same time; those that wait for a host that does not answer are not counted. */
  readonly slots: number;
  readonly hostOf: (item: T) => string | undefined;
  readonly isUrgent?: (item: T) => boolean;
  readonly clock: Clock;
}

/**
 * Runs `work` for every item, in turns such that no host holds up another, and resolves when all have ended.
 * @param work does not throw: what fails is its own to keep
 */
export function eachByHost<T>(
  items: readonly T[],
  { slots, hostOf, isUrgent = () => true, clock }: ByHost<T>,
  work: (item: T, signs: HostSigns) => Promise<void>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let left = items.length;
  const start = (): void => {
    for (let turn = turns.take(); turn !== undefined; turn = turns.take()) {
      const { key } = turn;
      const begun = turn;
      work(items[Number(key)] as T, begun)
        .then(() => {
          begun.end();
          left -= 1;
          if (left === 0) resolve();
          else start();
        })
        .catch(reject);
    }
  };
  const turns = new HostTurns({ slots, clock, onFree: start });
  for (const [at, item] of items.entries()) turns.add(String(at), hostOf(item), isUrgent(item));
  if (left === 0) resolve();
  else start();
  return promise;
}
