import { lstatSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SweepOptions } from '../store.ts';
import { isDenied, isMissing } from './filesystem-error.ts';
import { makeFolder } from './make-folder.ts';
import { livenessOf, ownedName, ownerOfName } from './owner.ts';
import { STAGING } from './temporary.ts';

/** Nothing takes this long to stage; whoever it was, on whatever machine, is gone. */
export const ABANDONED_MS = 60 * 60 * 1000;

/** Makes a new folder under `<root>/staging`, named for this process. Returns its path. */
export function makeStagingFolder(root: string): string {
  const folder = stagingPath(root);
  makeFolder(folder);
  return folder;
}

/** A path under `<root>/staging` that nothing has yet. */
export const stagingPath = (root: string): string => join(root, STAGING, ownedName());

/** Retried where descriptors run out, and where somebody else removes in it. Mostly it is in its place by then: that costs no turn of the threads. */
export async function removeTree(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  await rm(path, { recursive: true, force: true, maxRetries: 8, retryDelay: 50 });
}

function isAbandoned(path: string, name: string, before: number): boolean {
  const owner = ownerOfName(name);
  const liveness = owner === undefined ? 'unknown' : livenessOf(owner);
  if (liveness !== 'unknown') return liveness === 'dead';
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && stat.mtimeMs < before;
}

/** False: it belongs to a user whose files we may not touch, and who will sweep it. */
async function removeIfAllowed(path: string): Promise<boolean> {
  try {
    await removeTree(path);
    return true;
  } catch (error) {
    if (isDenied(error)) return false;
    throw error;
  }
}

/**
 * Removes what dead processes left in staging, and what nobody we can see has changed since `before` (milliseconds
 * since the epoch). Returns how many.
 */
export async function sweepStaging(root: string, { before, dryRun }: SweepOptions): Promise<number> {
  const folder = join(root, STAGING);
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (isMissing(error) || isDenied(error)) return 0;
    throw error;
  }
  let swept = 0;
  for (const name of names) {
    const path = join(folder, name);
    if (isAbandoned(path, name, before) && (dryRun || (await removeIfAllowed(path)))) swept += 1;
  }
  return swept;
}
