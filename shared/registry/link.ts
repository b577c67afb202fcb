import { LandfallError } from '../errors.ts';

/** `<target>; rel="next"` among others. @see https://www.rfc-editor.org/rfc/rfc8288#section-3 */
const LINK_VALUE = /<([^>]*)>((?:\s*;\s*[^\s=;,"]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)/g;
const REL = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]*))/i;

/** Longer than any real one, and short enough for a pattern that looks again from every `<`. */
const MAX_CHARACTERS = 4096;

/** The target of the first link with relation `next`, as it was sent. */
export function nextTarget(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  for (const [, target, params = ''] of header.slice(0, MAX_CHARACTERS).matchAll(LINK_VALUE)) {
    const rel = REL.exec(params);
    const relations = (rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(/\s+/);
    if (relations.includes('next')) return target;
  }
  return undefined;
}

const denied = (target: string, why: string): LandfallError =>
  new LandfallError(
    'LINK_DENIED',
    `next page ${JSON.stringify(target.slice(0, 200).split('?', 1)[0])} ${why}`,
    {
      hint: 'The registry, or a proxy before it, writes wrong Link headers; have it fixed there.',
    },
  );

const repositoryIn = (path: string): string | undefined => /\/v2\/(.+)\/[^/]+\/[^/]+$/.exec(path)?.[1];

/**
 * Artifactory leaves out the virtual repository's first component and Nexus puts its own path before /v2/, both
 * meaning the page we ask for; any other repository is refused.
 */
function isSameList(asked: string, linked: string): boolean {
  if (asked === linked || linked.endsWith(asked)) return true;
  const [own, other] = [repositoryIn(asked), repositoryIn(linked)];
  return (
    own !== undefined && other !== undefined && own.endsWith(`/${other}`) && tail(asked) === tail(linked)
  );
}

const tail = (path: string): string => path.split('/').slice(-2).join('/');

/**
 * Where the next page is: always the path that was asked for, with the link's query. Undefined on the last page.
 * @param asked path with query of this page
 * @throws LandfallError LINK_DENIED another origin, another repository, or no URL
 */
export function nextPage(
  header: string | undefined,
  page: { readonly origin: string; readonly asked: string },
): string | undefined {
  const target = nextTarget(header);
  if (target === undefined) return undefined;
  let url: URL;
  try {
    url = new URL(target, page.origin + page.asked);
  } catch {
    throw denied(target, 'is not a URL');
  }
  if (url.origin !== page.origin) throw denied(target, `is on ${url.origin}, not on ${page.origin}`);
  if (url.username !== '' || url.password !== '') throw denied(target, 'carries a user name');
  const [path = ''] = page.asked.split('?', 1);
  if (!isSameList(path, url.pathname)) throw denied(target, `is not a page of ${path}`);
  return path + url.search;
}
