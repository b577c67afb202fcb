import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { VERSION_KEY } from '../../store/layout.ts';
import { startsAsStoreMark } from '../../store/store-mark.ts';

export const isDocumentName = (name: string): boolean => /\.(?:ya?ml|json)$/i.test(name);
export const isDocumentPath = (name: string): boolean => !name.startsWith('.') && name !== 'node_modules';

const isStore = async (folder: string, entries: readonly Dirent[]): Promise<boolean> =>
  entries.some(({ name }) => name === VERSION_KEY) && (await startsAsStoreMark(join(folder, VERSION_KEY)));

/**
 * Every document under a folder, in byte order of path. Left out: what is hidden, `node_modules`, a store (its content
 * is what was landed, and decides nothing), and folders behind a symbolic link, such as the target of a deploy.
 * @throws what readdir throws
 */
export async function documentsInFolder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (await isStore(folder, entries)) return [];
  const visible = entries
    .filter(({ name }) => isDocumentPath(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const nested = await Promise.all(
    visible.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return documentsInFolder(path);
      return isDocumentName(entry.name) && (entry.isFile() || entry.isSymbolicLink()) ? [path] : [];
    }),
  );
  return nested.flat();
}
