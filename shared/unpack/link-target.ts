import { LandfallError } from '../errors.ts';
import { LINK_TARGET_BYTES } from '../limits.ts';
import type { LinkEntry } from '../model/artifact-record.ts';
import { printableLine } from '../printable.ts';
import { quoteName, resolveLink } from './entry-path.ts';
import type { TarEntry } from './tar/tar-entry.ts';

/** Where a symbolic link points: see LinkEntry. */
export type LinkTarget = Omit<LinkEntry, 'path'>;

/** @throws LandfallError LINK_REFUSED for a target that is longer than any system takes */
export function checkTarget({ path, target = '' }: Pick<TarEntry, 'path' | 'target'>): void {
  if (Buffer.byteLength(target) <= LINK_TARGET_BYTES) return;
  throw new LandfallError(
    'LINK_REFUSED',
    `entry ${quoteName(path)} links to a path of more than ${LINK_TARGET_BYTES} bytes`,
    { hint: 'Push the artifact without this link: no system could follow it.' },
  );
}

const recorded = (inside: string | undefined, target: string): LinkTarget =>
  inside === undefined ? { target: printableLine(target), outside: true } : { target: inside };

/**
 * What is recorded of a symbolic link, which is never followed while an archive is read.
 * @throws LandfallError LINK_REFUSED
 */
export function symlinkTarget(entry: Pick<TarEntry, 'path' | 'target'>): LinkTarget {
  checkTarget(entry);
  const { path, target = '' } = entry;
  return recorded(resolveLink(path, target, 'symlink'), target);
}

/** The same in a container image, whose links mean its own root: "/" is the root, and ".." at the root stays there. */
export const imageLinkTarget = (path: string, target: string): LinkTarget =>
  recorded(resolveLink(path, target, 'image'), target);
