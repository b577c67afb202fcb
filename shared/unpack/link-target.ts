import { LandfallError } from '../errors.ts';
import { LINK_TARGET_BYTES } from '../limits.ts';
import { printable } from '../printable.ts';
import type { LinkEntry } from '../store/artifact-record.ts';
import { quoteName, resolveLink } from './entry-path.ts';
import type { TarEntry } from './tar-entry.ts';

/** Where a symbolic link points: see LinkEntry. */
export type LinkTarget = Omit<LinkEntry, 'path'>;

/** On one line, whatever it is: the content digest is made of lines. */
const onOneLine = (text: string): string =>
  printable(text).replaceAll('\n', '\\u000a').replaceAll('\t', '\\u0009');

/**
 * What is recorded of a symbolic link, which is never followed while an archive is read.
 * @throws LandfallError LINK_REFUSED for a target that is longer than any system takes
 */
export function symlinkTarget({ path, target = '' }: Pick<TarEntry, 'path' | 'target'>): LinkTarget {
  if (Buffer.byteLength(target) > LINK_TARGET_BYTES)
    throw new LandfallError(
      'LINK_REFUSED',
      `entry ${quoteName(path)} links to a path of more than ${LINK_TARGET_BYTES} bytes`,
      { hint: 'Push the artifact without this link: no system could follow it.' },
    );
  const inside = resolveLink(path, target, 'symlink');
  return inside === undefined ? { target: onOneLine(target), outside: true } : { target: inside };
}
