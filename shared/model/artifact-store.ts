import type { Readable } from 'node:stream';
import type { CallOptions } from '../kernel/call-options.ts';
import type { DigestAlgorithm } from '../oci/digest.ts';
import type { ArtifactRecord, FileEntry } from './artifact-record.ts';
import type { ArtifactId } from './ids.ts';

/**
 * Receives one file's bytes in order. A method that returns a promise asks the caller to wait (back-pressure);
 * one that returns nothing is done, so that 5,000 small files do not cost 5,000 turns of the event loop. The signal of
 * the staging ends a wait.
 */
export interface FileWriter {
  write(chunk: Uint8Array): void | Promise<void>;
  /** The file is whole. */
  close(): void | Promise<void>;
  /**
   * Where it hashes what it writes itself, later: has it say the SHA-256 of the file, in hex, before its {@link WriteBehind}
   * is settled. Call it right after `close`. Where it is missing, the caller hashes.
   */
  hashed?(tell: (sha256: string) => void): void;
}

/** By algorithm, in hex. */
export type LayerDigests = ReadonlyMap<DigestAlgorithm, string>;

/**
 * What another thread hashes and writes of one layer, out of memory that it shares with this one. All that the layer
 * unpacks to goes through it, in order; what is written of a file, until it is settled, are views of what was taken.
 */
export interface WriteBehind {
  /** Memory for what comes next. A promise: all of it is still being written. @throws what went wrong behind */
  room(): Uint8Array | Promise<Uint8Array>;
  /** The next bytes, in the shared memory: as they are where they are in the room, else a copy of as many as have room. */
  take(chunk: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Waits until all is written, and each file's SHA-256 was told. Returns those of all that was taken. */
  settled(): Promise<LayerDigests>;
}

/** A layer that is about to be read. */
export interface WriteBehindOptions {
  /** Compressed. */
  readonly bytes: number;
  /** All that it unpacks to is hashed by these. */
  readonly algorithms: readonly DigestAlgorithm[];
}

/**
 * Where files are put together, unseen. `paths` are already judged safe by unpack/entry-path.ts. The signal it was opened
 * with ends all its calls but `discard`, and what it sends between them: a signal for each call would end only who waits.
 */
export interface StagedTree {
  /** Begins a file; one at a time. `size` is what the archive declared and what will be written. */
  create(path: string, size: number, mode: number): FileWriter | Promise<FileWriter>;
  /** Writes the bytes and mode of a closed file once more, under another path: a hard link, `links: materialize`. */
  copy(from: string, to: string): Promise<void>;
  /** Takes back files that a later entry (an ignore file) rules out; others may come under their paths. */
  remove(paths: readonly string[]): Promise<void>;
  /** Before anything is asked for: the largest layer to come has so many bytes. What takes its time to begin may begin. */
  expect?(bytes: number): void;
  /** For one layer at a time, until it is settled. Undefined, or missing: nobody else writes. */
  writeBehind?(layer: WriteBehindOptions): WriteBehind | undefined;
  /** Leaves nothing behind. Safe after commit and after a failure; cut off, it leaves the rest to collect. */
  discard(options?: CallOptions): Promise<void>;
}

/** A file of a committed artifact. */
export interface ArtifactFile {
  readonly artifact: ArtifactId;
  /** As its commit record lists it. */
  readonly entry: FileEntry;
}

/** An artifact of a store that is put together. */
export interface Staging extends StagedTree {
  /**
   * Copies a file of another artifact within the store: no byte of it goes over the network, unless one of the two is
   * packed. The copy is held to the entry's SHA-256, here or in `commit`. Several at a time, but for what is packed.
   * @throws LandfallError ARTIFACT_NOT_FOUND; STORE_CORRUPT where it is not what the entry says
   */
  take(file: ArtifactFile, to: string): Promise<void>;
  /**
   * Makes every file durable, then the record, in that order: visible all at once. `exists`: another was first. Where
   * there are folders at all, those that the record names are made.
   */
  commit(record: ArtifactRecord): Promise<'committed' | 'exists'>;
}

export interface RemoveOptions extends CallOptions {
  /** Milliseconds since the epoch. Without it, whatever is there is removed. */
  readonly unusedSince?: number;
  /** Only answer. */
  readonly dryRun?: boolean;
  /** Asked when nobody can find the artifact any more, before a file of it is gone: true has it put back. */
  readonly isNamed?: () => Promise<boolean>;
}

export interface ListArtifactsOptions extends CallOptions {
  /** Called with what is found on the way and has no record: of a run that died, or that is not done. */
  readonly onOrphan?: (id: ArtifactId) => void;
}

/** Of a file: so many bytes from there on. */
export interface ByteRange {
  readonly offset: number;
  /** At least 1. */
  readonly size: number;
}

export interface OpenFileOptions extends CallOptions {
  /** Default: all of it. What is beyond the end is not there. */
  readonly range?: ByteRange;
}

/** Immutable artifacts by digest and variant. Every call ends with its signal. */
export interface ArtifactStore {
  /** The signal ends the staging, too. */
  stage(id: ArtifactId, options?: CallOptions): Promise<Staging>;
  /**
   * The commit record; undefined means there is no artifact, whatever else is under its key. Whoever asks may go on
   * to name it in a status, so asking counts as use: collect leaves the artifact alone for its grace.
   */
  record(id: ArtifactId, options?: CallOptions): Promise<ArtifactRecord | undefined>;
  /** Opens one file of a committed artifact; the signal ends its reading, too, where that waits. @throws LandfallError ARTIFACT_NOT_FOUND */
  open(id: ArtifactId, path: string, options?: OpenFileOptions): Promise<Readable>;
  /** Removes the record first, then the files. `kept`: it was committed or its record read after `unusedSince`, or is named. */
  remove(id: ArtifactId, options?: RemoveOptions): Promise<'removed' | 'kept'>;
  /** Every committed artifact. */
  list(options?: ListArtifactsOptions): AsyncIterable<ArtifactId>;
}
