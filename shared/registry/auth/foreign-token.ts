import { isLandfallError, LandfallError } from '../../errors.ts';
import { startDeadline } from '../../kernel/deadline.ts';
import { TOKEN_TIMEOUT_MS } from '../../limits.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Hop } from '../http/hop.ts';
import type { AuthorizeDeps, AuthorizeInput } from './authorization.ts';
import { parseChallenges } from './challenge.ts';
import { widenScopes } from './scopes.ts';
import { requestToken, type Token } from './token-request.ts';

/** An answer of 401 by another origin than the registry's. */
export interface ForeignRefusal {
  readonly hop: Hop;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * As whoever was redirected sees it: nobody in particular. Connections are still made by the rules of the registry that
 * redirected, so that none of its own settings holds there.
 */
function foreignEndpoint({ origin, hostname, secure }: Hop, home: Endpoint): Endpoint {
  const { tokenService: _, ...transport } = home.transport;
  const registry = origin.replace(/^https?:\/\//, '');
  return {
    ...home,
    registry,
    hostname,
    secure,
    transport,
    credential: { kind: 'anonymous' },
    given: undefined,
  };
}

const REFUSED: ReadonlySet<unknown> = new Set([400, 401, 403, 404]);

/**
 * A token that a registry gives to anybody, where another one redirects to it: gateways and vanity domains send clients
 * on to a registry that wants a token even for what is public (Scarf, GHCR). No credential goes along: what is private
 * there is pulled by that registry's own name. undefined: it is no such registry, or gives nobody a token.
 * @param refused tokens of this request that it would not have
 * @throws LandfallError REALM_DENIED, REGISTRY_PROTOCOL, REGISTRY_TIMEOUT, …
 * @see https://github.com/google/go-containerregistry/pull/2360
 */
export async function foreignToken(
  { hop, headers }: ForeignRefusal,
  refused: readonly string[],
  { endpoint, scope, signal, attempt }: AuthorizeInput,
  { tokens, wire }: AuthorizeDeps,
): Promise<string | undefined> {
  const challenge = parseChallenges(headers['www-authenticate']).find(({ scheme }) => scheme === 'bearer');
  const { realm = '', service, scope: named } = challenge?.params ?? {};
  if (realm === '' || refused.length > 1) return undefined;
  const asked = widenScopes([], scope, named, { guarded: false });
  const scopes = asked.length > 0 ? asked : [scope];
  const foreign = foreignEndpoint(hop, endpoint);
  const key = `${scopes.join(' ')} ${hop.origin} ${realm} ${service} of ${endpoint.key}`;
  const tooLate = (): LandfallError =>
    new LandfallError('REGISTRY_TIMEOUT', `the token service of ${foreign.registry} gave no token in time`);
  const load = async (flight: AbortSignal): Promise<Token> => {
    using deadline = startDeadline(TOKEN_TIMEOUT_MS, tooLate, { signal: flight, unref: true });
    return await requestToken({ realm, service, scopes, signal: deadline.signal, attempt }, foreign, wire);
  };
  for (const token of refused) tokens.drop(key, token);
  try {
    const { value } = await tokens.get(key, load, signal);
    return refused.includes(value) ? undefined : value;
  } catch (error) {
    if (isLandfallError(error) && REFUSED.has(error.detail['status'])) return undefined;
    throw error;
  }
}
