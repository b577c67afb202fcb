import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
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
  for (const path of (await readdir(root, { recursive: true })).sort()) {
    const found = await lstat(join(root, path));
    if (found.isFile()) files.push(await fileEntry(root, path, found.size, found.mode));
    else if (found.isSymbolicLink())
      links.push({ path, ...symlinkTarget({ path, target: await readlink(join(root, path)) }) });
    else if (found.isDirectory()) folders.add(path);
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
