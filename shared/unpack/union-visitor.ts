import { LandfallError } from '../errors.ts';
import type { FileEntry } from '../store/artifact-record.ts';
import type { Staging } from '../store/artifact-store.ts';
import { isExecutable } from './content-digest.ts';
import { quoteName, resolveLink } from './entry-path.ts';
import { type IgnoreTexts, isIgnoreFile, type PathFilter } from './ignore.ts';
import { StagedFile } from './staged-file.ts';
import type { TarEntry } from './tar-entry.ts';
import type { TarVisitor } from './tar-reader.ts';
import type { Union } from './union.ts';
import { readWhiteout } from './whiteout.ts';

/** What the layers read so far have given. */
export interface Tree {
  readonly union: Union;
  readonly files: Map<string, FileEntry>;
  /** By path; the target is relative to the artifact's root. */
  readonly links: Map<string, string>;
  readonly ignoreTexts: IgnoreTexts;
}

export interface UnionVisitorOptions {
  readonly whiteouts: boolean;
  /** ORAS: the folder that every entry must be under. */
  readonly under?: string;
  /** Files that are ruled out whatever else comes: they are read and not written. */
  readonly isIgnored: PathFilter;
}

/** Puts one layer's entries into the tree and its files into the staging. */
export class UnionVisitor implements TarVisitor {
  readonly #tree: Tree;
  readonly #staging: Staging;
  readonly #options: UnionVisitorOptions;
  #file: StagedFile | undefined;
  #isNew = false;
  #ignorePath: string | undefined;

  constructor(tree: Tree, staging: Staging, options: UnionVisitorOptions) {
    this.#tree = tree;
    this.#staging = staging;
    this.#options = options;
  }

  begin(entry: TarEntry): void | Promise<void> {
    this.#file = undefined;
    this.#ignorePath = undefined;
    this.#checkUnder(entry);
    const { union } = this.#tree;
    const whiteout = this.#options.whiteouts ? readWhiteout(entry) : undefined;
    if (whiteout !== undefined) union.whiteOut(whiteout);
    else if (entry.type === 'file') return this.#beginFile(entry);
    else if (entry.type === 'directory') union.admit(entry.path, 'directory');
    else this.#addLink(entry.path, this.#targetOf(entry));
  }

  data(chunk: Uint8Array): void | Promise<void> {
    if (this.#ignorePath !== undefined) this.#tree.ignoreTexts.add(this.#ignorePath, chunk);
    return this.#file?.write(chunk);
  }

  end(): void | Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    const closing = file.close();
    return closing === undefined ? this.#addFile(file) : closing.then(() => this.#addFile(file));
  }

  #beginFile({ path, size, mode }: TarEntry): void | Promise<void> {
    const admission = this.#tree.union.admit(path, 'file');
    this.#isNew = admission === 'new';
    if (this.#isNew && isIgnoreFile(path)) this.#ignorePath = path;
    if (admission === 'hidden' || this.#options.isIgnored(path)) return;
    if (!this.#isNew) {
      this.#file = new StagedFile({ path, size, mode }, undefined);
      return;
    }
    const writer = this.#staging.create(path, size, mode);
    if (!(writer instanceof Promise)) {
      this.#file = new StagedFile({ path, size, mode }, writer);
      return;
    }
    return writer.then((opened) => {
      this.#file = new StagedFile({ path, size, mode }, opened);
    });
  }

  #addFile(file: StagedFile): void {
    const entry = file.entry();
    const { files } = this.#tree;
    const first = this.#isNew ? undefined : files.get(entry.path);
    if (first === undefined) {
      files.set(entry.path, entry);
      return;
    }
    if (first.sha256 !== entry.sha256 || isExecutable(first.mode) !== isExecutable(entry.mode)) {
      throw refused('ENTRY_REFUSED', entry.path, 'comes twice in one layer, with different content');
    }
  }

  #targetOf({ path, type, target = '' }: TarEntry): string {
    const resolved = resolveLink(path, target, type === 'hardlink' ? 'hardlink' : 'symlink');
    if (resolved === undefined)
      throw refused(
        'LINK_REFUSED',
        path,
        `links to ${quoteName(target)}, which is not surely inside the artifact`,
      );
    if (type === 'symlink') return resolved;
    const { union, links } = this.#tree;
    const kind = resolved === path ? undefined : union.kindHere(resolved);
    if (kind === 'file') return resolved;
    const linked = kind === 'link' ? links.get(resolved) : undefined;
    if (linked !== undefined) return linked;
    const why = union.isHiddenHere(resolved)
      ? 'which an upper layer replaced'
      : 'which is no file earlier in the same layer';
    throw refused('LINK_REFUSED', path, `is a hard link to ${quoteName(target)}, ${why}`);
  }

  #addLink(path: string, target: string): void {
    const { union, links } = this.#tree;
    const admission = union.admit(path, 'link');
    if (admission === 'new') links.set(path, target);
    if (admission === 'again' && links.get(path) !== target)
      throw refused('ENTRY_REFUSED', path, 'comes twice in one layer, linking to different places');
  }

  #checkUnder({ path, type }: TarEntry): void {
    const { under } = this.#options;
    if (under === undefined || path.startsWith(`${under}/`) || (path === under && type === 'directory'))
      return;
    throw refused('ENTRY_REFUSED', path, `is not under ${quoteName(under)}, the folder its layer is titled`);
  }
}

const HINTS = {
  ENTRY_REFUSED: 'Push an archive in which every path is there once.',
  LINK_REFUSED: 'Replace the link by a copy; for a container image use unpack.mode none or archive.',
} as const;

const refused = (code: keyof typeof HINTS, path: string, why: string): LandfallError =>
  new LandfallError(code, `entry ${quoteName(path)} ${why}`, { hint: HINTS[code] });
