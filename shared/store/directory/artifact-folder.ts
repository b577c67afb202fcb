import { existsSync, readdirSync, renameSync, rmdirSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errnoOf } from '../../errors.ts';
import { inByteOrder } from '../../kernel/byte-order.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { isDigest } from '../../oci/digest.ts';
import { isForeignFolder } from '../foreign-keys.ts';
import { ARTIFACTS_PREFIX, artifactPrefix, parseRecordKey, recordKey } from '../layout.ts';
import { patiently } from './descriptors.ts';
import { isMissing } from './filesystem-error.ts';
import { makeFolder } from './make-folder.ts';

/** Folders that another process prunes while we move something in come back within a try or two. */
const MOVE_ATTEMPTS = 16;
const FOLDERS_PER_TURN = 64;
const OCCUPIED = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR']);

/** Where an artifact is in a directory store. The folder comes and goes by one rename(2), record and files together. */
export interface ArtifactFolder {
  readonly key: string;
  readonly path: string;
  readonly recordPath: string;
}

export function artifactFolder(root: string, id: ArtifactId): ArtifactFolder {
  const key = artifactPrefix(id).slice(0, -1);
  return { key, path: join(root, key), recordPath: join(root, recordKey(id)) };
}

/** Renames a folder, making what is above `to`. `occupied`: there is something that is not an empty folder. */
export function moveFolder(from: string, to: string): 'moved' | 'occupied' {
  for (let attempt = 1; ; attempt += 1) {
    try {
      renameSync(from, to);
      return 'moved';
    } catch (error) {
      const code = errnoOf(error) ?? '';
      if (OCCUPIED.has(code)) return 'occupied';
      if (code !== 'ENOENT' || attempt === MOVE_ATTEMPTS) throw error;
      makeFolder(dirname(to));
    }
  }
}

/** Notes that the artifact is in use: its record's modification time is when it last was. False: there is no record. */
export function touch(recordPath: string, now: number): boolean {
  try {
    utimesSync(recordPath, now / 1000, now / 1000);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    // A reader that may not write (EACCES, EPERM, EROFS) reads all the same, without holding off collect.
    return existsSync(recordPath);
  }
}

/** Milliseconds since the epoch of the last use; of the folder's last change where it has no record. */
export const usedAt = ({ path, recordPath }: ArtifactFolder): number | undefined =>
  (statSync(recordPath, { throwIfNoEntry: false }) ?? statSync(path, { throwIfNoEntry: false }))?.mtimeMs;

/** Removes the folders that `path` leaves empty, so that a listing costs what is there. */
export function pruneAbove(path: string, root: string): void {
  for (let parent = dirname(path); parent.length > root.length; parent = dirname(parent)) {
    try {
      rmdirSync(parent);
    } catch {
      return; // Not empty, or already gone: either way there is nothing to do above it.
    }
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    const entries = await patiently(() => readdirSync(path, { withFileTypes: true }));
    return inByteOrder(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Every artifact folder in byte order, committed or not. Throws Node's system errors. */
export async function* listArtifactFolders(
  root: string,
  { signal }: CallOptions = {},
): AsyncGenerator<{ readonly id: ArtifactId; readonly committed: boolean }, void, undefined> {
  const artifacts = join(root, ARTIFACTS_PREFIX);
  let folders = 0;
  throwIfCancelled('list artifacts', signal);
  for (const algorithm of await namesIn(artifacts)) {
    if (isForeignFolder(`${ARTIFACTS_PREFIX}${algorithm}/`)) continue;
    for (const hex of await namesIn(join(artifacts, algorithm))) {
      if (++folders % FOLDERS_PER_TURN === 0) await nextTurn();
      const digest = `${algorithm}:${hex}`;
      if (!isDigest(digest)) continue;
      throwIfCancelled('list artifacts', signal);
      for (const variant of await namesIn(join(artifacts, algorithm, hex))) {
        const key = recordKey({ digest, variant });
        const id = parseRecordKey(key);
        if (id !== undefined) yield { id, committed: existsSync(join(root, key)) };
      }
    }
  }
}
