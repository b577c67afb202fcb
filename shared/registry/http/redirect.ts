import { LandfallError } from '../../errors.ts';
import { REDIRECTS } from '../../limits.ts';
import { formatHop, type Hop } from './hop.ts';

const STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export const isRedirect = (status: number): boolean => STATUSES.has(status);

const denied = (from: Hop, why: string): LandfallError =>
  new LandfallError('REDIRECT_DENIED', `${formatHop(from)} redirects ${why}`, {
    hint: 'Check what storage or proxy the registry sends its clients to.',
  });

/** Path and query of an absolute or path-absolute location, byte for byte; undefined where it is relative. */
function rawPath(location: string): string | undefined {
  const [, rest] = /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?\/\/[^/?#]*([^#]*)/.exec(location) ?? [];
  if (rest !== undefined) return rest.startsWith('/') ? rest : `/${rest}`;
  return location.startsWith('/') ? location.split('#', 1)[0] : undefined;
}

/**
 * Judges a Location: at most five hops, http or https, never from https to http, no user name, no byte that two
 * parsers could read in two ways.
 * @param hops redirects already followed
 * @throws LandfallError REDIRECT_DENIED
 */
export function nextHop(from: Hop, location: string | undefined, hops: number): Hop {
  if (hops >= REDIRECTS) throw denied(from, `more than ${REDIRECTS} times`);
  if (location === undefined || location === '') throw denied(from, 'without saying where to');
  if (!/^[\x21-\x7e]+$/.test(location) || location.includes('\\')) {
    throw denied(from, 'to a location with blanks, backslashes or bytes outside ASCII');
  }
  let url: URL;
  try {
    url = new URL(location, from.origin + from.path);
  } catch {
    throw denied(from, 'to what is not a URL');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw denied(from, `to ${url.protocol} URLs`);
  const secure = url.protocol === 'https:';
  if (from.secure && !secure) throw denied(from, `from https to http (${url.host})`);
  if (url.username !== '' || url.password !== '')
    throw denied(from, `to ${url.host} with a user name in the URL`);
  return {
    origin: url.origin,
    hostname: url.hostname,
    secure,
    path: rawPath(location) ?? url.pathname + url.search,
  };
}

const KEPT: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'range', 'user-agent']);

/**
 * The headers for the next hop: all of them on the same origin; elsewhere only what asks for the content.
 * Authorization sent to object storage is a leak, and S3 answers it with 400.
 */
export function headersAcross(
  headers: Readonly<Record<string, string>>,
  sameOrigin: boolean,
): Readonly<Record<string, string>> {
  if (sameOrigin) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => KEPT.has(name.toLowerCase())));
}
