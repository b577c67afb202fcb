import { closeSync, constants, mkdirSync, openSync, rmdirSync, unlinkSync, write, writeSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf, LandfallError } from '../../errors.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { MiB, WRITE_BEHIND_LAYER_BYTES } from '../../limits.ts';
import type { FileWriter, StagedTree, WriteBehind, WriteBehindOptions } from '../../model/artifact-store.ts';
import { LayerBehind } from '../behind/layer-behind.ts';
import { writeThread } from '../behind/write-thread.ts';
import { checkPath } from '../object-key.ts';
import { DESCRIPTOR_PATIENCE_MS, isOutOfDescriptors, patiently } from './descriptors.ts';
import { type FolderError, filesystemError, isMissing } from './filesystem-error.ts';

/** A file up to this size is written at once: 18 µs where promises take 100. Larger ones leave the thread to others. */
const SYNCHRONOUS_BYTES = 1 * MiB;
const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW, COPYFILE_EXCL, COPYFILE_FICLONE } = constants;
/** O_EXCL follows no link and replaces nothing, whatever is planted in the folder. */
const OPENING = { flags: O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, patienceMs: DESCRIPTOR_PATIENCE_MS };

const clash = (path: string, cause: unknown): LandfallError =>
  new LandfallError(
    'ENTRY_REFUSED',
    `entry ${JSON.stringify(path)} clashes with another entry of the artifact`,
    {
      cause,
      hint: 'Rename one of the two; on a filesystem that ignores case they are one name.',
    },
  );

const entryError = (path: string, error: unknown, told: FolderError): LandfallError => {
  const code = errnoOf(error);
  if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR') return clash(path, error);
  return told(error, `write ${path}`);
};

const writeAsync = (descriptor: number, chunk: Uint8Array): Promise<number> =>
  new Promise((resolve, reject) => {
    write(descriptor, chunk, (error, count) => (error === null ? resolve(count) : reject(error)));
  });

/** One file being written. */
class StagedFile implements FileWriter {
  readonly #path: string;
  readonly #size: number;
  readonly #told: FolderError;
  #descriptor: number | undefined;
  #written = 0;

  constructor(path: string, size: number, descriptor: number, told: FolderError) {
    this.#path = path;
    this.#size = size;
    this.#told = told;
    this.#descriptor = descriptor;
  }

  write(chunk: Uint8Array): void | Promise<void> {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) throw new LandfallError('INTERNAL', `staging: ${this.#path} is closed`);
    this.#written += chunk.length;
    if (this.#written > this.#size) throw this.#mismatch();
    if (this.#size > SYNCHRONOUS_BYTES) return this.#writeLater(descriptor, chunk);
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
    } catch (error) {
      throw this.#told(error, `write ${this.#path}`);
    }
  }

  close(): void {
    this.abandon();
    if (this.#written !== this.#size) throw this.#mismatch();
  }

  /** Lets go of the file; safe at any time. */
  abandon(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor === undefined) return;
    try {
      closeSync(descriptor);
    } catch (error) {
      throw this.#told(error, `close ${this.#path}`);
    }
  }

  async #writeLater(descriptor: number, chunk: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < chunk.length; )
        at += await writeAsync(descriptor, at === 0 ? chunk : chunk.subarray(at));
    } catch (error) {
      throw this.#told(error, `write ${this.#path}`);
    }
  }

  #mismatch(): LandfallError {
    return new LandfallError(
      'SIZE_MISMATCH',
      `staging: ${this.#path} was announced with ${this.#size} bytes and got ${this.#written}`,
    );
  }
}

/** Files of one artifact being put together under a folder nobody else knows. */
export class StagedFiles {
  readonly #folder: string;
  readonly #told: FolderError;
  readonly #files = new Map<string, { readonly size: number; readonly mode: number }>();
  readonly #folders = new Set<string>();
  #open: StagedFile | undefined;
  #behind: LayerBehind | undefined;

  /** `folder` must exist and be empty; `told` says what it refuses. */
  constructor(folder: string, told: FolderError = filesystemError) {
    this.#folder = folder;
    this.#told = told;
  }

  /** Path to size in bytes. */
  sizes(): ReadonlyMap<string, number> {
    return new Map([...this.#files].map(([path, { size }]) => [path, size]));
  }

  /** Everything below the folder and itself, for syncing. */
  paths(): readonly string[] {
    const below = [...this.#files.keys(), ...this.#folders].map((path) => join(this.#folder, path));
    return [...below, this.#folder];
  }

  /** Begins the thread where it is to pay. */
  expect(bytes: number): void {
    if (bytes >= WRITE_BEHIND_LAYER_BYTES) writeThread(OPENING);
  }

  /** Has the files of a layer hashed and written by a thread, until that is settled, where that pays. */
  writeBehind(
    { bytes, algorithms }: WriteBehindOptions,
    signal: AbortSignal | undefined,
  ): WriteBehind | undefined {
    const thread = bytes < WRITE_BEHIND_LAYER_BYTES ? undefined : writeThread(OPENING);
    if (thread === undefined) return undefined;
    const told = (path: string, error: unknown): LandfallError => entryError(path, error, this.#told);
    this.#behind = new LayerBehind({ thread, folder: this.#folder, algorithms, signal, told });
    return this.#behind;
  }

  create(path: string, size: number, mode: number): FileWriter | Promise<FileWriter> {
    checkPath(path);
    this.#open?.abandon();
    try {
      return this.#create(path, size, mode);
    } catch (error) {
      // At once wherever that can be: a promise costs more than the file.
      if (!isOutOfDescriptors(error)) throw entryError(path, error, this.#told);
    }
    return patiently(() => this.#create(path, size, mode)).catch((error: unknown) => {
      throw entryError(path, error, this.#told);
    });
  }

  #create(path: string, size: number, mode: number): FileWriter {
    this.#makeFolder(dirname(path));
    if (this.#behind?.isSettled === false) {
      this.#files.set(path, { size, mode });
      return this.#behind.create(path, size, mode);
    }
    const descriptor = openSync(
      `${this.#folder}/${path}`,
      OPENING.flags,
      (mode & 0o100) === 0 ? 0o644 : 0o755,
    );
    this.#files.set(path, { size, mode });
    this.#open = new StagedFile(path, size, descriptor, this.#told);
    return this.#open;
  }

  /** Writes a closed file once more. A hard link would do, but then a change to one would change both. */
  async copy(from: string, to: string): Promise<void> {
    const file = this.#files.get(from);
    if (file === undefined) throw new LandfallError('INTERNAL', `staging: ${from} is not there to be copied`);
    await this.#behind?.written();
    await this.takeFrom(join(this.#folder, from), to, file);
  }

  /** Copies any file to a path, and returns where that is. */
  async takeFrom(
    from: string,
    to: string,
    file: { readonly size: number; readonly mode: number },
  ): Promise<string> {
    checkPath(to);
    try {
      this.#makeFolder(dirname(to));
      const flags = COPYFILE_EXCL | COPYFILE_FICLONE;
      await patiently(() => copyFile(from, join(this.#folder, to), flags));
      this.#files.set(to, file);
      return join(this.#folder, to);
    } catch (error) {
      throw entryError(to, error, this.#told);
    }
  }

  /** Paths that were never written are no error. */
  async remove(paths: readonly string[]): Promise<void> {
    await this.#behind?.written();
    for (const path of paths) {
      if (!this.#files.delete(path)) continue;
      try {
        unlinkSync(join(this.#folder, path));
        this.#prune(dirname(path));
      } catch (error) {
        if (!isMissing(error)) throw this.#told(error, `remove ${path}`);
      }
    }
  }

  /** Makes folders that have nothing in them. @throws LandfallError ENTRY_REFUSED where a file is, or was, in the way */
  makeFolders(paths: readonly string[]): void {
    for (const path of paths) {
      checkPath(path);
      try {
        this.#makeFolder(path);
      } catch (error) {
        throw entryError(path, error, this.#told);
      }
    }
  }

  /** Closes what an interrupted unpack left open. */
  async close(): Promise<void> {
    this.#open?.abandon();
    this.#open = undefined;
    await this.#behind?.abandon();
    this.#behind = undefined;
  }

  #makeFolder(path: string): void {
    if (path === '.' || this.#folders.has(path)) return;
    this.#makeFolder(dirname(path));
    try {
      mkdirSync(join(this.#folder, path));
    } catch (error) {
      // Seen before under another case: the same folder here, and no clash yet.
      if (errnoOf(error) !== 'EEXIST' || this.#files.has(path)) throw error;
    }
    this.#folders.add(path);
  }

  #prune(folder: string): void {
    for (let path = folder; path !== '.'; path = dirname(path)) {
      try {
        rmdirSync(join(this.#folder, path));
      } catch (error) {
        if (errnoOf(error) !== 'ENOTEMPTY' && errnoOf(error) !== 'EEXIST') throw error;
        return;
      }
      this.#folders.delete(path);
    }
  }
}

/** The tree that an artifact is unpacked into, until its signal. */
export const treeOf = (files: StagedFiles, signal: AbortSignal | undefined): Omit<StagedTree, 'discard'> => ({
  create: (path, size, mode) => {
    throwIfCancelled(`write ${path}`, signal);
    return files.create(path, size, mode);
  },
  copy: async (from, to) => {
    throwIfCancelled(`write ${to}`, signal);
    return files.copy(from, to);
  },
  remove: async (paths) => {
    throwIfCancelled('remove staged files', signal);
    await files.remove(paths);
  },
  expect: (bytes) => files.expect(bytes),
  writeBehind: (layer) => files.writeBehind(layer, signal),
});
