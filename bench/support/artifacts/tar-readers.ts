import { createHash, hash } from 'node:crypto';
import { createRequire } from 'node:module';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { DEFAULT_LIMITS, GiB, KiB } from '../../../shared/limits.ts';
import { UnpackBudget } from '../../../shared/unpack/budget.ts';
import { decompress } from '../../../shared/unpack/compression/decompress.ts';
import { TarReader } from '../../../shared/unpack/tar/tar-reader.ts';

/** Reads a gzipped tar to its end, hashing every file; returns how many there were. */
export type ReadArchive = (archive: Buffer) => Promise<number>;

/** What a network gives: the archive in pieces. */
function* piecesOf(archive: Buffer): Generator<Buffer> {
  for (let at = 0; at < archive.length; at += 64 * KiB) yield archive.subarray(at, at + 64 * KiB);
}

export const readWithLandfall: ReadArchive = async (archive) => {
  const limits = { ...DEFAULT_LIMITS, unpackedBytes: 16 * GiB, files: 1_000_000 };
  let files = 0;
  let left = 0;
  let digest = createHash('sha256');
  const reader = new TarReader(
    {
      begin: ({ size }) => {
        left = size;
      },
      data: (chunk) => {
        // As unpack/staged-file.ts does it.
        if (left === chunk.length) hash('sha256', chunk, 'hex');
        else digest.update(chunk);
        left -= chunk.length;
      },
      end: () => {
        digest = createHash('sha256');
        files += 1;
      },
    },
    { budget: new UnpackBudget(limits) },
  );
  const chunks = Readable.from(piecesOf(archive), { objectMode: false }) as AsyncIterable<Uint8Array>;
  await decompress(chunks, 'gzip', { sink: (chunk) => reader.push(chunk) });
  reader.finish();
  return files;
};

const gunzip = () => createGunzip({ chunkSize: 256 * KiB });

export const readWithTarStream: ReadArchive = async (archive) => {
  let files = 0;
  const entries = extract();
  const fed = pipeline(piecesOf(archive), gunzip(), entries);
  for await (const entry of entries) {
    const digest = createHash('sha256');
    for await (const chunk of entry as AsyncIterable<Buffer>) digest.update(chunk);
    digest.digest('hex');
    files += 1;
  }
  await fed;
  return files;
};

/** The little of node-tar that is used here. */
interface NodeTar {
  readonly Parser: new (options: {
    readonly onReadEntry: (entry: NodeJS.EventEmitter) => void;
  }) => NodeJS.EventEmitter & { write(chunk: Buffer): boolean; end(): void };
}

/** node-tar is no dependency: undefined where `folder` (with a node_modules) does not have it. */
export function openNodeTar(folder: string | undefined): ReadArchive | undefined {
  if (folder === undefined) return undefined;
  const { Parser } = createRequire(`${folder}/package.json`)('tar') as NodeTar;
  return async (archive) => {
    let files = 0;
    const parser = new Parser({
      onReadEntry: (entry) => {
        const digest = createHash('sha256');
        entry.on('data', (chunk: Buffer) => digest.update(chunk));
        entry.on('end', () => {
          digest.digest('hex');
          files += 1;
        });
      },
    });
    const ended = new Promise((resolve) => parser.once('end', resolve));
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (parser.write(chunk)) done();
        else parser.once('drain', () => done());
      },
      final: (done) => {
        parser.end();
        done();
      },
    });
    await pipeline(piecesOf(archive), gunzip(), sink);
    await ended;
    return files;
  };
}
