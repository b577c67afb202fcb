import { judgeImagePath, judgePath, type PathLimits, quoteName } from '../entry-path.ts';
import type { Reading } from '../reading.ts';
import type { Complain } from './pax.ts';
import type { TarBlock } from './tar-block.ts';
import type { TarIdentity } from './tar-extension.ts';

/** `device`: a device or a named pipe, which only an image may have, and which nobody keeps. */
type TarEntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'device';

/** One entry, its path judged: relative, no leading "./", no trailing "/", never empty. */
export interface TarEntry {
  readonly type: TarEntryType;
  readonly path: string;
  /** Bytes; 0 for all but files. */
  readonly size: number;
  /** The low twelve mode bits, as data. */
  readonly mode: number;
  /** The raw link name of a link, not yet resolved: see resolveLink. */
  readonly target?: string;
  /** overlayfs: a character device 0/0 takes away what lower layers have under its name. */
  readonly isWhiteout?: true;
}

const TYPES: Readonly<Record<string, TarEntryType>> = {
  '0': 'file',
  '\0': 'file',
  // Contiguous: every reader treats it as a file.
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'directory',
};

const IMAGE_TYPES: Readonly<Record<string, TarEntryType>> = {
  ...TYPES,
  '3': 'device',
  '4': 'device',
  '6': 'device',
};

const REFUSED: Readonly<Record<string, string>> = {
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a named pipe',
  S: 'a sparse file',
  M: 'a piece of another volume',
  D: 'a GNU dump directory',
  V: 'a volume label',
  N: 'an old GNU list of names',
};

export interface TarEntryRules {
  readonly reading: Reading;
  readonly limits: PathLimits;
  /** Bytes that stand before every path where it is stored. */
  readonly prefixBytes: number;
  readonly complain: Complain;
}

/** BSD tar marked folders by a slash before there was a type for them, and readers still honour it. */
function typeOf(block: TarBlock, name: string, { reading, complain }: TarEntryRules): TarEntryType {
  const known = reading === 'image' ? IMAGE_TYPES : TYPES;
  const type = Object.hasOwn(known, block.type) ? known[block.type] : undefined;
  if (type === undefined) {
    const what = REFUSED[block.type] ?? `of unknown type ${quoteName(block.type)}`;
    throw complain(`${quoteName(name)} is ${what}`, 'ENTRY_REFUSED');
  }
  return type === 'file' && name.endsWith('/') ? 'directory' : type;
}

/** How Flux, GNU tar and `umoci insert DIR /` name the root folder itself. */
const ROOT: ReadonlySet<string> = new Set(['.', './', '/']);

/** Undefined for the root folder itself. */
function pathOf(type: TarEntryType, name: string, rules: TarEntryRules): string | undefined {
  const { reading, limits, prefixBytes, complain } = rules;
  if (reading === 'artifact')
    return type === 'directory' && ROOT.has(name) ? undefined : judgePath(name, limits, prefixBytes);
  const path = judgeImagePath(name, limits, prefixBytes);
  if (path !== '') return path;
  if (type === 'directory' && name !== '') return undefined;
  throw complain(`${quoteName(name)} is a ${type}, and names the root`, 'PATH_REFUSED');
}

/** Judges one entry, whose body is judged already (tar-body.ts). Undefined for the root folder itself, which is no entry of ours. */
export function toEntry(
  block: TarBlock,
  { name, link, size }: TarIdentity,
  rules: TarEntryRules,
): TarEntry | undefined {
  const type = typeOf(block, name, rules);
  if (block.mode === undefined) throw rules.complain(`${quoteName(name)} has a mode that is no number`);
  const path = pathOf(type, name, rules);
  if (path === undefined) return undefined;
  const mode = block.mode % 0o10000;
  if (type === 'file') return { type, path, size, mode };
  if (type === 'directory') return { type, path, size: 0, mode };
  if (type === 'device') return { type, path, size: 0, mode, ...(isNothing(block) && { isWhiteout: true }) };
  return { type, path, size: 0, mode, target: link };
}

/** @see https://docs.kernel.org/filesystems/overlayfs.html#whiteouts-and-opaque-directories */
const isNothing = ({ type, device }: TarBlock): boolean =>
  type === '3' && device.every((number) => number === 0);
