import { lutimesSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LandfallError } from '../../errors.ts';
import { type LockOwner, lockHolder, tryLock, unlock } from './exclusive-lock.ts';
import { guarded } from './filesystem-error.ts';
import { LOCKS } from './key-lock.ts';
import { makeFolder } from './make-folder.ts';
import { makeRoot } from './make-root.ts';

/** Tells machines that cannot see this process that it lives. */
const HEARTBEAT_MS = 3_000;
/** A foreign lock without a heartbeat for this long belongs to nobody. */
const FOREIGN_MS = 20_000;

export interface ServeLock {
  release(): Promise<void>;
}

const pathOf = (root: string): string => join(resolve(root), LOCKS, 'serve');

function locked(root: string, by: LockOwner | undefined): LandfallError {
  const who = by === undefined ? 'another process' : `pid ${by.pid} on ${by.host}, since ${by.since}`;
  return new LandfallError('STORE_LOCKED', `store: ${root} is already served by ${who}`, {
    hint: `End that one, or use another --store. If it is gone, this goes away within ${FOREIGN_MS / 1000} s.`,
    ...(by !== undefined && { detail: { pid: by.pid, host: by.host, since: by.since } }),
  });
}

function beat(path: string): void {
  const now = Date.now() / 1000;
  try {
    lutimesSync(path, now, now);
  } catch {
    // A missed beat costs nothing here: a disk that fails tells every write, which has somebody to tell.
  }
}

/**
 * Makes this process the only `serve` of a store. A lock whose process is dead, also by kill -9, is taken over.
 * @throws LandfallError STORE_LOCKED, naming pid, host and since when; USAGE and STORE_* where the store's folder cannot be made
 */
export async function lockStore(root: string): Promise<ServeLock> {
  const path = pathOf(root);
  makeRoot(resolve(root));
  const attempt = await guarded(`lock ${resolve(root)}`, () => {
    makeFolder(join(resolve(root), LOCKS));
    return tryLock(path, FOREIGN_MS);
  });
  if (!attempt.held) throw locked(root, attempt.by);
  const heartbeat = setInterval(() => beat(path), HEARTBEAT_MS).unref();
  return {
    release: async () => {
      clearInterval(heartbeat);
      await guarded('unlock the store', () => unlock(path, attempt.text));
    },
  };
}

/** The process that serves this store now; undefined where none does. */
export async function serveOwner(root: string): Promise<LockOwner | undefined> {
  return guarded('look who serves the store', () => lockHolder(pathOf(root), FOREIGN_MS));
}

/** Whether a `serve` runs on this store. */
export const isServing = async (root: string): Promise<boolean> => (await serveOwner(root)) !== undefined;
