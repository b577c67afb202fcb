import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildGoProgram } from '../programs/go-program.ts';
import type { ReadEntry } from './read-archive.ts';

/** One entry as a reader sees it: without a leading "./" and a trailing "/", a body of what has none as that of "". */
export interface SeenEntry {
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
  readonly path: string;
  readonly link: string;
  readonly size: number;
  readonly sha256: string;
}

/** What a reader says of an archive; entries that it gave before an error are kept. */
export interface Seen {
  readonly entries: readonly SeenEntry[];
  readonly error: string;
}

interface RawEntry {
  readonly type: string;
  readonly name: string;
  readonly link: string;
  readonly size: number;
  readonly sha256: string;
}

const TYPES: Readonly<Record<string, SeenEntry['type']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'directory',
};
/** A global header, which Go hands out like an entry. */
const GLOBAL = 'g';
const ROOT: readonly string[] = ['', '.'];

const plainName = (name: string): string => name.replace(/^(?:\.\/)+/, '').replace(/\/$/, '');

function toSeen({ entries, error }: { readonly entries: readonly RawEntry[]; readonly error: string }): Seen {
  const seen = entries
    .filter(({ type }) => type !== GLOBAL)
    .map(({ type, name, link, size, sha256 }) => ({
      type: TYPES[type] ?? 'other',
      path: plainName(name),
      link: type === '1' || type === '2' ? link : '',
      ...{ size, sha256 },
    }))
    .filter(({ path, type }) => type !== 'directory' || !ROOT.includes(path));
  return { entries: seen, error };
}

/** Ours, in the same form. */
export const asSeen = (entries: readonly ReadEntry[]): readonly SeenEntry[] =>
  entries.map(({ type, path, target = '', size, sha256 }) => ({
    type: type === 'device' ? 'other' : type,
    path,
    link: target,
    size,
    sha256,
  }));

function runReader(program: string, args: readonly string[], archives: readonly Buffer[]): readonly Seen[] {
  const input = JSON.stringify(archives.map((archive) => archive.toString('base64')));
  const output = execFileSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  return (JSON.parse(output) as Parameters<typeof toSeen>[0][]).map(toSeen);
}

let goProgram: string | undefined;

/** What Go's archive/tar reads of each archive. */
export function goListings(archives: readonly Buffer[]): readonly Seen[] {
  goProgram ??= buildGoProgram('tar-list');
  return runReader(goProgram, [], archives);
}

/** What Python's tarfile reads of each archive. */
export const pythonListings = (archives: readonly Buffer[]): readonly Seen[] =>
  runReader('python3', [fileURLToPath(new URL('./tar_list.py', import.meta.url))], archives);

const plainNames = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map(plainName)
    .filter((name) => !ROOT.includes(name));

/** The names that GNU tar lists, and whether it was content. */
export function gnuListing(archive: Buffer): { readonly names: readonly string[]; readonly ok: boolean } {
  const { stdout, status } = spawnSync('tar', ['-t', '--quoting-style=literal', '-P', '-f', '-'], {
    input: archive,
    encoding: 'utf8',
  });
  return { names: plainNames(stdout), ok: status === 0 };
}

/** The names that bsdtar lists, and whether it was content. */
export function bsdListing(archive: Buffer): { readonly names: readonly string[]; readonly ok: boolean } {
  const { stdout, status } = spawnSync('bsdtar', ['-tf', '-'], {
    input: archive,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  return { names: plainNames(stdout), ok: status === 0 };
}
