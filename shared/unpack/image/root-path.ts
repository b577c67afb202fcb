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
    const { here, missing } = this.#walk(path);
    return missing.length === 0 ? here : undefined;
  }

  /**
   * The folder at the end of a path, made with all above it where it is not there.
   * @param entry whose path it is, for the error
   * @throws LandfallError ENTRY_REFUSED where a file is in the way, LINK_REFUSED for a circle, PATH_REFUSED too deep
   */
  makeFolder(path: string, layer: number, entry: string): ImageFolder {
    const { here, missing } = this.#walk(path);
    if (here.kind !== 'folder' || missing.some(({ parent }) => parent.kind !== 'folder'))
      throw noFolder(path, entry);
    for (const { parent, name, node, depth } of missing) {
      this.#budget.takeEntry();
      // What is below comes deeper still. Without it, links of links would build a tree without a floor.
      if (depth >= this.#budget.limits.pathDepth) throw tooDeep(entry, this.#budget.limits.pathDepth);
      if (parent.kind === 'folder') parent.children.set(name, { node, layer });
    }
    return here;
  }

  /**
   * Goes through what is not there as if it were, below a file too: a ".." behind it leads back, and nothing of it is
   * made.
   */
  #walk(path: string): { readonly here: ImageNode; readonly missing: readonly Missing[] } {
    const missing: Missing[] = [];
    /** What is still to be gone, the next segment last; and the folders gone through. */
    const ahead = segmentsOf(path).reverse();
    let behind: ImageNode[] = [];
    let here: ImageNode = this.#root;
    let hops = 0;
    for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
      if (name === '..') {
        if (missing.at(-1)?.node === here) missing.pop();
        here = behind.pop() ?? this.#root;
        continue;
      }
      const parent: ImageNode = here;
      let next: ImageNode | undefined =
        parent.kind === 'folder' ? parent.children.get(name)?.node : undefined;
      if (next === undefined) {
        const node = newFolder();
        missing.push({ parent, name, node, depth: behind.length + 1 });
        next = node;
      }
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
    return { here, missing };
  }
}

/** A folder that a path goes through and that is not there; below a file it cannot be made. */
interface Missing {
  readonly parent: ImageNode;
  readonly name: string;
  readonly node: ImageFolder;
  readonly depth: number;
}

const segmentsOf = (path: string): string[] =>
  path.split('/').filter((segment) => segment !== '' && segment !== '.');

const noFolder = (path: string, entry: string): LandfallError =>
  new LandfallError(
    'ENTRY_REFUSED',
    `entry ${quoteName(entry)} goes through ${quoteName(path)}, which is no folder`,
    { hint: 'Push an image whose entries are below folders only.' },
  );

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
