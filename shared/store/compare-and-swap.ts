import type { Clock } from '../clock.ts';
import { isLandfallError, LandfallError } from '../errors.ts';
import { BACKOFF, backoffMs } from '../kernel/backoff.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { throwIfCancelled } from '../kernel/cancelled.ts';
import type { ObjectStore } from './object-store.ts';

/** How long a change may wait, and by whose time. */
export interface UpdateOptions extends CallOptions {
  readonly clock: Pick<Clock, 'sleep'>;
}

export interface CompareAndSwap<T> extends UpdateOptions {
  readonly objects: Pick<ObjectStore, 'replace'>;
  readonly key: string;
  /** Tries in all. */
  readonly attempts: number;
  /** Reads, and writes by `write`, or not at all. Runs again after a lost race. What it throws itself is thrown on. */
  readonly step: (write: (bytes: Uint8Array, version: string | undefined) => Promise<string>) => Promise<T>;
}

const isConflict = (error: unknown): error is LandfallError =>
  isLandfallError(error) && error.code === 'STORE_CONFLICT';

/**
 * The one compare-and-swap loop: a step, and again where somebody else wrote first.
 * @throws LandfallError STORE_CONFLICT after too many lost races, CANCELLED, and what `step` and the store throw
 */
export async function compareAndSwap<T>(swap: CompareAndSwap<T>): Promise<T> {
  const { objects, key, attempts, step, clock, signal } = swap;
  for (let attempt = 1; ; attempt += 1) {
    let lost: LandfallError | undefined;
    const write = async (bytes: Uint8Array, version: string | undefined): Promise<string> => {
      try {
        return await objects.replace(key, bytes, version, { signal });
      } catch (error) {
        if (isConflict(error)) lost = error;
        throw error;
      }
    };
    try {
      return await step(write);
    } catch (error) {
      if (lost === undefined || error !== lost) throw error;
      if (attempt >= attempts) throw lostEveryRace(key, attempts, lost);
    }
    await clock.sleep(backoffMs(BACKOFF.lostRace, attempt), signal).catch(() => undefined);
    throwIfCancelled(`update of ${key}`, signal);
  }
}

const lostEveryRace = (key: string, attempts: number, cause: unknown): LandfallError =>
  new LandfallError('STORE_CONFLICT', `store: ${key} changed ${attempts} times while it was being updated`, {
    cause,
    hint: 'Run it again; if it stays, look for something that writes it in a loop.',
  });
