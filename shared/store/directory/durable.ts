import { execFile } from 'node:child_process';
import { closeSync, fsync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { errnoOf } from '../../errors.ts';
import { BoundedMap } from '../../kernel/bounded-map.ts';
import { eachOf } from '../../kernel/each-of.ts';
import { isOutOfDescriptors, patiently } from './descriptors.ts';

const fsyncDescriptor = promisify(fsync);
const run = promisify(execFile);

/** libuv has four threads, and inflating needs one. */
const CONCURRENCY = 3;
/** From here on one syncfs(2) beats an fsync(2) a file: 5,000 small files took 44 ms against 430 to 990 on ext4. */
const SYNCFS_FROM = 48;

/** Waits until a file's content or a folder's names are on the disk. */
export async function syncPath(path: string): Promise<void> {
  const descriptor = await patiently(() => openSync(path, 'r'));
  try {
    await fsyncDescriptor(descriptor);
  } catch (error) {
    // Some network and FUSE filesystems cannot sync a folder and say so.
    if (errnoOf(error) !== 'EINVAL') throw error;
  } finally {
    closeSync(descriptor);
  }
}

const NAMED_KEPT = 1000;
/** Folders whose names are on the disk, up to the root, with which folder each was then. */
const NAMED = new BoundedMap<string, string>(NAMED_KEPT);

/** Which folder it is: one that is made again under its name is another. */
function identityOf(folder: string): string {
  const { dev, ino, birthtimeMs } = statSync(folder);
  return `${dev} ${ino} ${birthtimeMs}`;
}

/** Syncs the folder of `path` and those above it up to `root`: a new name lasts only if every name above it does. */
export async function syncFoldersUpTo(root: string, path: string): Promise<void> {
  const synced: (readonly [folder: string, identity: string])[] = [];
  for (let folder = dirname(path); folder.length >= root.length; folder = dirname(folder)) {
    const identity = identityOf(folder);
    await syncPath(folder);
    if (folder === root || NAMED.get(folder) === identity) break;
    synced.push([folder, identity]);
  }
  for (const [folder, identity] of synced) NAMED.set(folder, identity);
}

/** Of GNU's sync(1), busybox' and toybox', where they know no `-f`; at the begin of a line, as a folder may have any name. */
const KNOWS_NO_OPTION = /^(?:\S*sync: )?(?:invalid|unrecognized|unknown) option/im;

/** What a sync(1) without `-f` prints, or the failure to start it: a program takes descriptors that files may have. */
const hasNoSyncfs = (error: unknown): boolean =>
  errnoOf(error) === 'ENOENT' ||
  errnoOf(error) === 'EACCES' ||
  isOutOfDescriptors(error) ||
  (error instanceof Error && 'stderr' in error && KNOWS_NO_OPTION.test(String(error.stderr)));

/**
 * Linux' sync(1) -f is syncfs(2): everything of the filesystem that holds `folder`, in one go. False where there is
 * none. Its failure is ours: the kernel tells of a lost write once, and a later fsync(2) may well succeed.
 */
async function syncFilesystem(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    await run('sync', ['-f', folder], { env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' } });
    return true;
  } catch (error) {
    if (hasNoSyncfs(error)) return false;
    throw error;
  }
}

/** Makes all `paths` (files and folders under `folder`) durable, the cheaper way. Throws Node's system errors. */
export async function syncTree(folder: string, paths: readonly string[]): Promise<void> {
  if (paths.length >= SYNCFS_FROM && (await syncFilesystem(folder))) return;
  await eachOf(paths, { limit: CONCURRENCY }, syncPath);
}
