import { createHash, type Hash, hash } from 'node:crypto';
import type { FileEntry } from '../model/artifact-record.ts';
import type { FileWriter } from '../model/artifact-store.ts';

/** One file on its way: hashed while it is written, or only hashed where there is no writer. */
export class StagedFile implements FileWriter {
  readonly #head: Omit<FileEntry, 'sha256'>;
  readonly #writer: FileWriter | undefined;
  #hash: Hash | undefined;
  #sha256: string | undefined;

  constructor(head: Omit<FileEntry, 'sha256'>, writer: FileWriter | undefined) {
    this.#head = head;
    this.#writer = writer;
  }

  write(chunk: Uint8Array): void | Promise<void> {
    if (this.#writer?.hashed === undefined) this.#update(chunk);
    return this.#writer?.write(chunk);
  }

  close(): void | Promise<void> {
    if (this.#writer?.hashed === undefined)
      this.#sha256 ??= this.#hash === undefined ? hash('sha256', '', 'hex') : this.#hash.digest('hex');
    return this.#writer?.close();
  }

  /** Known once closed; where the writer hashes, its sum is empty until the layer is settled. */
  entry(): FileEntry {
    const { path, size, mode } = this.#head;
    const entry = { path, size, sha256: this.#sha256 ?? '', mode };
    this.#writer?.hashed?.((sha256) => {
      entry.sha256 = sha256;
    });
    return entry;
  }

  #update(chunk: Uint8Array): void {
    // Most files come in one piece, and one call is a third of the price of an object with state.
    if (this.#hash === undefined && chunk.length === this.#head.size)
      this.#sha256 = hash('sha256', chunk, 'hex');
    else {
      this.#hash ??= createHash('sha256');
      this.#hash.update(chunk);
    }
  }
}
