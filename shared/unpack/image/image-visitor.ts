import type { FileWriter, StagedTree } from '../../model/artifact-store.ts';
import { type IgnoreTexts, isIgnoreFile, type PathFilter } from '../ignore.ts';
import { checkTarget } from '../link-target.ts';
import { StagedFile } from '../staged-file.ts';
import type { TarEntry, TarVisitor } from '../tar/tar-reader.ts';
import { type ImageStep, isLinkStore, markOf, stepOf } from './image-entry.ts';
import type { ImageFile } from './image-node.ts';
import type { Shadow } from './shadow.ts';

/** What one layer of an image does, in the archive's order. */
export interface ImageSteps {
  readonly steps: readonly ImageStep[];
  /** AUFS's files that hard links of the layer may name, by path. */
  readonly linkStore: ReadonlyMap<string, ImageFile>;
  /** AUFS's own files, which are no part of the tree. */
  readonly aufsFiles: number;
}

export interface ImageVisitorDeps {
  readonly staging: StagedTree;
  readonly shadow: Shadow;
  readonly isIgnored: PathFilter;
  readonly ignoreTexts: IgnoreTexts;
}

/**
 * Notes what a layer of an image does, and stages its files where the text of their paths says, as far as that may be
 * where they end: links that make it otherwise are known only when all layers have been read.
 */
export class ImageVisitor implements TarVisitor {
  readonly #layer: number;
  readonly #deps: ImageVisitorDeps;
  readonly #steps: ImageStep[] = [];
  readonly #linkStore = new Map<string, ImageFile>();
  #aufsFiles = 0;
  #at = 0;
  #node: ImageFile | undefined;
  #file: StagedFile | undefined;
  #ignorePath: string | undefined;

  constructor(layer: number, deps: ImageVisitorDeps) {
    this.#layer = layer;
    this.#deps = deps;
  }

  get result(): ImageSteps {
    return { steps: this.#steps, linkStore: this.#linkStore, aufsFiles: this.#aufsFiles };
  }

  begin(entry: TarEntry): void | Promise<void> {
    this.#at += 1;
    this.#node = undefined;
    this.#file = undefined;
    this.#ignorePath = undefined;
    const mark = markOf(entry.path);
    if (mark === 'aufs') return this.#keepBook(entry);
    if (mark === 'none' && entry.type === 'file') return this.#beginFile(entry);
    if (entry.target !== undefined) checkTarget(entry);
    const step = stepOf(entry, mark);
    this.#steps.push(step);
    const { shadow } = this.#deps;
    if (step.does === 'empty') shadow.empty(step.path);
    else if (step.does !== 'make-folder') shadow.remove(step.path);
  }

  data(chunk: Uint8Array): void | Promise<void> {
    if (this.#ignorePath !== undefined) this.#deps.ignoreTexts.add(this.#ignorePath, chunk);
    return this.#file?.write(chunk);
  }

  end(): void | Promise<void> {
    const [file, node] = [this.#file, this.#node];
    if (file === undefined || node === undefined) return;
    const note = (): void => {
      node.staged = file.entry();
    };
    const closing = file.close();
    return closing === undefined ? note() : closing.then(note);
  }

  #keepBook({ type, path, size }: TarEntry): void {
    this.#aufsFiles += 1;
    if (type === 'file' && isLinkStore(path)) this.#linkStore.set(path, this.#newFile(size));
  }

  #newFile(size: number): ImageFile {
    return { kind: 'file', layer: this.#layer, at: this.#at, size, staged: undefined };
  }

  #beginFile({ path, size, mode }: TarEntry): void | Promise<void> {
    const node = this.#newFile(size);
    this.#node = node;
    this.#steps.push({ does: 'put', path, node });
    const { shadow, isIgnored, staging, ignoreTexts } = this.#deps;
    shadow.remove(path);
    if (shadow.isHidden(path) || isIgnored(path)) return;
    const before = shadow.stagedAt(path);
    const isOwn = before?.layer === this.#layer;
    if (!isOwn && !shadow.hasRoom(path)) return;
    shadow.stage(path, node);
    if (isIgnoreFile(path)) {
      ignoreTexts.drop(path);
      this.#ignorePath = path;
    }
    const open = (writer: FileWriter): void => {
      this.#file = new StagedFile({ path, size, mode }, writer);
    };
    if (isOwn) {
      // The last entry of a path wins.
      before.staged = undefined;
      return staging
        .remove([path])
        .then(() => staging.create(path, size, mode))
        .then(open);
    }
    const writer = staging.create(path, size, mode);
    return writer instanceof Promise ? writer.then(open) : open(writer);
  }
}
