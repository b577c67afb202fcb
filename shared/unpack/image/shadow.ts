import type { ImageFile } from './image-node.ts';

/**
 * What the upper layers of an image surely hide, by the text of paths, and which paths the staging has. A guess that
 * saves writing: where links make it a wrong one, the tree that is put together afterwards says so.
 */
export class Shadow {
  readonly #removed = new Set<string>();
  readonly #emptied = new Set<string>();
  readonly #staged = new Map<string, ImageFile>();
  readonly #folders = new Set<string>();
  /** Of the layer being read: they hide from lower layers only. */
  #removing: string[] = [];
  #emptying: string[] = [];

  /** Begins the next layer down. */
  descend(): void {
    for (const path of this.#removing) this.#removed.add(path);
    for (const path of this.#emptying) this.#emptied.add(path);
    this.#removing = [];
    this.#emptying = [];
  }

  /** A whiteout, or something that is no folder: nothing of lower layers is under its path. */
  remove(path: string): void {
    this.#removing.push(path);
  }

  empty(path: string): void {
    this.#emptying.push(path);
  }

  /** What the staging has at a path. */
  stagedAt(path: string): ImageFile | undefined {
    return this.#staged.get(path);
  }

  stage(path: string, file: ImageFile): void {
    this.#staged.set(path, file);
    for (const folder of above(path)) {
      if (this.#folders.has(folder)) return;
      this.#folders.add(folder);
    }
  }

  /** Whether a layer that comes further down still has a say in this path. */
  isHidden(path: string): boolean {
    if (this.#removed.size === 0 && this.#emptied.size === 0) return false;
    if (this.#removed.has(path) || this.#emptied.has('')) return true;
    for (const folder of above(path)) if (this.#removed.has(folder) || this.#emptied.has(folder)) return true;
    return false;
  }

  /** Whether a staging could take a file here: it is no folder of another, and no other file is above it. */
  hasRoom(path: string): boolean {
    if (this.#staged.has(path) || this.#folders.has(path)) return false;
    for (const folder of above(path)) {
      // A file is staged below it, so none above it is.
      if (this.#folders.has(folder)) return true;
      if (this.#staged.has(folder)) return false;
    }
    return true;
  }
}

/** Every folder above a path, the nearest first. */
function* above(path: string): Generator<string> {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    yield path.slice(0, end);
}
