import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Header, type Pack, pack } from 'tar-stream';
import { KiB, MiB } from '../limits.ts';
import type { Digest } from '../oci/digest.ts';
import { contentDigestOf } from '../unpack/content-digest.ts';
import { inPathOrder } from '../unpack/path-order.ts';
import { StagedFile } from '../unpack/staged-file.ts';
import { changed, type SourceFile, unreadable } from './source-file.ts';

/** Larger files are streamed. */
const WHOLE_BYTES = 1 * MiB;
/** What compressors are fed, whatever pieces came: the same input in the same pieces gives the same bytes. */
const PIECE_BYTES = 256 * KiB;

type FileHeader = Partial<Header> & Pick<Header, 'name'>;

const EPOCH = new Date(0);
const OWNERLESS = { uid: 0, gid: 0, uname: '', gname: '', mtime: EPOCH } as const;

/**
 * A tar of files and the folders above them, in byte order, with nothing in it of the machine: no owner, no time, no
 * umask. Long and non-ASCII names are PAX records. Read `bytes` to the end, then `contentDigest()` is known.
 */
export function writeTar(files: readonly SourceFile[]): TarBytes {
  const entries: StagedFile[] = [];
  return {
    bytes: () => inPieces(tarChunks(files, entries)),
    contentDigest: () =>
      contentDigestOf(
        entries.map((file) => file.entry()),
        [],
      ),
  };
}

export interface TarBytes {
  readonly bytes: () => AsyncGenerator<Buffer>;
  readonly contentDigest: () => Digest;
}

async function* tarChunks(files: readonly SourceFile[], entries: StagedFile[]): AsyncGenerator<Buffer> {
  const tar = pack();
  const fed = feed(tar, files, entries).then(
    () => tar.finalize(),
    (error: Error) => tar.destroy(error),
  );
  try {
    for await (const chunk of tar as AsyncIterable<Buffer>) yield chunk;
  } finally {
    tar.destroy();
    await fed;
  }
}

async function feed(tar: Pack, files: readonly SourceFile[], entries: StagedFile[]): Promise<void> {
  for (const entry of withFolders(files)) {
    if (!('location' in entry)) {
      await added(tar, { ...OWNERLESS, type: 'directory', name: entry.path, mode: 0o755 }, Buffer.alloc(0));
      continue;
    }
    const file = new StagedFile(entry, undefined);
    await addFile(tar, entry, file);
    await file.close();
    entries.push(file);
  }
}

/** Folders come before what is in them, because a prefix sorts first. */
function withFolders(files: readonly SourceFile[]): readonly (SourceFile | { readonly path: string })[] {
  const folders = new Set<string>();
  for (const { path } of files)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (folders.has(path.slice(0, end))) break;
      folders.add(path.slice(0, end));
    }
  return inPathOrder([...files, ...[...folders].map((path) => ({ path }))]);
}

async function addFile(
  tar: Pack,
  { path, location, size, mode }: SourceFile,
  file: StagedFile,
): Promise<void> {
  const header: FileHeader = { ...OWNERLESS, type: 'file', name: path, mode, size };
  let handle: FileHandle;
  try {
    // The walk saw a file here; a link now is somebody's doing.
    handle = await open(location, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    throw unreadable(location, cause);
  }
  await using opened = handle;
  if ((await opened.stat()).size !== size) throw changed(location);
  if (size > WHOLE_BYTES) return await addStream(tar, header, opened, location, file);
  const bytes = await opened.readFile();
  if (bytes.length !== size) throw changed(location);
  if (size > 0) await file.write(bytes);
  await added(tar, header, bytes);
}

/** The callback also comes, with an error, when the archive is given up. */
const added = (tar: Pack, header: FileHeader, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    tar.entry(header, bytes, (error) => (error ? reject(error) : resolve()));
  });

async function addStream(
  tar: Pack,
  header: FileHeader,
  handle: FileHandle,
  location: string,
  file: StagedFile,
): Promise<void> {
  const size = header.size ?? 0;
  const done = Promise.withResolvers<void>();
  done.promise.catch(() => {});
  const sink = tar.entry(header, (error) => (error ? done.reject(error) : done.resolve()));
  let bytes = 0;
  for await (const chunk of createReadStream('', {
    fd: handle,
    autoClose: false,
    highWaterMark: PIECE_BYTES,
  })) {
    bytes += chunk.length;
    if (bytes > size) throw changed(location);
    await file.write(chunk);
    if (!sink.write(chunk))
      await Promise.race([new Promise<void>((resolve) => sink.once('drain', () => resolve())), done.promise]);
  }
  if (bytes !== size) throw changed(location);
  sink.end(null);
  await done.promise;
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
