import { inByteOrder } from '../kernel/byte-order.ts';
import { EVENT_PATHS, EVENT_PATHS_BYTES } from '../limits.ts';

/** Stands for anything anywhere in the artifact. No path of an artifact looks like it, or ends in a slash. */
export const ROOT = '/';

export interface ChangedPathsLimits {
  readonly paths: number;
  /** Bytes of JSON, quotes and commas included. */
  readonly bytes: number;
}

const EVENT_PATH_LIMITS: ChangedPathsLimits = { paths: EVENT_PATHS, bytes: EVENT_PATHS_BYTES };

interface Folder {
  /** With its trailing slash; the root's is "/". */
  readonly path: string;
  readonly folders: Map<string, Folder>;
  readonly files: string[];
}

const newFolder = (path: string): Folder => ({ path, folders: new Map(), files: [] });

function treeOf(paths: readonly string[]): Folder {
  const root = newFolder(ROOT);
  for (const path of paths) {
    let folder = root;
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      const key = path.slice(0, slash + 1);
      const child = folder.folders.get(key) ?? newFolder(key);
      folder.folders.set(key, child);
      folder = child;
    }
    folder.files.push(path);
  }
  return root;
}

const costOf = (path: string): number => Buffer.byteLength(JSON.stringify(path)) + 1;

/** What is listed so far. It always covers every change; `replace` makes it finer where that still fits. */
class Cover {
  readonly entries = new Set<string>();
  readonly #limits: ChangedPathsLimits;
  #bytes = 1;

  constructor(limits: ChangedPathsLimits) {
    this.#limits = limits;
  }

  /** Takes `removed` out and puts `added` in, or does nothing and returns false where that is too much. */
  replace(removed: readonly string[], added: readonly string[]): boolean {
    const size = this.entries.size - removed.length + added.length;
    if (size > this.#limits.paths) return false;
    const cost = (paths: readonly string[]): number => paths.reduce((sum, path) => sum + costOf(path), 0);
    const bytes = this.#bytes - cost(removed) + cost(added);
    if (bytes > this.#limits.bytes) return false;
    for (const path of removed) this.entries.delete(path);
    for (const path of added) this.entries.add(path);
    this.#bytes = bytes;
    return true;
  }
}

/**
 * Opens folders from the top, breadth first, so that the folders teams own stay visible when one of them is huge.
 * A folder that is opened but whose own files do not fit keeps its entry for them.
 */
function refine(root: Folder, cover: Cover): void {
  const opened: Folder[] = [];
  for (let level = [root]; level.length > 0; ) {
    const next: Folder[] = [];
    for (const folder of level) {
      const inner = [...folder.folders.values()];
      const dropped = folder.files.length === 0 ? [folder.path] : [];
      if (
        !cover.replace(
          dropped,
          inner.map(({ path }) => path),
        )
      )
        continue;
      opened.push(folder);
      next.push(...inner);
    }
    level = next;
  }
  for (const { path, files } of opened) if (files.length > 0) cover.replace([path], files);
}

/**
 * The paths as they are, in byte order, where they fit; else folders stand for what is under them: `dir/` for
 * anything under dir, `/` for anything at all. Every given path is in the result or under a folder of it.
 */
export function collapsePaths(
  paths: readonly string[],
  limits: ChangedPathsLimits = EVENT_PATH_LIMITS,
): readonly string[] {
  if (paths.length === 0) return [];
  const sorted = inByteOrder(paths);
  const whole = new Cover(limits);
  if (whole.replace([], sorted)) return sorted;
  const cover = new Cover(limits);
  if (!cover.replace([], [ROOT])) return [ROOT];
  refine(treeOf(sorted), cover);
  return inByteOrder(cover.entries);
}
