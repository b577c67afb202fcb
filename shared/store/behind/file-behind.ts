import type { FileWriter } from '../../model/artifact-store.ts';
import { isExecutable } from '../../model/content-digest.ts';
import { PIECE } from './to-thread.ts';

/** Where the pieces of files go, and the files that are closed. */
export interface Pieces {
  /** `at`: where in the shared memory; `path`: of a piece that opens its file. */
  add(at: number, bytes: number, what: number, path: string): void;
  closed(file: FileBehind): void;
}

/** One file of a layer that a thread hashes and writes. Of a class, for there are tens of thousands. */
export class FileBehind implements FileWriter {
  readonly #pieces: Pieces;
  readonly #path: string;
  #what: number;
  #left: number;
  #tell: ((sha256: string) => void) | undefined;

  constructor(pieces: Pieces, { path, size, mode }: { path: string; size: number; mode: number }) {
    this.#pieces = pieces;
    this.#path = path;
    this.#left = size;
    this.#what = PIECE.opens | (isExecutable(mode) ? PIECE.executable : 0);
  }

  /** `chunk` is in the shared memory. */
  write(chunk: Uint8Array): void {
    this.#add(chunk.byteOffset, chunk.length);
  }

  close(): void {
    if ((this.#what & PIECE.opens) !== 0) this.#add(0, 0);
    this.#pieces.closed(this);
  }

  hashed(tell: (sha256: string) => void): void {
    this.#tell = tell;
  }

  tell(sha256: string): void {
    this.#tell?.(sha256);
  }

  #add(at: number, bytes: number): void {
    this.#left -= bytes;
    this.#pieces.add(at, bytes, this.#left === 0 ? this.#what | PIECE.closes : this.#what, this.#path);
    this.#what = 0;
  }
}
