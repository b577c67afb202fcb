import type { ArtifactRecord, FileEntry, LinkEntry } from '../model/artifact-record.ts';
import { collapsePaths } from './changed-paths.ts';

/** The part of a commit record that changes are told from. */
export type ListedContent = Pick<ArtifactRecord, 'files' | 'links' | 'folders'>;

/** What differs: counts, and where (see changed-paths.ts for what a path can stand for). */
export interface Difference {
  readonly added: number;
  readonly modified: number;
  readonly removed: number;
  readonly paths: readonly string[];
}

/** What differs between two artifacts: of the files that are stored, and apart from them of the links that are not. */
export interface Changes extends Difference {
  readonly links: Difference;
}

/** Only what reaches `files/` counts: bytes and the executable bit, not the archive's other mode bits. */
const fileFingerprint = ({ sha256, mode }: FileEntry): string =>
  `${(mode & 0o111) === 0 ? 'file' : 'executable'}:${sha256}`;

/** Pointing a link elsewhere is a change. */
const linkFingerprint = ({ target, outside }: LinkEntry): string =>
  `${outside ? 'outside' : 'link'}:${target}`;

/** Path to what stands there. */
type Fingerprints = Map<string, string>;

const filesOf = (listing: ListedContent | null): Fingerprints =>
  new Map(listing?.files.map((file) => [file.path, fileFingerprint(file)]));

const linksOf = (listing: ListedContent | null): Fingerprints =>
  new Map(listing?.links.map((link) => [link.path, linkFingerprint(link)]));

/** In one pass over each. `before` is used up. */
function differenceOf(before: Fingerprints, after: Fingerprints): Difference {
  const paths: string[] = [];
  let added = 0;
  let modified = 0;
  for (const [path, fingerprint] of after) {
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

/**
 * Compares two artifacts by path, content and executable bit, and the targets of links. A path that was a link and is
 * a file now was removed as the one and added as the other.
 * @param previous null where there is none, or none that can still be read: then everything is new
 */
export const changesBetween = (previous: ListedContent | null, next: ListedContent): Changes => ({
  ...differenceOf(filesOf(previous), filesOf(next)),
  links: differenceOf(linksOf(previous), linksOf(next)),
});
