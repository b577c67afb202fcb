import type { FileEntry } from '../../model/artifact-record.ts';
import type { FileWriter, StagedTree } from '../../model/artifact-store.ts';
import { type IgnoreTexts, isIgnoreFile } from '../ignore.ts';
import { StagedFile } from '../staged-file.ts';
import type { TarEntry, TarVisitor } from '../tar/tar-reader.ts';

/** By the place of an entry in its layer (the first is 1), the paths its bytes are wanted under. */
export type WantedAgain = ReadonlyMap<number, readonly string[]>;

export interface AgainDeps {
  readonly staging: StagedTree;
  readonly files: Map<string, FileEntry>;
  readonly ignoreTexts: IgnoreTexts;
}

/** Takes from a layer that is read a second time the files that were passed by, and turned out to be wanted. */
export class AgainVisitor implements TarVisitor {
  readonly #wanted: WantedAgain;
  readonly #deps: AgainDeps;
  #at = 0;
  #file: StagedFile | undefined;
  #ignorePaths: readonly string[] = [];

  constructor(wanted: WantedAgain, deps: AgainDeps) {
    this.#wanted = wanted;
    this.#deps = deps;
  }

  begin({ size, mode }: TarEntry): void | Promise<void> {
    this.#at += 1;
    this.#file = undefined;
    const paths = this.#wanted.get(this.#at) ?? [];
    this.#ignorePaths = paths.filter(isIgnoreFile);
    const [path] = paths;
    if (path === undefined) return;
    const writer = this.#deps.staging.create(path, size, mode);
    const open = (opened: FileWriter): void => {
      this.#file = new StagedFile({ path, size, mode }, opened);
    };
    return writer instanceof Promise ? writer.then(open) : open(writer);
  }

  data(chunk: Uint8Array): void | Promise<void> {
    for (const path of this.#ignorePaths) this.#deps.ignoreTexts.add(path, chunk);
    return this.#file?.write(chunk);
  }

  async end(): Promise<void> {
    if (this.#file === undefined) return;
    await this.#file.close();
    const { staging, files } = this.#deps;
    const first = this.#file.entry();
    files.set(first.path, first);
    for (const path of (this.#wanted.get(this.#at) ?? []).slice(1)) {
      await staging.copy(first.path, path);
      files.set(path, { ...first, path });
    }
  }
}
