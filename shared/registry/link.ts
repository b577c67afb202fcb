import { LandfallError } from '../errors.ts';
import { excerpt } from './http/body.ts';
import { parseLinks } from './link-header.ts';

/** An error that leaves nobody with half a list: where the next page is cannot be told. */
const unreadable = (why: string, header: string): LandfallError =>
  new LandfallError(
    'LINK_DENIED',
    `the list goes on, but ${why}: Link: ${excerpt(withoutQuery(header), 200)}`,
    {
      hint: 'The registry, or a proxy before it, writes wrong Link headers; have it fixed there.',
    },
  );

/** A query may be a signature. */
const withoutQuery = (header: string): string => header.replace(/\?[^>\s,;]*/g, '?…');

/**
 * The target of the next page: of the link with relation `next`, or of the only one, where it has no relation and a
 * query (a form that ggcr and oras-go read). Undefined on the last page.
 * @throws LandfallError LINK_DENIED the header cannot be read: what it says may be a next page
 */
export function nextTarget(header: string | undefined): string | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const { links, malformed } = parseLinks(header);
  const next = links.find(({ relations }) => relations?.includes('next'));
  if (next !== undefined) return next.target;
  if (malformed) throw unreadable('its Link header is not one', header);
  const [only] = links;
  if (links.length !== 1 || only === undefined || only.relations !== undefined) return undefined;
  if (only.target === '') throw unreadable('the link is empty', header);
  return only.target.includes('?') ? only.target : undefined;
}

/**
 * Where the next page is: the path that was asked for, with the link's query, at the registry itself. Whatever host,
 * scheme and path the link names are not looked at: behind a proxy registries write their inner ones.
 * @param asked path with query of this page
 * @throws LandfallError LINK_DENIED there is a next page, and its link has no query or cannot be read
 */
export function nextPage(header: string | undefined, asked: string): string | undefined {
  const target = nextTarget(header);
  if (header === undefined || target === undefined) return undefined;
  const [address = ''] = target.split('#', 1);
  const at = address.indexOf('?');
  // As a URL has it: blanks and bytes outside ASCII are encoded, control characters at its end are nothing.
  const search = at < 0 ? '' : new URL(address.slice(at), 'https://registry.invalid/').search;
  if (search === '') throw unreadable('the link to its next page has no query', header);
  return `${asked.split('?', 1)[0]}${search}`;
}
