import type { LinkTarget } from '../link-target.ts';
import type { WantedAgain } from './read-again.ts';

/** A file of the layer that is being read. */
export interface LayerFile {
  /** Its entry's place in the layer; the first is 1. */
  readonly at: number;
  /** The name it came under first. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** The staging has it under `path`. Otherwise its bytes were passed by: it is hidden, or ruled out. */
  readonly isWritten: boolean;
}

/** What the names in one layer stand for, hidden and ruled out or not: a hard link may name any of them. */
export class LayerNames {
  readonly #files = new Map<string, LayerFile>();
  readonly #links = new Map<string, LinkTarget>();
  readonly #awaited = new Map<number, string[]>();
  readonly #awaitedPaths = new Set<string>();
  #at = 0;

  get wantedAgain(): WantedAgain {
    return this.#awaited;
  }

  /** Begins the next entry. */
  next(): void {
    this.#at += 1;
  }

  file(path: string): LayerFile | undefined {
    return this.#files.get(path);
  }

  link(path: string): LinkTarget | undefined {
    return this.#links.get(path);
  }

  addFile(path: string, file: Pick<LayerFile, 'size' | 'isWritten'>): void {
    this.#files.set(path, { ...file, path, at: this.#at });
  }

  addLink(path: string, link: LinkTarget): void {
    this.#links.set(path, link);
  }

  /** One more name for a file. */
  addName(path: string, file: LayerFile): void {
    this.#files.set(path, file);
  }

  /** One more name for a file, whose bytes have to be read again. */
  await(path: string, file: LayerFile): void {
    this.addName(path, file);
    this.#awaitedPaths.add(path);
    const paths = this.#awaited.get(file.at) ?? [];
    paths.push(path);
    this.#awaited.set(file.at, paths);
  }

  isAwaited(path: string): boolean {
    return this.#awaitedPaths.has(path);
  }
}
