import { createHash } from 'node:crypto';
import { lstatSync, readlinkSync, statSync, symlinkSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { errnoOf } from '../../errors.ts';
import { parseObject } from '../../kernel/json.ts';
import { isMissing } from './filesystem-error.ts';
import { livenessOf, type Owner, randomToken, SELF } from './owner.ts';

/**
 * Mutual exclusion between processes that share a folder. Node has no flock(2), so a lock is a symbolic link whose
 * *text* names its owner: symlink(2) creates name and content in one step and fails if the name exists.
 *
 * A lock whose owner died is broken, and that is where such schemes usually go wrong: two processes see the same dead
 * lock, the slower one removes the faster one's new lock. So removing is itself claimed, by a link named after the
 * dead lock's text (which is random and never comes again). While a dead lock stands, only the last claimant may
 * remove it: claim n+1 can be made only by a process that saw the makers of claims 0…n dead. Whoever comes late finds
 * a lock with another text, and leaves it alone.
 *
 * An owner on another machine or in another container cannot be seen. Its lock counts as dead when it is older than
 * `foreignMs`, which must be far longer than a lock is held or refreshed.
 *
 * A lock also names the folder it was made in: one that was copied with its folder names a living owner who knows
 * nothing of the copy. That alone is no proof, since one folder that is mounted twice may have two numbers; so such a
 * lock is dead where it is as old as a foreign one: who holds it would have refreshed it.
 */
export interface LockOwner extends Owner {
  readonly host: string;
  /** RFC 3339. */
  readonly since: string;
  /** Device and inode of the folder that the lock was made in; undefined: made by an earlier version. */
  readonly place?: string | undefined;
}

export type LockAttempt =
  | { readonly held: true; readonly text: string }
  | { readonly held: false; readonly by: LockOwner | undefined };

/** Each dead claimant costs one; a store where this many died while breaking one lock has other troubles. */
const CLAIMS = 64;

function placeOf(path: string): string {
  const { dev, ino } = statSync(dirname(path), { bigint: true });
  return `${dev}:${ino}`;
}

const lockText = (path: string): string =>
  JSON.stringify({
    ...SELF,
    host: hostname(),
    since: new Date().toISOString(),
    place: placeOf(path),
    token: randomToken(),
  });

function parseOwner(text: string): LockOwner | undefined {
  // What is not written by us is judged by its age alone.
  const { pid, started, machine, host, since, place } = parseObject(text) ?? {};
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return undefined;
  if (typeof started !== 'string' || typeof machine !== 'string') return undefined;
  const known = { pid, started, machine, host: String(host), since: String(since) };
  return typeof place === 'string' ? { ...known, place } : known;
}

/** What a lock says; undefined: there is none. Throws Node's system errors. */
export function readLock(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (errnoOf(error) === 'EINVAL') return ''; // A file of that name: not ours, judged by its age.
    throw error;
  }
}

function create(path: string, text: string): boolean {
  try {
    symlinkSync(text, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function unlinkIfThere(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (!isMissing(error)) throw error;
    return false;
  }
}

function ageOf(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 0 : Date.now() - stat.mtimeMs;
}

function isDead(path: string, text: string, foreignMs: number): boolean {
  const owner = parseOwner(text);
  const liveness = owner === undefined ? 'unknown' : livenessOf(owner);
  if (liveness === 'dead') return true;
  const isOfHere = owner?.place === undefined || owner.place === placeOf(path);
  return (liveness === 'unknown' || !isOfHere) && ageOf(path) > foreignMs;
}

/** The name of the nth claim to remove the lock that says `dead`. */
export const claimPathOf = (path: string, dead: string, claim: number): string =>
  `${path}.break-${createHash('sha256').update(dead).digest('hex').slice(0, 24)}-${claim}`;

/** Removes the dead lock that says `dead`, unless someone else is at it. */
export function breakLock(path: string, dead: string, foreignMs: number): void {
  const mine = lockText(path);
  for (let claim = 0; claim < CLAIMS; claim += 1) {
    const claimPath = claimPathOf(path, dead, claim);
    if (!create(claimPath, mine)) {
      const other = readLock(claimPath);
      if (other === undefined || !isDead(claimPath, other, foreignMs)) return;
      continue;
    }
    if (readLock(path) === dead) unlinkIfThere(path);
    for (let done = 0; done <= claim; done += 1) unlinkIfThere(claimPathOf(path, dead, done));
    return;
  }
}

/** Takes the lock if it is free or its owner is dead. Never waits. Throws Node's system errors. */
export function tryLock(path: string, foreignMs: number): LockAttempt {
  const text = lockText(path);
  for (let attempt = 0; ; attempt += 1) {
    if (create(path, text)) return { held: true, text };
    const other = readLock(path);
    if (other !== undefined) {
      if (attempt > 0 || !isDead(path, other, foreignMs)) return { held: false, by: parseOwner(other) };
      breakLock(path, other, foreignMs);
    } else if (attempt > 0) return { held: false, by: undefined };
  }
}

/** Gives the lock back, if it still is ours; false: it is not there. */
export const unlock = (path: string, text: string): boolean => readLock(path) === text && unlinkIfThere(path);

/** Who holds the lock now; undefined if nobody alive does. */
export function lockHolder(path: string, foreignMs: number): LockOwner | undefined {
  const text = readLock(path);
  return text === undefined || isDead(path, text, foreignMs) ? undefined : parseOwner(text);
}
