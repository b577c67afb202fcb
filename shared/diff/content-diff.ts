import type { ListedContent } from '../event/changes.ts';

/** What stands at a path. Of the modes, the executable bit alone reaches an artifact's files. */
export type PathContent =
  | { readonly kind: 'file' | 'executable'; readonly size: number; readonly sha256: string }
  | { readonly kind: 'link' | 'outside'; readonly target: string }
  | { readonly kind: 'folder' };

/** A path where two artifacts differ; null is nothing there. */
export interface ContentChange {
  /** An empty folder's with a slash. */
  readonly path: string;
  readonly change: 'added' | 'modified' | 'removed';
  readonly before: PathContent | null;
  readonly after: PathContent | null;
}

const contentOf = ({ files, links, folders }: ListedContent): Map<string, PathContent> =>
  new Map<string, PathContent>([
    ...files.map(
      ({ path, size, sha256, mode }) =>
        [path, { kind: (mode & 0o111) === 0 ? 'file' : 'executable', size, sha256 }] as const,
    ),
    ...links.map(
      ({ path, target, outside }) => [path, { kind: outside ? 'outside' : 'link', target }] as const,
    ),
    ...(folders ?? []).map((path) => [`${path}/`, { kind: 'folder' }] as const),
  ]);

const isSame = (a: PathContent, b: PathContent): boolean =>
  a.kind === b.kind &&
  ('sha256' in a && 'sha256' in b
    ? a.sha256 === b.sha256
    : !('target' in a && 'target' in b) || a.target === b.target);

/** Every path that differs, in full and in order: an event collapses long lists, a person who asks wants them. */
export function contentDiff(before: ListedContent, after: ListedContent): readonly ContentChange[] {
  const [old, fresh] = [contentOf(before), contentOf(after)];
  const paths = new Set([...old.keys(), ...fresh.keys()]);
  return [...paths].toSorted().flatMap((path): readonly ContentChange[] => {
    const [was, is] = [old.get(path) ?? null, fresh.get(path) ?? null];
    if (was !== null && is !== null) {
      return isSame(was, is) ? [] : [{ path, change: 'modified', before: was, after: is }];
    }
    return [{ path, change: was === null ? 'added' : 'removed', before: was, after: is }];
  });
}
