import { LandfallError } from '../errors.ts';
import { quoteName } from './entry-path.ts';
import type { TarEntry } from './tar/tar-entry.ts';

/** What an entry of an image layer takes away from the layers below. `path` is '' for the root. */
export type Whiteout =
  | { readonly kind: 'remove'; readonly path: string }
  /** Everything in the folder, not the folder. */
  | { readonly kind: 'opaque'; readonly path: string };

const PREFIX = '.wh.';
const OPAQUE = '.wh..wh..opq';

/**
 * Reads a whiteout; undefined where the entry is none.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts
 * @throws LandfallError ENTRY_REFUSED for a `.wh.` name that is not an empty file naming one sibling
 */
export function readWhiteout({ type, path, size }: TarEntry): Whiteout | undefined {
  if (!path.includes(PREFIX)) return undefined;
  const at = path.lastIndexOf('/') + 1;
  const folder = path.slice(0, Math.max(0, at - 1));
  const name = path.slice(at);
  if (folder.split('/').some((segment) => segment.startsWith(PREFIX)))
    throw refused(path, 'is used as a folder');
  if (!name.startsWith(PREFIX)) return undefined;
  if (type !== 'file') throw refused(path, `is a ${type}`);
  if (size > 0) throw refused(path, `has ${size} bytes of content`);
  if (name === OPAQUE) return { kind: 'opaque', path: folder };
  const target = name.slice(PREFIX.length);
  // AUFS kept its own files under `.wh..wh.`; nothing else may begin so, or a later layer could bring whiteouts back.
  if (['', '.', '..'].includes(target) || target.startsWith(PREFIX))
    throw refused(path, 'names nothing to remove');
  return { kind: 'remove', path: path.slice(0, at) + target };
}

const refused = (path: string, why: string): LandfallError =>
  new LandfallError('ENTRY_REFUSED', `whiteout ${quoteName(path)} ${why}`, {
    hint: 'Names that begin with .wh. are whiteouts in an image layer: empty files that name what to remove.',
  });
