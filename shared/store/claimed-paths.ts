import { LandfallError } from '../errors.ts';
import { checkPath } from './object-key.ts';

/** Every folder above a path: `a/b/c` gives `a` and `a/b`. */
const foldersAbove = (path: string): readonly string[] =>
  path
    .split('/')
    .map((_, at, parts) => parts.slice(0, at).join('/'))
    .slice(1);

const clash = (path: string): LandfallError =>
  new LandfallError(
    'ENTRY_REFUSED',
    `entry ${JSON.stringify(path)} clashes with another entry of the artifact`,
  );

/** Which paths of a staging are taken: a path is a file or a folder, never both, never twice. */
export class ClaimedPaths {
  readonly sizes = new Map<string, number>();
  #folders = new Set<string>();

  claim(path: string, size: number): void {
    checkPath(path);
    const above = foldersAbove(path);
    const taken = this.sizes.has(path) || this.#folders.has(path);
    if (taken || above.some((folder) => this.sizes.has(folder))) throw clash(path);
    for (const folder of above) this.#folders.add(folder);
    this.sizes.set(path, size);
  }

  release(paths: readonly string[]): void {
    for (const path of paths) this.sizes.delete(path);
    this.#folders = new Set([...this.sizes.keys()].flatMap(foldersAbove));
  }
}
