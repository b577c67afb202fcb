import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { monotonic, systemClock } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { tryLock, unlock } from './exclusive-lock.ts';
import { isMissing } from './filesystem-error.ts';
import { makeFolder } from './make-folder.ts';

/** A key's lock is held for a few system calls; a foreign one this old belongs to nobody. */
const FOREIGN_MS = 30_000;
const PATIENCE_MS = 15_000;

export const LOCKS = 'locks';

export const keyLockPath = (root: string, key: string): string =>
  join(root, LOCKS, createHash('sha256').update(key).digest('hex').slice(0, 32));

/** Ours that could not be given back, by their paths: their folder was away for a moment, and they come back with it. */
const left = new Map<string, string>();

function giveBack(path: string, text: string): void {
  left.set(path, text);
  if (unlock(path, text)) left.delete(path);
}

/**
 * Runs `work` while no other process runs its own for the same key of this store. `work` is synchronous, so within
 * one process nothing can come between, and the lock is held for microseconds.
 * @throws LandfallError STORE_UNAVAILABLE when someone else keeps it; the signal's reason while it is waited for
 */
export async function underKeyLock<T>(
  root: string,
  key: string,
  work: () => T,
  { signal }: CallOptions = {},
): Promise<T> {
  throwIfCancelled(`lock ${key}`, signal);
  const path = keyLockPath(root, key);
  const deadline = monotonic() + PATIENCE_MS;
  for (let wait = 1; ; wait = Math.min(wait * 2, 32)) {
    const attempt = lockIn(root, path);
    if (attempt.held) {
      try {
        return work();
      } finally {
        giveBack(path, attempt.text);
      }
    }
    if (monotonic() > deadline) {
      const by = attempt.by === undefined ? 'another process' : `pid ${attempt.by.pid} on ${attempt.by.host}`;
      throw new LandfallError('STORE_UNAVAILABLE', `store: ${key} has been locked by ${by} for over 15 s`, {
        hint: `End that process, or delete ${path} if it is gone.`,
      });
    }
    await systemClock.sleep(wait * (0.5 + Math.random()), signal).catch(() => undefined);
    throwIfCancelled(`lock ${key}`, signal);
  }
}

function lockIn(root: string, path: string): ReturnType<typeof tryLock> {
  try {
    const ours = left.get(path);
    if (ours !== undefined) giveBack(path, ours);
    return tryLock(path, FOREIGN_MS);
  } catch (error) {
    if (!isMissing(error)) throw error;
    makeFolder(join(root, LOCKS));
    return tryLock(path, FOREIGN_MS);
  }
}
