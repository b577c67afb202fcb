import type { ListedContent } from '../shared/event/changes.ts';

export interface ListingDifference {
  readonly added: readonly string[];
  readonly modified: readonly string[];
  readonly removed: readonly string[];
}

/** Path to what stands there, an empty folder's with a slash; the executable bit counts, the other mode bits do not reach an artifact's files. */
const contentOf = ({ files, links, folders }: ListedContent): Map<string, string> =>
  new Map([
    ...files.map(
      ({ path, sha256, mode }) =>
        [path, `${(mode & 0o111) === 0 ? 'file' : 'executable'} ${sha256}`] as const,
    ),
    ...links.map(({ path, target, outside }) => [path, `${outside ? 'outside' : 'link'} ${target}`] as const),
    ...(folders ?? []).map((path) => [`${path}/`, 'folder'] as const),
  ]);

/** Every path that differs, in full: an event collapses long lists, a person who asks wants them. */
export function compareListings(before: ListedContent, after: ListedContent): ListingDifference {
  const [old, fresh] = [contentOf(before), contentOf(after)];
  return {
    added: [...fresh.keys()].filter((path) => !old.has(path)),
    modified: [...fresh]
      .filter(([path, content]) => old.has(path) && old.get(path) !== content)
      .map(([path]) => path),
    removed: [...old.keys()].filter((path) => !fresh.has(path)),
  };
}
