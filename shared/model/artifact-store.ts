import type { Readable } from 'node:stream';
import type { ArtifactRecord } from './artifact-record.ts';
import type { ArtifactId } from './ids.ts';

/**
 * Receives one file's bytes in order. A method that returns a promise asks the caller to wait (back-pressure);
 * one that returns nothing is done, so that 5,000 small files do not cost 5,000 turns of the event loop.
 */
export interface FileWriter {
  write(chunk: Uint8Array): void | Promise<void>;
  /** The file is whole. */
  close(): void | Promise<void>;
}

/** Where an artifact is put together, unseen. `paths` are already judged safe by unpack/entry-path.ts. */
export interface Staging {
  /** Begins a file; one at a time. `size` is what the archive declared and what will be written. */
  create(path: string, size: number, mode: number): FileWriter | Promise<FileWriter>;
  /** Writes the bytes and mode of a closed file once more, under another path: a hard link, `links: materialize`. */
  copy(from: string, to: string): Promise<void>;
  /** Takes back files that a later entry (an ignore file) rules out; others may come under their paths. */
  remove(paths: readonly string[]): Promise<void>;
  /**
   * Makes every file durable, then the record, in that order: visible all at once. `exists`: another was first. Where
   * there are folders at all, those that the record names are made.
   */
  commit(record: ArtifactRecord): Promise<'committed' | 'exists'>;
  /** Leaves nothing behind. Safe after commit and after a failure. */
  discard(): Promise<void>;
}

export interface RemoveOptions {
  /** Milliseconds since the epoch. Without it, whatever is there is removed. */
  readonly unusedSince?: number;
  /** Only answer. */
  readonly dryRun?: boolean;
  /** Asked when nobody can find the artifact any more, before a file of it is gone: true has it put back. */
  readonly isNamed?: () => Promise<boolean>;
}

/** Immutable artifacts by digest and variant. */
export interface ArtifactStore {
  stage(id: ArtifactId): Promise<Staging>;
  /**
   * The commit record; undefined means there is no artifact, whatever else is under its key. Whoever asks may go on
   * to name it in a status, so asking counts as use: collect leaves the artifact alone for its grace.
   */
  record(id: ArtifactId): Promise<ArtifactRecord | undefined>;
  /** Opens one file of a committed artifact. @throws LandfallError ARTIFACT_NOT_FOUND */
  open(id: ArtifactId, path: string): Promise<Readable>;
  /** Removes the record first, then the files. `kept`: it was committed or its record read after `unusedSince`, or is named. */
  remove(id: ArtifactId, options?: RemoveOptions): Promise<'removed' | 'kept'>;
  /** Every committed artifact. */
  list(): AsyncIterable<ArtifactId>;
}
