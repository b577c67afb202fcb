import { type Glob, parseGlob } from '../../glob/glob.ts';
import type { ArtifactRecord, FileEntry } from '../../model/artifact-record.ts';
import type { SiteCopy, SiteHeaders } from '../kit/site-bucket.ts';
import { contentTypeOf, isPage } from './content-type.ts';

/** How a site is served. */
export interface SiteSettings {
  /** Globs over paths of the site, of files whose name changes with their content: `assets/**`. */
  readonly immutable: readonly string[];
  /** Of all other files but pages. */
  readonly cacheControl: string;
}

/** Asked about each time, and answered from a cache only where nothing changed: right whatever a file is called. */
export const REVALIDATE = 'no-cache';
const IMMUTABLE = 'public, max-age=31536000, immutable';

const headersOf = (path: string, globs: readonly Glob[], cacheControl: string): SiteHeaders => {
  const isImmutable = globs.some((glob) => glob.matches(path));
  const ofOthers = isImmutable ? IMMUTABLE : cacheControl;
  return { contentType: contentTypeOf(path), cacheControl: isPage(path) ? REVALIDATE : ofOthers };
};

/** The files of the site that an artifact is: those under `folder`, or all. */
export function siteFiles(
  { files }: Pick<ArtifactRecord, 'files'>,
  folder: string | undefined,
  { immutable, cacheControl }: SiteSettings,
): readonly SiteCopy[] {
  const root = folder === undefined ? '' : `${folder}/`;
  const globs = immutable.map(parseGlob);
  const isInside = ({ path }: FileEntry): boolean => path.startsWith(root);
  return files.filter(isInside).map(({ path: from, mode: _, ...stored }) => {
    const path = from.slice(root.length);
    return { ...stored, path, from, headers: headersOf(path, globs, cacheControl) };
  });
}
