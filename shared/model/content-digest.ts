import { createHash } from 'node:crypto';
import { inByteOrder, inPathOrder } from '../kernel/byte-order.ts';
import { type Digest, digestFromHex } from '../oci/digest.ts';
import type { FileEntry, LinkEntry } from './artifact-record.ts';

/** Owner's execute bit, as git has it: the only bit of a mode that is content and not somebody's umask. */
export const isExecutable = (mode: number): boolean => (mode & 0o100) !== 0;

/** What is hashed at once: a call costs as much as some thousand characters. */
const HASHED_AT_ONCE = 65_536;

/**
 * Digest over what a deploy would see: equal means nothing to deploy. It covers neither sizes (the hash does), other
 * mode bits, times nor owners. sha256 over UTF-8 lines, files, links, then empty folders, each kind in byte order of
 * path; paths hold no control characters, so tab and newline separate:
 *
 *     landfall-content 1
 *     file TAB <sha256 hex> TAB <0644|0755> TAB <path>
 *     link TAB <path> TAB <target from the root>
 *     outside TAB <path> TAB <target as it is recorded>
 *     folder TAB <path>
 */
export function contentDigestOf(
  files: readonly FileEntry[],
  links: readonly LinkEntry[],
  folders: readonly string[] = [],
): Digest {
  const hash = createHash('sha256');
  let lines = 'landfall-content 1\n';
  const add = (line: string): void => {
    lines += line;
    if (lines.length < HASHED_AT_ONCE) return;
    hash.update(lines);
    lines = '';
  };
  for (const { path, sha256, mode } of inPathOrder(files))
    add(`file\t${sha256}\t${isExecutable(mode) ? '0755' : '0644'}\t${path}\n`);
  for (const { path, target, outside } of inPathOrder(links))
    add(`${outside ? 'outside' : 'link'}\t${path}\t${target}\n`);
  for (const path of inByteOrder(folders)) add(`folder\t${path}\n`);
  hash.update(lines);
  return digestFromHex('sha256', hash.digest('hex'));
}
