import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LandfallError } from '../shared/errors.ts';
import type { ListedContent } from '../shared/event/changes.ts';
import { sumOf } from '../shared/kernel/read-bytes.ts';
import type { FileEntry, LinkEntry } from '../shared/model/artifact-record.ts';
import type { FileWriter, StagedTree } from '../shared/model/artifact-store.ts';
import { correctedReference } from '../shared/oci/typed-reference.ts';
import { shownUrl } from '../shared/shown-url.ts';
import { emptyFolders } from '../shared/unpack/empty-folders.ts';
import { symlinkTarget } from '../shared/unpack/link-target.ts';

async function fileEntry(root: string, path: string, size: number, mode: number): Promise<FileEntry> {
  const { sha256 } = await sumOf(createReadStream(join(root, path)));
  return { path, size, sha256, mode: mode & 0o777 };
}

/** What a folder holds, as a commit record would list it. @throws LandfallError USAGE */
export async function listFolder(root: string): Promise<ListedContent> {
  const top = await stat(root).catch(() => undefined);
  if (top?.isDirectory() !== true) {
    const meant = top === undefined ? correctedReference(root) : undefined;
    throw new LandfallError('USAGE', `${shownUrl(root)} is neither oci://… nor a folder`, {
      ...(meant !== undefined && { hint: `Write ${meant}, or a folder that is there` }),
    });
  }
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

const NOWHERE: FileWriter = { write: () => {}, close: () => {} };

/** A staging that keeps nothing: unpack hashes as it goes, and the list is all that is wanted. */
export const listingStaging: StagedTree = {
  create: () => NOWHERE,
  copy: async () => {},
  remove: async () => {},
  discard: async () => {},
};
