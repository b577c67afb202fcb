import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ListedContent } from '../../shared/event/changes.ts';
import { sumOf } from '../../shared/kernel/read-bytes.ts';
import type { FileEntry, LinkEntry } from '../../shared/model/artifact-record.ts';
import { emptyFolders } from '../../shared/unpack/empty-folders.ts';
import { symlinkTarget } from '../../shared/unpack/link-target.ts';
import type { DiffSide } from './side.ts';

async function fileEntry(root: string, path: string, size: number, mode: number): Promise<FileEntry> {
  const { sha256 } = await sumOf(createReadStream(join(root, path)));
  return { path, size, sha256, mode: mode & 0o777 };
}

/** What a folder holds, as a commit record would list it. */
async function listFolder(root: string): Promise<ListedContent> {
  const files: FileEntry[] = [];
  const links: LinkEntry[] = [];
  const folders = new Set<string>();
  // With types, or Node goes into folders that links point to.
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  for (const path of found.map(({ parentPath, name }) => relative(root, join(parentPath, name))).sort()) {
    const entry = await lstat(join(root, path));
    if (entry.isFile()) files.push(await fileEntry(root, path, entry.size, entry.mode));
    else if (entry.isSymbolicLink())
      links.push({ path, ...symlinkTarget({ path, target: await readlink(join(root, path)) }) });
    else if (entry.isDirectory()) folders.add(path);
  }
  const others = [...files, ...links].map(({ path }) => path);
  return { files, links, folders: emptyFolders(folders, others) };
}

/** A folder as it is now. */
export const folderSide = async (root: string): Promise<DiffSide> => ({
  content: await listFolder(root),
  open: async (path) => createReadStream(join(root, path)),
  [Symbol.asyncDispose]: async () => {},
});
