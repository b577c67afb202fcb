import { judgePath, type PathLimits, quoteName } from './entry-path.ts';
import type { Complain } from './pax.ts';
import type { TarBlock } from './tar-block.ts';
import type { TarIdentity } from './tar-extension.ts';

export type TarEntryType = 'file' | 'directory' | 'symlink' | 'hardlink';

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

/** BSD tar marked folders by a slash before there was a type for them, and readers still honour it. */
function typeOf(block: TarBlock, name: string, complain: Complain): TarEntryType {
  const type = Object.hasOwn(TYPES, block.type) ? TYPES[block.type] : undefined;
  if (type === undefined) {
    const what = REFUSED[block.type] ?? `of unknown type ${quoteName(block.type)}`;
    throw complain(`${quoteName(name)} is ${what}`, 'ENTRY_REFUSED');
  }
  return type === 'file' && name.endsWith('/') ? 'directory' : type;
}

/** How Flux, GNU tar and `umoci insert DIR /` name the root folder itself. */
const ROOT: ReadonlySet<string> = new Set(['.', './', '/']);

/**
 * Judges one entry. Undefined for the root folder itself, which is no entry of ours.
 * A body on anything but a file is refused: readers disagree on whether it is skipped, which lets one see entries that
 * another does not.
 */
export function toEntry(
  block: TarBlock,
  { name, link, size }: TarIdentity,
  rules: { readonly limits: PathLimits; readonly prefixBytes: number; readonly complain: Complain },
): TarEntry | undefined {
  const type = typeOf(block, name, rules.complain);
  if (type !== 'file' && size > 0)
    throw rules.complain(`${quoteName(name)} is a ${type} with a body of ${size} bytes`, 'ENTRY_REFUSED');
  if (block.mode === undefined) throw rules.complain(`${quoteName(name)} has a mode that is no number`);
  if (type === 'directory' && ROOT.has(name)) return undefined;
  const path = judgePath(name, rules.limits, rules.prefixBytes);
  const mode = block.mode % 0o10000;
  if (type === 'file' || type === 'directory') return { type, path, size, mode };
  return { type, path, size, mode, target: link };
}
