import { existsSync, linkSync, readFileSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoOf, LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { checkKey, checkPrefix } from '../object-key.ts';
import type { ObjectStore, StoredObject } from '../object-store.ts';
import { conflict, versionOf } from '../object-version.ts';
import { pruneAbove } from './artifact-folder.ts';
import { patiently } from './descriptors.ts';
import { listFiles } from './directory-listing.ts';
import { syncFoldersUpTo, syncPath } from './durable.ts';
import { filesystemError, guarded, isMissing } from './filesystem-error.ts';
import { underKeyLock } from './key-lock.ts';
import { makeFolder } from './make-folder.ts';
import { writeTemporary } from './temporary.ts';

export interface DirectoryObjectStoreOptions {
  /** Wait for the disk before saying that something is written. Off for what may be lost with the power. */
  readonly durable: boolean;
}

interface Folder extends DirectoryObjectStoreOptions {
  readonly root: string;
}

/** Filesystems without hard links (exFAT, some FUSE) answer one of these. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);
/** Folders that another process prunes while we create in them come back within a try or two. */
const PLACE_ATTEMPTS = 16;

function read(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    // A folder is a prefix of keys, and no object.
    if (isMissing(error) || errnoOf(error) === 'EISDIR') return undefined;
    throw error;
  }
}

/** Runs `put`, making the folders it needs when they turn out to be missing. */
function inFolder<T>(path: string, put: () => T): T {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return put();
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || attempt === PLACE_ATTEMPTS) throw error;
      makeFolder(dirname(path));
    }
  }
}

function link(temporary: string, path: string): 'created' | 'exists' | 'unsupported' {
  try {
    linkSync(temporary, path);
    return 'created';
  } catch (error) {
    const code = errnoOf(error) ?? '';
    if (code === 'EEXIST') return 'exists';
    if (NO_LINKS.has(code)) return 'unsupported';
    throw error;
  }
}

/** Gives the temporary file its name if that is free: link(2) is rename(2) that never replaces. */
async function place(
  folder: Folder,
  key: string,
  temporary: string,
  options: CallOptions | undefined,
): Promise<'created' | 'exists'> {
  const path = join(folder.root, key);
  const linked = inFolder(path, () => link(temporary, path));
  if (linked !== 'unsupported') return linked;
  const move = (): 'created' | 'exists' => {
    if (existsSync(path)) return 'exists';
    inFolder(path, () => renameSync(temporary, path));
    return 'created';
  };
  return underKeyLock(folder.root, key, move, options);
}

async function putIfAbsent(
  folder: Folder,
  key: string,
  bytes: Uint8Array,
  options: CallOptions | undefined,
): Promise<'created' | 'exists'> {
  const path = join(folder.root, key);
  const temporary = await writeTemporary(folder.root, bytes, folder.durable);
  try {
    const placed = await place(folder, key, temporary, options);
    if (placed === 'created' && folder.durable) await syncFoldersUpTo(folder.root, path);
    if (placed === 'exists' && statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw new LandfallError('PATH_REFUSED', `store key ${JSON.stringify(key)} is a folder of other keys`);
    return placed;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Compare and swap. Under the key's lock nobody else replaces or deletes; putIfAbsent needs no lock, since it does
 * nothing where there is something. A reader needs none: rename(2) shows it the old bytes or the new.
 */
async function replace(
  folder: Folder,
  key: string,
  bytes: Uint8Array,
  { version, ...options }: CallOptions & { readonly version: string },
): Promise<string> {
  const path = join(folder.root, key);
  const temporary = await writeTemporary(folder.root, bytes, folder.durable);
  try {
    const swap = (): void => {
      const current = read(path);
      if (current === undefined || versionOf(current) !== version) throw conflict(key);
      renameSync(temporary, path);
    };
    await underKeyLock(folder.root, key, swap, options);
    if (folder.durable) await syncPath(dirname(path));
    return versionOf(bytes);
  } finally {
    rmSync(temporary, { force: true });
  }
}

async function deleteOne(folder: Folder, key: string, options: CallOptions | undefined): Promise<void> {
  const path = join(folder.root, key);
  const remove = (): void => {
    try {
      unlinkSync(path);
    } catch (error) {
      const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
      if (!isMissing(error) && !isFolder) throw error;
      return;
    }
    pruneAbove(path, folder.root);
  };
  await underKeyLock(folder.root, key, remove, options);
}

/**
 * Objects as files under `root`, for any number of processes. Written aside, synced, then linked (new) or renamed
 * (replaced), then the folder synced. `root` must exist and be absolute: see directory-store.ts.
 */
export function directoryObjectStore(root: string, { durable }: DirectoryObjectStoreOptions): ObjectStore {
  const folder: Folder = { root, durable };
  const get = async (key: string, { signal }: CallOptions = {}): Promise<StoredObject | undefined> => {
    checkKey(key);
    throwIfCancelled(`read ${key}`, signal);
    try {
      const bytes = await patiently(() => read(join(root, key)));
      return bytes === undefined ? undefined : { bytes, version: versionOf(bytes) };
    } catch (error) {
      throw filesystemError(error, `read ${key}`);
    }
  };
  const put: ObjectStore['putIfAbsent'] = async (key, bytes, options) => {
    checkKey(key);
    throwIfCancelled(`write ${key}`, options?.signal);
    return guarded(`write ${key}`, () => putIfAbsent(folder, key, bytes, options));
  };
  return {
    get,
    putIfAbsent: put,
    replace: async (key, bytes, version, options) => {
      if (version !== undefined) {
        checkKey(key);
        throwIfCancelled(`replace ${key}`, options?.signal);
        return guarded(`replace ${key}`, () => replace(folder, key, bytes, { ...options, version }));
      }
      if ((await put(key, bytes, options)) === 'exists') throw conflict(key);
      return versionOf(bytes);
    },
    list: (prefix, options) => {
      checkPrefix(prefix);
      return listFiles(root, prefix, options);
    },
    delete: async (keys, options) => {
      for (const key of keys) checkKey(key);
      throwIfCancelled('delete', options?.signal);
      for (const key of keys) await guarded(`delete ${key}`, () => deleteOne(folder, key, options));
    },
  };
}
