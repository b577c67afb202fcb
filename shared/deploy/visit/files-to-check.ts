import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOptions } from '../../kernel/call-options.ts';
import { eachOf } from '../../kernel/each-of.ts';
import type { FileEntry } from '../../model/artifact-record.ts';
import { byPlace } from '../../model/by-place.ts';
import type { ArtifactLocation } from '../kit/deploy-context.ts';

/** Looks under way at the same time: of names, not of bytes. */
const LOOKS = 16;

/** Folders on the way to a path, the nearest last. */
const foldersTo = (path: string): readonly string[] =>
  path.split('/').flatMap((_, at, names) => (at === 0 ? [] : [names.slice(0, at).join('/')]));

/**
 * Those files of an artifact that may not be as they landed, and so are to be read and compared; all, where nothing tells.
 *
 * In a store on this machine each file is hashed as it is written, and the commit record is made after the last. So a
 * file whose inode has not changed since the record was made (its ctime is no later than the record's birth) is what was
 * hashed: nobody but the system's clock can set either back, and reading it again would tell nothing. What was copied or
 * repaired since has a later one, and is read. A file system that tells no birth tells 0. Elsewhere all are, pack by pack.
 */
export async function filesToCheck(
  location: ArtifactLocation,
  files: readonly FileEntry[],
  { signal }: CallOptions = {},
): Promise<readonly FileEntry[]> {
  if (location.in !== 'directory') return files.toSorted(byPlace);
  if (location.record === undefined) return files;
  const record = await lstat(location.record, { bigint: true }).catch(() => undefined);
  if (record === undefined) return files;
  const look = (path: string) =>
    lstat(join(location.directory, path), { bigint: true }).catch(() => undefined);
  const foreign = new Set<string>();
  await eachOf(
    new Set(files.flatMap(({ path }) => foldersTo(path))),
    { limit: LOOKS, signal },
    async (path) => {
      if ((await look(path))?.isDirectory() !== true) foreign.add(path);
    },
  );
  const written = new Set<FileEntry>();
  await eachOf(files, { limit: LOOKS, signal }, async (file) => {
    const there = await look(file.path);
    const isAsLanded =
      there?.isFile() === true && there.size === BigInt(file.size) && there.ctimeNs <= record.birthtimeNs;
    if (!isAsLanded || foldersTo(file.path).some((folder) => foreign.has(folder))) written.add(file);
  });
  return files.filter((file) => written.has(file));
}
