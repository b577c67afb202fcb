import { isPage } from './content-type.ts';
import type { SiteResult } from './site-deployer.ts';

/** Each path is paid for beyond a thousand a month; all of them at once count as one. */
const EACH_UP_TO = 30;
const ALL: readonly string[] = ['/*'];

/** A page is asked for by the folder that it is the index of, too. */
const urlsOf = (path: string): readonly string[] => {
  const url = `/${path.split('/').map(encodeURIComponent).join('/')}`;
  return isPage(path) && /\/index\.[^/]+$/.test(url) ? [url, url.slice(0, url.lastIndexOf('/') + 1)] : [url];
};

/** What caches have to forget where these paths changed; null: anything may have. */
export function invalidationPaths(changed: SiteResult['changed']): readonly string[] {
  if (changed === null) return ALL;
  const urls = [...new Set(changed.flatMap(urlsOf))];
  return urls.length > EACH_UP_TO ? ALL : urls;
}
