import { inByteOrder } from '../kernel/byte-order.ts';

/** Adds every folder above a path, up to the first that is there already. */
function addAbove(path: string, folders: Set<string>): void {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const folder = path.slice(0, end);
    if (folders.has(folder)) return;
    folders.add(folder);
  }
}

/**
 * Folders with no file, no link and no other folder below them, in byte order: what a list of files cannot say.
 * @param others paths of whatever is no folder
 */
export function emptyFolders(folders: ReadonlySet<string>, others: Iterable<string>): readonly string[] {
  if (folders.size === 0) return [];
  const above = new Set<string>();
  for (const path of others) addAbove(path, above);
  for (const path of folders) addAbove(path, above);
  const empty = [...folders].filter((path) => !above.has(path));
  return inByteOrder(empty);
}
