import { KiB, MiB } from '../../../shared/limits.ts';
import { Pseudorandom } from './pseudorandom.ts';

/** A file of a corpus. Its bytes come in pieces, the same in every run. */
export interface CorpusFile {
  readonly path: string;
  readonly size: number;
  readonly pieces: () => Iterable<Buffer>;
}

const POOL_BYTES = 4 * MiB;
const PIECE_BYTES = 64 * KiB;
const WORDS = ['name', 'image', 'replicas', 'labels', 'port', 'path', 'value', 'limits', 'memory', 'config'];

/** YAML as people write it, as far as a compressor can tell: about a fifth of its size under gzip. */
function yamlPool(): Buffer {
  const random = new Pseudorandom('yaml');
  const lines: string[] = [];
  for (let bytes = 0; bytes < POOL_BYTES; ) {
    const word = WORDS[random.under(WORDS.length)] ?? '';
    const line = `${'  '.repeat(random.under(5))}${word}-${random.under(40)}: ${WORDS[random.under(WORDS.length)]}-${random.under(1_000)}\n`;
    lines.push(line);
    bytes += line.length;
  }
  return Buffer.from(lines.join('')).subarray(0, POOL_BYTES);
}

/** Views of a pool, at places that follow from the path. */
function* slices(pool: Buffer, path: string, size: number): Generator<Buffer> {
  const random = new Pseudorandom(path.slice(-16));
  for (let left = size; left > 0; left -= PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, left);
    const at = random.under(pool.length - length);
    yield pool.subarray(at, at + length);
  }
}

/** A pool is a few megabytes: made when it is first wanted. */
const lazily = (make: () => Buffer): (() => Buffer) => {
  let made: Buffer | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

const yaml = lazily(yamlPool);
const binary = lazily(() => new Pseudorandom('binary').bytes(POOL_BYTES));

const file = (path: string, size: number, pool = yaml): CorpusFile => ({
  path,
  size,
  pieces: () => slices(pool(), path, size),
});

const numbered = (at: number): string => String(at).padStart(6, '0');

/** `count` YAML files of 1 to 8 KB in folders of a hundred. */
export function smallFiles(count: number): readonly CorpusFile[] {
  const random = new Pseudorandom('small');
  return Array.from({ length: count }, (_, at) =>
    file(`team-${numbered(Math.floor(at / 100))}/app-${numbered(at)}.yaml`, 1000 + random.under(7001)),
  );
}

/** Share of the files, sizes in bytes, and whether it is text: what a web application with its assets looks like. */
const KINDS = [
  { share: 0.8028, from: 400, to: 16_000, pool: yaml, folder: 'src', suffix: 'ts' },
  { share: 0.162, from: 16_000, to: 120_000, pool: yaml, folder: 'lib', suffix: 'js' },
  { share: 0.03, from: 20_000, to: 600_000, pool: binary, folder: 'assets', suffix: 'png' },
  { share: 0.004, from: 200_000, to: 2_000_000, pool: binary, folder: 'media', suffix: 'mp4' },
  { share: 0.0012, from: 4_000_000, to: 9_000_000, pool: yaml, folder: 'data', suffix: 'json' },
] as const;

/** `count` files of a few hundred bytes to 9 MB; 11,000 of them are about 300 MB, and less than half of that under gzip. */
export function mixedFiles(count: number): readonly CorpusFile[] {
  const random = new Pseudorandom('mixed');
  return KINDS.flatMap(({ share, from, to, pool, folder, suffix }) =>
    Array.from({ length: Math.max(1, Math.round(count * share)) }, (_, at) =>
      file(
        `${folder}/part-${numbered(Math.floor(at / 50))}/file-${numbered(at)}.${suffix}`,
        random.magnitude(from, to),
        pool,
      ),
    ),
  );
}

/** Files of one size that together are `bytes` of tar, headers and end included. */
export function filesOfTar(bytes: number, count: number): readonly CorpusFile[] {
  const block = 512;
  const each = Math.floor((bytes - 2 * block) / count / block) * block - block;
  return Array.from({ length: count }, (_, at) => file(`data/file-${numbered(at)}.txt`, each));
}

export const totalSize = (files: readonly CorpusFile[]): number =>
  files.reduce((sum, { size }) => sum + size, 0);
