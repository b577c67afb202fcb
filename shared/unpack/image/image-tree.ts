import { LandfallError } from '../../errors.ts';
import type { UnpackBudget } from '../budget.ts';
import { quoteName } from '../entry-path.ts';
import type { ImageStep } from './image-entry.ts';
import {
  type ImageChild,
  type ImageFile,
  type ImageFolder,
  type ImageNode,
  newFolder,
} from './image-node.ts';
import { RootPath } from './root-path.ts';

/**
 * A container's root, put together from its layers, the lowest first, as containerd applies them to a disk: the last
 * entry of a path wins, a folder over a folder adds to it, paths go through links inside the root. It is all in memory,
 * and has names only: what is in the files is staged elsewhere.
 * @see https://github.com/containerd/containerd/blob/v2.1.0/pkg/archive/tar.go applyNaive
 */
export class ImageTree {
  readonly root: ImageFolder = newFolder();
  readonly #paths: RootPath;
  #layer = 0;
  /** Where the last entry was put, which is where most of the next ones go; forgotten when a path may lead elsewhere. */
  #above: { readonly path: string; readonly folder: ImageFolder } | undefined;

  constructor(budget: UnpackBudget) {
    this.#paths = new RootPath(this.root, budget);
  }

  /** @param linkStore AUFS's files of this layer that hard links may name, by path */
  apply(layer: number, steps: readonly ImageStep[], linkStore: ReadonlyMap<string, ImageFile>): void {
    this.#layer = layer;
    this.#above = undefined;
    for (const step of steps) this.#apply(step, linkStore);
  }

  #apply(step: ImageStep, linkStore: ReadonlyMap<string, ImageFile>): void {
    if (step.does === 'empty') {
      this.#above = undefined;
      const folder = this.#paths.find(step.path);
      if (folder?.kind === 'folder') this.#removeLower(folder);
      return;
    }
    const [above, name] = split(step.path);
    if (step.does === 'remove') {
      this.#above = undefined;
      const folder = this.#paths.find(above);
      if (folder?.kind === 'folder') this.#remove(folder, name);
      return;
    }
    const folder = this.#folder(above, step.path);
    if (folder.children.has(name)) this.#above = undefined;
    if (step.does === 'link') {
      // What was there goes first: a link to itself, or into what it replaces, finds nothing.
      folder.children.delete(name);
      const node = linkStore.get(step.target.replace(/^(?:\.?\/)+/, '')) ?? this.#linked(step);
      folder.children.set(name, { node, layer: this.#layer });
    } else if (step.does === 'put') folder.children.set(name, { node: step.node, layer: this.#layer });
    else this.#putFolder(folder, name);
  }

  #folder(path: string, entry: string): ImageFolder {
    if (this.#above?.path === path) return this.#above.folder;
    const folder = this.#paths.makeFolder(path, this.#layer, entry);
    this.#above = { path, folder };
    return folder;
  }

  #putFolder(folder: ImageFolder, name: string): void {
    const there = folder.children.get(name)?.node;
    folder.children.set(name, { node: there?.kind === 'folder' ? there : newFolder(), layer: this.#layer });
  }

  /** The file, or the link, that a hard link names: its folder may be reached through links, it itself is not followed. */
  #linked({ path, target }: { readonly path: string; readonly target: string }): ImageNode {
    const [above, name] = split(target.replace(/\/+$/, ''));
    const folder = this.#paths.find(above);
    const node = folder?.kind === 'folder' ? folder.children.get(name)?.node : undefined;
    if (node !== undefined && node.kind !== 'folder') return node;
    throw new LandfallError(
      'LINK_REFUSED',
      `entry ${quoteName(path)} is a hard link to ${quoteName(target)}, which is no file there`,
      { hint: 'Push an image whose hard links name a file of their own or a lower layer.' },
    );
  }

  #remove(folder: ImageFolder, name: string): void {
    const child = folder.children.get(name);
    if (child !== undefined && !this.#survives(child)) folder.children.delete(name);
  }

  /** A whiteout takes away what lower layers put there, and nothing of its own. */
  #removeLower(folder: ImageFolder): void {
    if (folder.emptiedBy === this.#layer) return;
    folder.emptiedBy = this.#layer;
    for (const name of [...folder.children.keys()]) this.#remove(folder, name);
  }

  #survives({ node, layer }: ImageChild): boolean {
    if (node.kind !== 'folder') return layer === this.#layer;
    this.#removeLower(node);
    return layer === this.#layer || node.children.size > 0;
  }
}

const split = (path: string): readonly [above: string, name: string] => {
  const at = path.lastIndexOf('/');
  return [path.slice(0, Math.max(0, at)), path.slice(at + 1)];
};
