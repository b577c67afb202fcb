import { lutimesSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LandfallError } from '../../errors.ts';
import { type LockOwner, lockHolder, readLock, tryLock, unlock } from './exclusive-lock.ts';
import { filesystemError, guarded } from './filesystem-error.ts';
import { LOCKS } from './key-lock.ts';
import { makeFolder } from './make-folder.ts';
import { makeRoot } from './make-root.ts';

/** Tells machines that cannot see this process that it lives. */
const HEARTBEAT_MS = 3_000;
/** A foreign lock without a heartbeat for this long belongs to nobody. */
const FOREIGN_MS = 20_000;

export interface ServeLock {
  /** False where the lock is gone, or another one's. */
  isHeld(): boolean;
  /** Before each write. @throws LandfallError STORE_UNAVAILABLE where it is not held */
  check(): void;
  release(): Promise<void>;
}

const pathOf = (root: string): string => join(resolve(root), LOCKS, 'serve');

function locked(root: string, by: LockOwner | undefined): LandfallError {
  const who = by === undefined ? 'another process' : `pid ${by.pid} on ${by.host}, since ${by.since}`;
  return new LandfallError('STORE_LOCKED', `store: ${root} is already served by ${who}`, {
    hint: `End that one, or use another --store. If it is gone, or this store was copied from its one, this goes away within ${FOREIGN_MS / 1000} s.`,
    ...(by !== undefined && { detail: { pid: by.pid, host: by.host, since: by.since } }),
  });
}

/** Of a store that this process has held. Passes with it: whoever is refused by it tries again. */
const BRING_BACK =
  'Bring it back as it was (mount it, restore it): this goes on then. Else end this serve: started again, it makes a new one.';

function notHeld(root: string, why: string, hint = BRING_BACK): LandfallError {
  return new LandfallError('STORE_UNAVAILABLE', `store: ${root} ${why}`, { hint });
}

function beat(path: string): void {
  const now = Date.now() / 1000;
  try {
    lutimesSync(path, now, now);
  } catch {
    // A missed beat costs nothing here: a disk that fails tells every write, which has somebody to tell.
  }
}

interface HeldLock {
  readonly root: string;
  readonly path: string;
  /** Whether what is locked is there: in another folder of that name nothing is begun. */
  readonly isThere: () => boolean;
  text: string;
}

/** Why it is not held; undefined: it is. Throws Node's system errors. */
function lostBy({ root, path, text, isThere }: HeldLock): LandfallError | undefined {
  const there = readLock(path);
  if (there === text) return undefined;
  if (there === undefined && !isThere()) return notHeld(root, 'is gone');
  const by = lockHolder(path, FOREIGN_MS);
  if (by === undefined)
    return notHeld(root, 'has lost its lock', 'It is taken again by itself, within seconds.');
  return notHeld(
    root,
    `is served by pid ${by.pid} on ${by.host}, since ${by.since}`,
    'End one of the two: this one goes on when it has the lock.',
  );
}

/** Tells who looks on that this process lives, and takes a lock again that is not there any more, or that nobody has. */
function keep(lock: HeldLock): LandfallError | undefined {
  const { root, path, isThere } = lock;
  try {
    if (lostBy(lock) === undefined) {
      beat(path);
      return undefined;
    }
    if (!isThere()) return notHeld(root, 'is gone');
    makeFolder(dirname(path));
    const attempt = tryLock(path, FOREIGN_MS);
    if (attempt.held) lock.text = attempt.text;
    return lostBy(lock);
  } catch (error) {
    return filesystemError(error, `lock ${root}`);
  }
}

interface LockOptions {
  /** Asked where the lock is gone: false has nothing made at its place. Default: always true. */
  readonly isThere?: () => boolean;
  /** Called with each look at the lock, every {@link HEARTBEAT_MS}: why it is not held; undefined: it is. */
  readonly onLook?: (lost: LandfallError | undefined) => void;
}

/**
 * Makes this process the only `serve` of a store. A lock whose process is dead, also by kill -9, is taken over. One that
 * was deleted, with its store or without, is held no more until it could be taken again.
 * @throws LandfallError STORE_LOCKED, naming pid, host and since when; USAGE and STORE_* where the store's folder cannot be made
 */
export async function lockStore(
  where: string,
  { isThere = () => true, onLook = () => undefined }: LockOptions = {},
): Promise<ServeLock> {
  const root = resolve(where);
  const path = pathOf(root);
  makeRoot(root);
  const attempt = await guarded(`lock ${root}`, () => {
    makeFolder(join(root, LOCKS));
    return tryLock(path, FOREIGN_MS);
  });
  if (!attempt.held) throw locked(where, attempt.by);
  const lock: HeldLock = { root, path, isThere, text: attempt.text };
  const heartbeat = setInterval(() => onLook(keep(lock)), HEARTBEAT_MS).unref();
  return {
    isHeld: () => readLock(path) === lock.text,
    check: () => {
      const lost = lostBy(lock);
      if (lost !== undefined) throw lost;
    },
    release: async () => {
      clearInterval(heartbeat);
      await guarded('unlock the store', () => unlock(path, lock.text));
    },
  };
}

/** The process that serves this store now; undefined where none does. */
export async function serveOwner(root: string): Promise<LockOwner | undefined> {
  return guarded('look who serves the store', () => lockHolder(pathOf(root), FOREIGN_MS));
}

/** Whether a `serve` runs on this store. */
export const isServing = async (root: string): Promise<boolean> => (await serveOwner(root)) !== undefined;
