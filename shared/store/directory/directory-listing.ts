import type { Dirent } from 'node:fs';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { compareBytes } from '../../kernel/byte-order.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { isForeignFolder } from '../foreign-keys.ts';
import { isReserved } from '../object-key.ts';
import { patiently } from './descriptors.ts';
import { filesystemError, isDenied, isMissing } from './filesystem-error.ts';

/** Reading a folder takes microseconds; after this many, others get a turn. */
const FOLDERS_PER_TURN = 64;

/** `a/` sorts after `a.b` and before `a0`, as the keys below it do. */
const sortName = (entry: Dirent): string => (entry.isDirectory() ? `${entry.name}/` : entry.name);

type Sorted = readonly { readonly entry: Dirent; readonly sort: string }[];

/** @param key of the folder */
async function entriesOf(root: string, key: string): Promise<Sorted> {
  const folder = join(root, key);
  try {
    return (await patiently(() => readdirSync(folder, { withFileTypes: true })))
      .map((entry) => ({ entry, sort: sortName(entry) }))
      .sort((a, b) => compareBytes(a.sort, b.sort));
  } catch (error) {
    if (isMissing(error)) return []; // Gone since its parent was read.
    if (isDenied(error) && isForeignFolder(key)) return []; // Of root's, as lost+found: nothing of ours is in it.
    throw filesystemError(error, `list ${folder}`);
  }
}

/** Whether keys under `folder` (which ends in `/`) can start with `prefix`, and the other way round. */
const mayHold = (folder: string, prefix: string): boolean =>
  folder.startsWith(prefix) || prefix.startsWith(folder);

/** Whether a prefix is itself the key of a regular file: then it is the first of those that start with it. */
function isFileAt(root: string, prefix: string): boolean {
  try {
    return lstatSync(join(root, prefix), { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false; // What is wrong on the way is told, or not, by reading its folder.
  }
}

/** Keys of regular files under `root` that start with `prefix`, in byte order; memory is one folder a level. */
export async function* listFiles(
  root: string,
  prefix: string,
  { signal }: CallOptions = {},
): AsyncGenerator<string, void, undefined> {
  // Whether one key is there is asked for at each look: that takes no reading of its folder.
  const isKey = isFileAt(root, prefix);
  if (isKey) yield prefix;
  let folders = 0;
  async function* walk(folder: string): AsyncGenerator<string, void, undefined> {
    throwIfCancelled(`list ${prefix}`, signal);
    if (++folders % FOLDERS_PER_TURN === 0) await nextTurn();
    for (const { entry, sort } of await entriesOf(root, folder)) {
      throwIfCancelled(`list ${prefix}`, signal);
      const key = `${folder}${sort}`;
      if (folder === '' && isReserved(entry.name)) continue;
      if (entry.isDirectory() && mayHold(key, prefix)) yield* walk(key);
      else if (entry.isFile() && key.startsWith(prefix) && !(isKey && key === prefix)) yield key;
    }
  }
  yield* walk(prefix.slice(0, prefix.lastIndexOf('/') + 1));
}
