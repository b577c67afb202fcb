import { LandfallError } from '../../errors.ts';
import { IMAGE_LINK_BYTES, LINK_HOPS } from '../../limits.ts';
import type { UnpackBudget } from '../budget.ts';
import { quoteName } from '../entry-path.ts';
import { type ImageFolder, type ImageNode, newFolder } from './image-node.ts';

/**
 * Paths in a root as a process in it would go them: links are followed, an absolute one begins at the root, and ".."
 * at the root stays there. Nothing is outside.
 * @see https://github.com/containerd/continuity/blob/v0.4.5/fs/path.go RootPath
 */
export class RootPath {
  readonly #root: ImageFolder;
  readonly #budget: UnpackBudget;
  #linkBytes = 0;

  constructor(root: ImageFolder, budget: UnpackBudget) {
    this.#root = root;
    this.#budget = budget;
  }

  /** What is at the end of a path, the last link followed too; undefined where there is nothing. */
  find(path: string): ImageNode | undefined {
    return this.#walk(path, () => undefined);
  }

  /**
   * The folder at the end of a path, made with all above it where it is not there.
   * @param entry whose path it is, for the error
   * @throws LandfallError ENTRY_REFUSED where a file is in the way, LINK_REFUSED for a circle, PATH_REFUSED too deep
   */
  makeFolder(path: string, layer: number, entry: string): ImageFolder {
    const made = this.#walk(path, (folder, name, depth) => {
      this.#budget.takeEntry();
      // What is below comes deeper still. Without it, links of links would build a tree without a floor.
      if (depth >= this.#budget.limits.pathDepth) throw tooDeep(entry, this.#budget.limits.pathDepth);
      const node = newFolder();
      folder.children.set(name, { node, layer });
      return node;
    });
    if (made?.kind === 'folder') return made;
    throw new LandfallError(
      'ENTRY_REFUSED',
      `entry ${quoteName(entry)} goes through ${quoteName(path)}, which is no folder`,
      { hint: 'Push an image whose entries are below folders only.' },
    );
  }

  #walk(
    path: string,
    make: (folder: ImageFolder, name: string, depth: number) => ImageFolder | undefined,
  ): ImageNode | undefined {
    /** What is still to be gone, the next segment last; and the folders gone through. */
    const ahead = segmentsOf(path).reverse();
    let behind: ImageFolder[] = [];
    let here: ImageNode = this.#root;
    let hops = 0;
    for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
      if (here.kind !== 'folder') return undefined;
      if (name === '..') {
        here = behind.pop() ?? this.#root;
        continue;
      }
      const next: ImageNode | undefined =
        here.children.get(name)?.node ?? make(here, name, behind.length + 1);
      if (next === undefined) return undefined;
      if (next.kind !== 'link') {
        behind.push(here);
        here = next;
        continue;
      }
      this.#linkBytes += next.target.length;
      if (++hops > LINK_HOPS || this.#linkBytes > IMAGE_LINK_BYTES) throw tooFar(path);
      if (next.target.startsWith('/')) {
        here = this.#root;
        behind = [];
      }
      for (const segment of segmentsOf(next.target).reverse()) ahead.push(segment);
    }
    return here;
  }
}

const segmentsOf = (path: string): string[] =>
  path.split('/').filter((segment) => segment !== '' && segment !== '.');

const tooFar = (path: string): LandfallError =>
  new LandfallError('LINK_REFUSED', `path ${quoteName(path)} leads in a circle, or through too many links`, {
    hint: 'Push an image whose links lead somewhere.',
  });

const tooDeep = (entry: string, pathDepth: number): LandfallError =>
  new LandfallError(
    'PATH_REFUSED',
    `entry ${quoteName(entry)} leads through links to more than pathDepth = ${pathDepth} levels`,
    { hint: 'Push an image whose links do not build on one another.' },
  );
