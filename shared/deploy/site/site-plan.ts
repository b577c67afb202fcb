import { shortHash } from '../../event/compose.ts';
import type { SiteCopy, SiteHeaders } from '../kit/site-bucket.ts';
import { isPage } from './content-type.ts';
import type { PendingFile, SiteFile, SiteManifest } from './site-manifest.ts';

export interface SiteSituation {
  readonly wanted: readonly SiteCopy[];
  /** Of this place; undefined before the first time. */
  readonly manifest: Pick<SiteManifest, 'files' | 'pending'> | undefined;
  /** Versions by path: of what is wanted or in the manifest, as far as it is there. */
  readonly there: ReadonlyMap<string, string>;
}

/** What is to be done, in this order. */
export interface SitePlan {
  readonly assets: readonly SiteCopy[];
  /** After all assets: a page never names what is not there. */
  readonly pages: readonly SiteCopy[];
  /** After all pages: what no page names any more. Pages come first. */
  readonly gone: readonly string[];
  /** Put before, and as it was put. */
  readonly unchanged: readonly SiteFile[];
  /** With what is under way, in case this ends in the middle. */
  readonly pending: readonly PendingFile[];
}

export const formatHeaders = ({ contentType, cacheControl }: SiteHeaders): string =>
  shortHash(contentType, cacheControl);

/** A site has thousands of files, and a handful of headers: each is hashed once. */
function rememberedHeaders(): typeof formatHeaders {
  const known = new Map<string, string>();
  return (headers) => {
    const key = `${headers.contentType}\n${headers.cacheControl}`;
    const text = known.get(key) ?? formatHeaders(headers);
    known.set(key, text);
    return text;
  };
}

const byPath = <T extends { readonly path: string }>(files: readonly T[]): ReadonlyMap<string, T> =>
  new Map(files.map((file) => [file.path, file]));

/** Pages before assets: until a page is gone it names its assets. */
const pagesFirst = (paths: readonly string[]): readonly string[] => [
  ...paths.filter(isPage),
  ...paths.filter((path) => !isPage(path)),
];

/**
 * Compares what is wanted with what was put and what is there. Only what this deploy has put is ever taken away, and
 * only while it is as it was put: what somebody else put over it is theirs.
 */
export function planSite({ wanted, manifest, there }: SiteSituation): SitePlan {
  const put = byPath(manifest?.files ?? []);
  const begun = byPath(manifest?.pending ?? []);
  const isOurs = (path: string): boolean => {
    const version = there.get(path);
    if (version === undefined) return false;
    const pending = begun.get(path);
    return version === put.get(path)?.version || (pending !== undefined && version !== pending.before);
  };
  const headersOf = rememberedHeaders();
  const asWanted = ({ path, sha256, headers }: SiteCopy): SiteFile | undefined => {
    const file = put.get(path);
    const isSame = file?.sha256 === sha256 && file.headers === headersOf(headers);
    return isSame && there.get(path) === file.version ? file : undefined;
  };
  const unchanged = byPath(wanted.flatMap((copy) => asWanted(copy) ?? []));
  const copies = wanted.filter(({ path }) => !unchanged.has(path));
  const kept = new Set(wanted.map(({ path }) => path));
  const known = new Set([...put.keys(), ...begun.keys()]);
  const leftovers = [...begun.values()].filter(({ path }) => !kept.has(path));
  // What an interrupted try may have put is not what was there before it.
  const pendingOf = ({ path }: SiteCopy): PendingFile =>
    begun.get(path) ?? { path, before: there.get(path) ?? null };
  return {
    assets: copies.filter(({ path }) => !isPage(path)),
    pages: copies.filter(({ path }) => isPage(path)),
    gone: pagesFirst([...known].filter((path) => !kept.has(path) && isOurs(path))),
    unchanged: [...unchanged.values()],
    pending: [...leftovers, ...copies.map(pendingOf)],
  };
}
