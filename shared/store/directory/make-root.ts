import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf, LandfallError } from '../../errors.ts';
import { filesystemError, isDenied, isFull } from './filesystem-error.ts';
import { makeFolder } from './make-folder.ts';

const EVENT_ORIGIN = 'Name a folder with --store (or LANDFALL_STORE) where one can be made.';

/** What is there of a path: its own place, or the nearest above it. */
function nearest(path: string): { readonly path: string; readonly isFolder: boolean } {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined) return { path, isFolder: stat.isDirectory() };
  } catch {
    // What cannot be looked at is not what stands in the way: making the folder has said what does.
  }
  return dirname(path) === path ? { path, isFolder: true } : nearest(dirname(path));
}

/**
 * Makes the folder of a store. `root` is absolute.
 * @throws LandfallError USAGE where none can be made at such a place, STORE_DENIED, STORE_FULL
 */
export function makeRoot(root: string): void {
  try {
    makeFolder(root);
  } catch (error) {
    const there = nearest(root);
    const refused = (why: string): LandfallError =>
      new LandfallError('USAGE', `store ${root} cannot be made: ${why}`, {
        cause: error,
        hint: EVENT_ORIGIN,
      });
    if (!there.isFolder) throw refused(`${there.path} is no folder`);
    if (isDenied(error) || isFull(error)) throw filesystemError(error, `make ${root}`);
    throw refused(`no folder can be made in ${there.path} (${errnoOf(error) ?? 'unknown'})`);
  }
}
