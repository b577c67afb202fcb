import type { ArtifactRecord, FileEntry } from '../store/artifact-record.ts';
import { collapsePaths } from './changed-paths.ts';

/** The part of a commit record that changes are told from. */
export type Listing = Pick<ArtifactRecord, 'files' | 'links'>;

/** What differs between two artifacts: counts, and where (see changed-paths.ts for what a path can stand for). */
export interface Changes {
  readonly added: number;
  readonly modified: number;
  readonly removed: number;
  readonly paths: readonly string[];
}

/** Only what reaches `files/` counts: bytes and the executable bit, not the archive's other mode bits. */
const fingerprintOf = ({ sha256, mode }: FileEntry): string =>
  `${(mode & 0o111) === 0 ? 'file' : 'executable'}:${sha256}`;

/** Path to what stands there. A link counts like a file: pointing it elsewhere is a change. */
function fingerprints({ files, links }: Listing): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of files) found.set(file.path, fingerprintOf(file));
  for (const link of links) found.set(link.path, `link:${link.target}`);
  return found;
}

/**
 * Compares two artifacts by path, content and executable bit, in one pass over each.
 * @param previous null where there is none, or none that can still be read: then everything is new
 */
export function changesBetween(previous: Listing | null, next: Listing): Changes {
  const before = previous === null ? new Map<string, string>() : fingerprints(previous);
  const paths: string[] = [];
  let added = 0;
  let modified = 0;
  for (const [path, fingerprint] of fingerprints(next)) {
    const old = before.get(path);
    before.delete(path);
    if (old === fingerprint) continue;
    if (old === undefined) added += 1;
    else modified += 1;
    paths.push(path);
  }
  for (const path of before.keys()) paths.push(path);
  return { added, modified, removed: before.size, paths: collapsePaths(paths) };
}
