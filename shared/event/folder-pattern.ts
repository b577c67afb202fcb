import { ROOT } from './changed-paths.ts';

/** `web`, `/web` and `web/` are the same folder; the empty text is the whole artifact. */
function normalize(folder: string): string {
  const bare = folder.replace(/^\/+|\/+$/g, '');
  return bare === '' ? '' : `${bare}/`;
}

/** The folders above: `/` and `apps/` for `apps/web/`. */
function ancestors(folder: string): readonly string[] {
  const parts = folder.split('/').slice(0, -2);
  return [ROOT, ...parts.map((_, depth) => `${parts.slice(0, depth + 1).join('/')}/`)];
}

/**
 * The value for `detail.changes.paths` in an EventBridge pattern that never misses a change under `folder`:
 * its own prefix, and the folders above it, into which its paths collapse when too much changed at once.
 * For `apps/web`: `[{ "prefix": "apps/web/" }, "/", "apps/"]`; `{ "wildcard": "apps/web/*" }` means the same.
 */
export function folderPattern(folder: string): readonly (string | { readonly prefix: string })[] {
  const prefix = normalize(folder);
  return prefix === '' ? [{ prefix: '' }] : [{ prefix }, ...ancestors(prefix)];
}

/**
 * The `detail` of a pattern that never misses a change under `folder`, of a stored file or of a link: links are told
 * apart, so that nobody who wants files is woken by them.
 */
export const folderChangePattern = (folder: string): Readonly<Record<'$or', readonly object[]>> => ({
  $or: [
    { changes: { paths: folderPattern(folder) } },
    { changes: { links: { paths: folderPattern(folder) } } },
  ],
});
