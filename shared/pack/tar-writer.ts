import { closeSync, constants, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { KiB, MiB } from '../limits.ts';
import { contentDigestOf } from '../model/content-digest.ts';
import type { Digest } from '../oci/digest.ts';
import { emptyFolders } from '../unpack/empty-folders.ts';
import { StagedFile } from '../unpack/staged-file.ts';
import { changed, type SourceFile, unreadable } from './source-file.ts';
import { paddingAfter, TAR_END, type TarItem, tarHeader } from './tar-header.ts';

/** Larger files are streamed. */
const WHOLE_BYTES = 1 * MiB;
/** What compressors are fed, whatever pieces came: the same input in the same pieces gives the same bytes. */
const PIECE_BYTES = 256 * KiB;

export interface TarBytes {
  /** Of all of it. */
  readonly size: number;
  readonly bytes: () => AsyncGenerator<Buffer>;
  /** Known once `bytes` was read to its end. */
  readonly contentDigest: () => Digest;
}

type Entry = TarItem & { readonly file?: SourceFile };

/**
 * A tar of files and folders, in the order that a walk meets them, with nothing in it of the machine: no owner, no
 * time, no umask. The same bytes as Flux makes of the same folder, where its modes are 0644 and 0755.
 * @param folders those that are to be there, empty or not; "." is what was packed
 */
export function writeTar(files: readonly SourceFile[], folders: readonly string[] = []): TarBytes {
  const staged: StagedFile[] = [];
  const entries: readonly Entry[] = inWalkOrder([
    ...folders.map((path) => ({ type: 'directory' as const, path, size: 0, mode: 0o755 })),
    ...files.map((file) => ({ ...file, type: 'file' as const, file })),
  ]);
  const size = entries.reduce(
    (sum, entry) => sum + tarHeader(entry).length + entry.size + paddingAfter(entry.size),
    TAR_END.length,
  );
  return {
    size,
    bytes: () => inPieces(tarChunks(entries, staged)),
    contentDigest: () => {
      const named = new Set(folders.filter((path) => path !== '.'));
      const empty = emptyFolders(
        named,
        files.map(({ path }) => path),
      );
      return contentDigestOf(
        staged.map((file) => file.entry()),
        [],
        empty,
      );
    },
  };
}

async function* tarChunks(entries: readonly Entry[], staged: StagedFile[]): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    yield tarHeader(entry);
    if (entry.file === undefined) continue;
    const { path, size, mode } = entry.file;
    const file = new StagedFile({ path, size, mode }, undefined);
    for await (const chunk of contentOf(entry.file)) {
      if (chunk.length > 0) await file.write(chunk);
      yield chunk;
    }
    await file.close();
    staged.push(file);
    yield Buffer.alloc(paddingAfter(size));
  }
  yield TAR_END;
}

/** Small files are read at once and without waiting: a round trip to a pool for each of thousands is most of the time. */
async function* contentOf({ location, size }: SourceFile): AsyncGenerator<Buffer> {
  let handle: number;
  try {
    // The walk saw a file here; a link now is somebody's doing.
    handle = openSync(location, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    throw unreadable(location, cause);
  }
  try {
    if (fstatSync(handle).size !== size) throw changed(location);
    if (size > WHOLE_BYTES) yield* streamed(handle, size, location);
    else yield whole(handle, size, location);
  } finally {
    closeSync(handle);
  }
}

function whole(handle: number, size: number, location: string): Buffer {
  // One byte more than there should be, to see that there is none.
  const bytes = Buffer.allocUnsafe(size + 1);
  let filled = 0;
  for (let read = -1; read !== 0 && filled <= size; filled += read) {
    read = readSync(handle, bytes, filled, bytes.length - filled, null);
  }
  if (filled !== size) throw changed(location);
  return bytes.subarray(0, size);
}

async function* streamed(handle: number, size: number, location: string): AsyncGenerator<Buffer> {
  let bytes = 0;
  const stream = createReadStream('', { fd: handle, autoClose: false, highWaterMark: PIECE_BYTES });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > size) throw changed(location);
    yield chunk;
  }
  if (bytes !== size) throw changed(location);
}

async function* inPieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let piece = Buffer.allocUnsafe(PIECE_BYTES);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(piece, filled, at);
      at += copied;
      filled += copied;
      if (filled < PIECE_BYTES) continue;
      yield piece;
      piece = Buffer.allocUnsafe(PIECE_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

/**
 * A copy in the order that a walk meets paths which takes the names of each folder in byte order: a folder, then what
 * is in it, then what sorts behind the folder's name. Go's filepath.Walk goes so, and byte order of whole paths does
 * not: "a-b" is before "a/b" there. "." is first.
 */
export function inWalkOrder<T extends { readonly path: string }>(entries: readonly T[]): T[] {
  // No path has a NUL, and nothing sorts before it.
  const keyed = entries.map((entry) => ({
    entry,
    key: Buffer.from(entry.path === '.' ? '' : entry.path.replaceAll('/', '\u0000')),
  }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ entry }) => entry);
}
