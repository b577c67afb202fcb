import { LandfallError } from '../../errors.ts';
import type { Hop } from '../http/hop.ts';
import { isKnownPair, isSameOwner } from './token-service-host.ts';

/** Which registry sent the realm. */
export interface RealmOwner {
  /** As users write it. */
  readonly registry: string;
  /** Where it is connected to. */
  readonly hostname: string;
  /** The registry itself is spoken to without TLS. */
  readonly plainHttp: boolean;
  /** There is no credential to send. */
  readonly isAnonymous: boolean;
  /** Origin of the token service that an entry of credentials names. */
  readonly tokenService: string | undefined;
}

const denied = ({ registry, isAnonymous }: RealmOwner, why: string, hint?: string): LandfallError =>
  new LandfallError(
    'REALM_DENIED',
    `registry ${registry} wants ${isAnonymous ? 'a token asked for at' : 'credentials sent to'} a realm ${why}`,
    { hint: `Nothing was sent. ${hint ?? 'Ask who runs the registry, or what stands before it.'}` },
  );

function parseRealm(realm: string, owner: RealmOwner): URL {
  if (!/^[\x21-\x7e]{1,2048}$/.test(realm) || realm.includes('\\')) throw denied(owner, 'that is not a URL');
  if (!URL.canParse(realm))
    throw denied(owner, `that is not a URL: ${JSON.stringify(realm.slice(0, 100).split('?', 1)[0])}`);
  const url = new URL(realm);
  if (url.username !== '' || url.password !== '')
    throw denied(owner, `on ${url.host} with a user name in it`);
  return url;
}

/** The realm is on the registry's own host, of any port. */
export function isOwnHost(
  realm: string,
  { hostname, registry }: Pick<RealmOwner, 'hostname' | 'registry'>,
): boolean {
  const host = URL.canParse(realm) ? new URL(realm).hostname : '';
  return host === hostname || host === registry.replace(/:\d+$/, '');
}

/**
 * Judges where a Bearer challenge wants a token asked for. Without a credential: any https host, of which the address
 * is still judged when it is connected to. With one: the registry's own host, one of the same owner, a known pair, or
 * what an entry of credentials names. http only where the registry itself is plain HTTP, and there on its own host or
 * the named one.
 * @throws LandfallError REALM_DENIED
 */
export async function judgeRealm(realm: string, owner: RealmOwner): Promise<Hop> {
  const { registry, hostname, plainHttp, isAnonymous, tokenService } = owner;
  const url = parseRealm(realm, owner);
  const secure = url.protocol === 'https:';
  const known = isOwnHost(realm, owner) || url.origin === tokenService;
  if (!secure && !(url.protocol === 'http:' && plainHttp && known)) {
    throw denied(owner, `that is not https: ${url.protocol}//${url.host}`);
  }
  const trusted =
    known ||
    isAnonymous ||
    isKnownPair(hostname, url.hostname) ||
    (await isSameOwner(hostname, url.hostname));
  if (!trusted) {
    throw denied(
      owner,
      `on another host: ${url.host}`,
      `If ${url.host} is the token service of ${registry}, say so: \`tokenService: ${url.origin}\` in its credentials entry, or --registry-token-service ${registry}=${url.origin}.`,
    );
  }
  return { origin: url.origin, hostname: url.hostname, secure, path: url.pathname + url.search };
}
