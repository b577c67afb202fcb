import type { Endpoint } from '../endpoint.ts';
import { discard } from '../http/body.ts';
import { dispatch, type Wire } from '../http/wire.ts';

/**
 * The challenge of `/v2/`, once per endpoint. Requests start without it; but a registry open to anonymous users
 * (Artifactory, Nexus) hides what is private behind 403 or 404, and only here says how to log in.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#determining-support
 */
export async function pingChallenge(
  endpoint: Endpoint,
  call: { readonly signal: AbortSignal | undefined; readonly attempt: number },
  wire: Wire,
): Promise<string | readonly string[] | undefined> {
  if (endpoint.pinged) return undefined;
  const { origin, hostname, secure } = endpoint;
  const hop = { origin, hostname, secure, path: '/v2/' };
  const headers = { accept: 'application/json' };
  const response = await dispatch({ method: 'GET', headers, ...call }, hop, endpoint, wire);
  discard(response.body);
  endpoint.pinged = response.statusCode < 500;
  return response.statusCode === 401 ? response.headers['www-authenticate'] : undefined;
}
