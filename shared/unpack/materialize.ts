import { LandfallError } from '../errors.ts';
import { LINK_HOPS } from '../limits.ts';
import type { FileEntry } from '../model/artifact-record.ts';
import type { StagedTree } from '../model/artifact-store.ts';
import type { UnpackBudget } from './budget.ts';
import { quoteName } from './entry-path.ts';
import type { PathJudge } from './layer/select-layers.ts';
import type { Tree } from './tree.ts';

export interface MaterializeOptions {
  readonly budget: UnpackBudget;
  readonly judge: PathJudge;
  /** Paths of links that are ruled out, and so need no copy. */
  readonly ignored: ReadonlySet<string>;
}

/**
 * Puts a copy of its target in the place of every link: of the file, or of all files of the folder. Copies count like
 * files of the archive. Afterwards the tree has no links.
 * @throws LandfallError LINK_REFUSED for a circle, a target that is not there or not surely inside; TOO_MANY_FILES, UNPACKED_TOO_LARGE
 */
export async function materializeLinks(
  tree: Tree,
  staging: StagedTree,
  options: MaterializeOptions,
): Promise<void> {
  const { copies, folders } = new LinkCopies(tree, options).plan();
  for (const { from, to } of copies) {
    await staging.copy(from.path, to);
    tree.files.set(to, { ...from, path: to });
  }
  for (const folder of folders) tree.folders.add(folder);
  tree.links.clear();
}

interface Copy {
  readonly from: FileEntry;
  readonly to: string;
}

class LinkCopies {
  readonly #tree: Tree;
  readonly #options: MaterializeOptions;
  readonly #filePaths: readonly string[];
  readonly #linkPaths: readonly string[];
  readonly #folderPaths: readonly string[];
  readonly #copies: Copy[] = [];
  readonly #folders: string[] = [];

  constructor(tree: Tree, options: MaterializeOptions) {
    this.#tree = tree;
    this.#options = options;
    this.#filePaths = [...tree.files.keys()].sort();
    this.#linkPaths = [...tree.links.keys()].sort();
    this.#folderPaths = [...tree.folders].sort();
  }

  plan(): { readonly copies: readonly Copy[]; readonly folders: readonly string[] } {
    for (const path of this.#linkPaths) if (!this.#options.ignored.has(path)) this.#copyLink(path, path, []);
    return { copies: this.#copies, folders: this.#folders };
  }

  /** `link` is the link's own path; `to` where its copy goes, which differs below a copied folder. */
  #copyLink(link: string, to: string, above: readonly string[]): void {
    this.#options.budget.takeEntry();
    if (this.#tree.links.get(link)?.outside && this.#options.ignored.has(link)) return;
    const target = this.#follow(link);
    const file = this.#tree.files.get(target);
    if (file !== undefined) this.#copyFile(file, to);
    else this.#copyFolder(link, target, to, above);
  }

  #copyFolder(link: string, target: string, to: string, above: readonly string[]): void {
    if (!this.#hasFolder(target))
      throw refused(link, `points at ${quoteName(target)}, which is not in the artifact`);
    const folder = target === '' ? '' : `${target}/`;
    if (above.includes(target)) throw refused(link, 'points at a folder it is in');
    this.#folders.push(this.#options.judge(to));
    for (const path of under(this.#folderPaths, folder))
      this.#copyEmpty(`${to}/${path.slice(folder.length)}`);
    for (const path of under(this.#filePaths, folder)) {
      const inside = this.#tree.files.get(path);
      if (inside !== undefined) this.#copyFile(inside, `${to}/${path.slice(folder.length)}`);
    }
    const stack = [...above, target];
    for (const path of under(this.#linkPaths, folder))
      this.#copyLink(path, `${to}/${path.slice(folder.length)}`, stack);
  }

  /** It may turn out to be empty. */
  #copyEmpty(to: string): void {
    this.#options.budget.takeEntry();
    this.#folders.push(this.#options.judge(to));
  }

  /** Whether there is a folder here: named, or above something. */
  #hasFolder(path: string): boolean {
    if (path === '' || this.#tree.folders.has(path)) return true;
    const [first] = under(this.#filePaths, `${path}/`);
    const [link] = under(this.#linkPaths, `${path}/`);
    return first !== undefined || link !== undefined;
  }

  #copyFile(from: FileEntry, to: string): void {
    this.#options.budget.takeFile();
    this.#options.budget.takeBytes(from.size);
    this.#copies.push({ from, to: this.#options.judge(to) });
  }

  /** Where a link ends, through links on the way. */
  #follow(link: string): string {
    let path = link;
    // The first hop is the link itself.
    for (let hop = 0; hop <= LINK_HOPS; hop += 1) {
      const next = this.#followOnce(link, path);
      if (next === undefined) return path;
      path = next;
    }
    throw refused(link, 'leads in a circle, or through too many links');
  }

  #followOnce(link: string, path: string): string | undefined {
    for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
      const above = end < 0 ? path : path.slice(0, end);
      const { target, outside } = this.#tree.links.get(above) ?? {};
      if (target !== undefined && outside)
        throw refused(link, `points at ${quoteName(target)}, which is not surely inside the artifact`);
      const rest = end < 0 ? '' : path.slice(end);
      if (target !== undefined) return target === '' ? rest.slice(1) : target + rest;
      if (end < 0) return undefined;
    }
  }
}

/** The paths below a folder, which stand in a row in a sorted list. */
function* under(sorted: readonly string[], folder: string): Generator<string> {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < folder) low = middle + 1;
    else high = middle;
  }
  for (let path = sorted[low]; path?.startsWith(folder); path = sorted[++low]) yield path;
}

const refused = (link: string, why: string): LandfallError =>
  new LandfallError('LINK_REFUSED', `link ${quoteName(link)} cannot be materialized: it ${why}`, {
    hint: 'Set links: record, or push the artifact without this link.',
  });
