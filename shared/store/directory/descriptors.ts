import { setTimeout as sleep } from 'node:timers/promises';
import { monotonic } from '../../clock.ts';
import { errnoOf } from '../../errors.ts';
import { BACKOFF, backoffMs } from '../../kernel/backoff.ts';

/** Long enough for others to be through with what they hold; who waits longer has another trouble. */
export const DESCRIPTOR_PATIENCE_MS = 15_000;

/** This process, or the machine, has as many files and connections open as it may. */
export const isOutOfDescriptors = (error: unknown): boolean => {
  const code = errnoOf(error);
  return code === 'EMFILE' || code === 'ENFILE';
};

/**
 * Runs what opens a file, and again where there is no descriptor to be had: those in use come back in a moment. `open`
 * must have done nothing where it throws that.
 */
export async function patiently<T>(open: () => T | Promise<T>): Promise<T> {
  const deadline = monotonic() + DESCRIPTOR_PATIENCE_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open();
    } catch (error) {
      if (!isOutOfDescriptors(error) || monotonic() > deadline) throw error;
    }
    await sleep(backoffMs(BACKOFF.descriptor, attempt));
  }
}
