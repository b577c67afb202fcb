import { LandfallError } from '../../errors.ts';
import { quoteName } from '../entry-path.ts';
import type { TarEntry } from '../tar/tar-entry.ts';
import type { ImageNode } from './image-node.ts';

/** What one entry of an image's layer does to the tree below it. Paths are text: links on the way are not followed yet. */
export type ImageStep =
  | { readonly does: 'put'; readonly path: string; readonly node: Exclude<ImageNode, { kind: 'folder' }> }
  | { readonly does: 'make-folder'; readonly path: string }
  | { readonly does: 'link'; readonly path: string; readonly target: string }
  /** Takes away what lower layers have under the path. */
  | { readonly does: 'remove'; readonly path: string }
  /** Takes away what lower layers have in the folder. */
  | { readonly does: 'empty'; readonly path: string };

export type Mark = 'none' | 'aufs' | 'remove' | 'empty';

const PREFIX = '.wh.';
const META = '.wh..wh.';
const OPAQUE = '.wh..wh..opq';
/** Where AUFS kept files with several names. */
const LINKS = '.wh..wh.plnk/';

/** Whether a path is one of AUFS's files that hard links name, though it is itself not part of the tree. */
export const isLinkStore = (path: string): boolean => path.startsWith(LINKS);

/**
 * What a name means in a layer of an image, which is all that containerd looks at: types and sizes of whiteouts do not
 * matter.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts
 * @throws LandfallError ENTRY_REFUSED for a `.wh.` name that names nothing, or is used as a folder
 */
export function markOf(path: string): Mark {
  if (!path.includes(PREFIX)) return 'none';
  const segments = path.split('/');
  const name = segments.at(-1) ?? '';
  if (segments.some((each) => each.startsWith(META) && (each !== name || name !== OPAQUE))) return 'aufs';
  if (segments.slice(0, -1).some((each) => each.startsWith(PREFIX)))
    throw refused(path, 'is used as a folder');
  if (!name.startsWith(PREFIX)) return 'none';
  if (name === OPAQUE) return 'empty';
  if (['', '.', '..'].includes(name.slice(PREFIX.length))) throw refused(path, 'names nothing to remove');
  return 'remove';
}

/** The step of an entry that is no file of the tree. */
export function stepOf(entry: TarEntry, mark: 'none' | 'remove' | 'empty'): ImageStep {
  const { type, path, target = '' } = entry;
  const at = path.lastIndexOf('/') + 1;
  if (mark === 'empty') return { does: 'empty', path: path.slice(0, Math.max(0, at - 1)) };
  if (mark === 'remove') return { does: 'remove', path: path.slice(0, at) + path.slice(at + PREFIX.length) };
  if (entry.isWhiteout) return { does: 'remove', path };
  if (type === 'directory') return { does: 'make-folder', path };
  if (type === 'hardlink') return { does: 'link', path, target };
  if (type === 'symlink') return { does: 'put', path, node: { kind: 'link', target } };
  return { does: 'put', path, node: { kind: 'device' } };
}

const refused = (path: string, why: string): LandfallError =>
  new LandfallError('ENTRY_REFUSED', `whiteout ${quoteName(path)} ${why}`, {
    hint: 'Names that begin with .wh. are whiteouts in an image layer: each names what to remove.',
  });
