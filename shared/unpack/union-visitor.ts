import { LandfallError } from '../errors.ts';
import type { FileEntry } from '../model/artifact-record.ts';
import type { FileWriter, StagedTree } from '../model/artifact-store.ts';
import { isExecutable } from '../model/content-digest.ts';
import type { UnpackBudget } from './budget.ts';
import { quoteName, resolveLink } from './entry-path.ts';
import { isIgnoreFile, type PathFilter } from './ignore.ts';
import { LayerNames } from './layer/layer-names.ts';
import type { WantedAgain } from './layer/read-again.ts';
import { type LinkTarget, symlinkTarget } from './link-target.ts';
import { StagedFile } from './staged-file.ts';
import type { TarEntry } from './tar/tar-entry.ts';
import type { TarVisitor } from './tar/tar-reader.ts';
import type { Tree } from './tree.ts';
import type { Union } from './union.ts';
import { readWhiteout } from './whiteout.ts';

export interface UnionVisitorOptions {
  readonly whiteouts: boolean;
  /** ORAS: the folder that every entry must be under. */
  readonly under?: string;
  /** Files that are ruled out whatever else comes: they are read and not written. */
  readonly isIgnored: PathFilter;
  readonly budget: UnpackBudget;
  readonly union: Union;
}

/** Puts one layer's entries into the tree and its files into the staging. */
export class UnionVisitor implements TarVisitor {
  readonly #tree: Tree;
  readonly #staging: StagedTree;
  readonly #options: UnionVisitorOptions;
  readonly #names = new LayerNames();
  /** What has to be the same, and is not hashed yet. */
  readonly #pairs: (readonly [first: FileEntry, again: FileEntry])[] = [];
  #file: StagedFile | undefined;
  #isNew = false;
  #ignorePath: string | undefined;

  constructor(tree: Tree, staging: StagedTree, options: UnionVisitorOptions) {
    this.#tree = tree;
    this.#staging = staging;
    this.#options = options;
  }

  /** What hard links want of files that were passed by: the layer has to be read again for them. */
  get wantedAgain(): WantedAgain {
    return this.#names.wantedAgain;
  }

  begin(entry: TarEntry): void | Promise<void> {
    this.#names.next();
    this.#file = undefined;
    this.#ignorePath = undefined;
    this.#checkUnder(entry);
    const { union } = this.#options;
    const whiteout = this.#options.whiteouts ? readWhiteout(entry) : undefined;
    if (whiteout !== undefined) union.whiteOut(whiteout);
    else if (entry.type === 'file') return this.#beginFile(entry);
    else if (entry.type === 'directory') union.admit(entry.path, 'directory');
    else if (entry.type === 'symlink') this.#addLink(entry.path, symlinkTarget(entry));
    else return this.#addHardLink(entry);
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

  /** Call when all of the layer is hashed. @throws LandfallError ENTRY_REFUSED */
  finish(): void {
    for (const [first, again] of this.#pairs) if (!isSame(first, again)) throw twice(first.path);
  }

  #beginFile({ path, size, mode }: TarEntry): void | Promise<void> {
    const admission = this.#options.union.admit(path, 'file');
    this.#isNew = admission === 'new';
    const isWritten = this.#isNew && !this.#options.isIgnored(path);
    if (admission !== 'again') this.#names.addFile(path, { size, isWritten });
    if (this.#isNew && isIgnoreFile(path)) this.#ignorePath = path;
    if (admission === 'hidden' || this.#options.isIgnored(path)) return;
    if (this.#names.isAwaited(path)) throw twice(path);
    const writer = isWritten ? this.#staging.create(path, size, mode) : undefined;
    const open = (opened: FileWriter | undefined): void => {
      this.#file = new StagedFile({ path, size, mode }, opened);
    };
    return writer instanceof Promise ? writer.then(open) : open(writer);
  }

  #addFile(file: StagedFile): void {
    const entry = file.entry();
    const { files } = this.#tree;
    const first = this.#isNew ? undefined : files.get(entry.path);
    if (first === undefined) files.set(entry.path, entry);
    else this.#hold(first, entry);
  }

  /** Holds what comes again to what it was: now, or when a thread has hashed it. */
  #hold(first: FileEntry, again: FileEntry): void {
    if (first.sha256 === '' || again.sha256 === '') this.#pairs.push([first, again]);
    else if (!isSame(first, again)) throw twice(first.path);
  }

  /** A hard link is the file itself under one more name. */
  #addHardLink({ path, target = '' }: TarEntry): void | Promise<void> {
    const resolved = resolveLink(path, target, 'hardlink');
    const link = resolved === undefined ? undefined : this.#names.link(resolved);
    if (link !== undefined) return this.#addLink(path, link);
    const file = resolved === undefined || resolved === path ? undefined : this.#names.file(resolved);
    if (file === undefined) throw noTarget(path, target);
    const { files } = this.#tree;
    const { union } = this.#options;
    const admission = union.admit(path, 'file');
    const isWanted = admission === 'new' && !this.#options.isIgnored(path);
    const from = files.get(file.path);
    if (admission === 'again') {
      const [before, here] = [this.#names.file(path), files.get(path)];
      if (before?.at === file.at) return;
      if (here === undefined || from === undefined) throw twice(path);
      return this.#hold(here, from);
    }
    if (!isWanted) return this.#names.addName(path, file);
    const { budget } = this.#options;
    budget.takeFile();
    budget.takeBytes(file.size);
    // An ignore file is read as it streams by, and this one did under another name.
    if (!file.isWritten || from === undefined || isIgnoreFile(path)) return this.#names.await(path, file);
    this.#names.addName(path, file);
    return this.#staging.copy(from.path, path).then(() => void files.set(path, { ...from, path }));
  }

  #addLink(path: string, link: LinkTarget): void {
    const { links } = this.#tree;
    const { union } = this.#options;
    const admission = union.admit(path, 'link');
    if (admission !== 'again') this.#names.addLink(path, link);
    if (admission === 'new') links.set(path, link);
    const there = links.get(path);
    if (admission === 'again' && (there?.target !== link.target || there.outside !== link.outside))
      throw refused('ENTRY_REFUSED', path, 'comes twice in one layer, linking to different places');
  }

  #checkUnder({ path, type }: TarEntry): void {
    const { under } = this.#options;
    if (under === undefined || path.startsWith(`${under}/`) || (path === under && type === 'directory'))
      return;
    throw new LandfallError(
      'ENTRY_REFUSED',
      `entry ${quoteName(path)} is not under ${quoteName(under)}, the folder its layer is titled`,
      { hint: 'Push the folder by oras, which packs it under its title, or push the tar without a title.' },
    );
  }
}

const isSame = (one: FileEntry, other: FileEntry): boolean =>
  one.sha256 === other.sha256 && isExecutable(one.mode) === isExecutable(other.mode);

const HINTS = {
  ENTRY_REFUSED: 'Push an archive in which every path is there once.',
  LINK_REFUSED: 'Replace the link by a copy, or push an archive whose hard links follow their file.',
} as const;

const refused = (code: keyof typeof HINTS, path: string, why: string): LandfallError =>
  new LandfallError(code, `entry ${quoteName(path)} ${why}`, { hint: HINTS[code] });

const twice = (path: string): LandfallError =>
  refused('ENTRY_REFUSED', path, 'comes twice in one layer, with different content');

const noTarget = (path: string, target: string): LandfallError =>
  refused(
    'LINK_REFUSED',
    path,
    `is a hard link to ${quoteName(target)}, which is no file earlier in the same layer`,
  );
