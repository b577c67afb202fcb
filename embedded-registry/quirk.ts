import type { RegistryContent } from './content.ts';
import type { RegistryRequest } from './registry-request.ts';
import type { Reply, ReplyHeaders } from './reply.ts';

/** What a quirk can see of the registry it belongs to. */
interface Site {
  /** `http(s)://127.0.0.1:PORT` */
  readonly url: string;
  readonly host: string;
  readonly content: RegistryContent;
}

/** How one registry differs from the specification. Made anew for each registry: it may count. */
export interface Quirk {
  /** The request as it would be made to a registry that keeps to the specification. */
  readonly read?: (request: RegistryRequest, site: Site) => RegistryRequest;
  /** An answer in place of the registry's own; undefined: none. */
  readonly answer?: (request: RegistryRequest, site: Site) => Reply | undefined;
  /** The registry's own answer as this one gives it. */
  readonly alter?: (given: Reply, request: RegistryRequest, site: Site) => Reply;
}

export const NO_QUIRK: Quirk = {};

/** Header names differ in case only by accident; the one given last stands, and undefined leaves it out. */
export function withHeaders(
  headers: ReplyHeaders,
  changes: Readonly<Record<string, string | readonly string[] | undefined>>,
): ReplyHeaders {
  const changed = new Set(Object.keys(changes).map((name) => name.toLowerCase()));
  const kept = Object.entries(headers).filter(([name]) => !changed.has(name.toLowerCase()));
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...kept, ...given]) as ReplyHeaders;
}

/** The reply with some headers changed. */
export const withHeader = (
  given: Reply,
  changes: Readonly<Record<string, string | readonly string[] | undefined>>,
): Reply => ({ ...given, headers: withHeaders(given.headers, changes) });

/** The reply with its challenge, if it is one, made anew. */
export function withChallenge(given: Reply, challenge: string | readonly string[]): Reply {
  return given.status === 401 ? withHeader(given, { 'WWW-Authenticate': challenge }) : given;
}

/** The target of the reply's Link, if it has one, made anew. */
export function withNext(given: Reply, target: (path: string) => string): Reply {
  const [, path] = /^<([^>]*)>/.exec(String(given.headers['Link'] ?? '')) ?? [];
  return path === undefined ? given : withHeader(given, { Link: `<${target(path)}>; rel="next"` });
}
