import { steadyNow } from '../clock.ts';
import { isLandfallError } from '../errors.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import type { Repository } from '../oci/reference.ts';
import type { RegistryCallOptions } from './client.ts';
import { type Exchange, type ExchangeDeps, exchange, type Headers } from './exchange.ts';
import type { HeadRefusal } from './head-habit.ts';
import { discard } from './http/body.ts';
import { headerOf } from './http/header-text.ts';
import { fetchManifest, manifestRequest } from './manifests.ts';
import { RETRIED_CAUSES } from './manners/error-table.ts';

/** What came of a HEAD: a claim, or why there is none. */
type Claim = { readonly digest: string | undefined } | 404 | HeadRefusal;

/**
 * What a status says of HEAD. Registries, and what stands before them, refuse it in every way, where the same GET is
 * answered: 401 and 403 (a WAF, storage behind a signature made for GET), 404, 405, 500, 502. "Not now" is no refusal.
 */
function refusalOf(status: number, headers: Headers): 404 | HeadRefusal | undefined {
  if (status === 404) return 404;
  if (status === 429 || headerOf(headers, 'retry-after') !== undefined) return undefined;
  return status < 500 || status === 501 ? 'certain' : 'passing';
}

/**
 * A connection that breaks at HEAD, time after time, an answer to it that is no HTTP, or a way that leads nowhere (to a
 * login page that sends on to itself): a GET may fare better, and its redirects are judged as these were.
 */
function isOfHead(error: unknown, signal: AbortSignal | undefined): boolean {
  if (!isLandfallError(error) || signal?.aborted) return false;
  if (error.code === 'REDIRECT_DENIED') return true;
  // Of the HEAD itself (wire.ts), not of the token service's GET.
  if (!error.message.startsWith('HEAD ')) return false;
  const { cause } = error.detail;
  if (error.code === 'REGISTRY_UNREACHABLE') return typeof cause === 'string' && RETRIED_CAUSES.has(cause);
  return error.code === 'REGISTRY_TIMEOUT' || error.code === 'REGISTRY_PROTOCOL';
}

async function claimOf(request: Exchange, deps: ExchangeDeps): Promise<Claim> {
  try {
    return await exchange<Claim>(
      request,
      {
        accept: (answer) => {
          discard(answer.body);
          if (answer.status !== 200) return 'certain';
          return { digest: headerOf(answer.headers, 'docker-content-digest') };
        },
        tolerate: refusalOf,
      },
      deps,
    );
  } catch (error) {
    if (isOfHead(error, request.signal)) return 'passing';
    throw error;
  }
}

/**
 * The digest that the registry claims for a tag, with one HEAD; undefined where it makes no claim or does not do HEAD,
 * which is remembered for an hour: then nothing is asked, and the caller's GET is the one request.
 * @throws LandfallError TAG_NOT_FOUND, REPOSITORY_NOT_FOUND, …
 */
export async function peekDigest(
  repository: Repository,
  tag: string,
  options: RegistryCallOptions | undefined,
  deps: ExchangeDeps,
): Promise<Digest | undefined> {
  const endpoint = await deps.endpointOf(repository, options?.signal);
  const { head } = endpoint;
  if (head.isRefused(steadyNow(deps.wire.clock))) return undefined;
  const request = { ...manifestRequest('HEAD', repository, tag, options), endpoint };
  const claim = await claimOf(request, deps);
  if (claim === 404) {
    // A HEAD has no body: only a GET tells a missing tag from a missing repository, or from a HEAD that is not done.
    head.refused(request.what, 'certain');
    return (await fetchManifest(repository, tag, options, deps)).digest;
  }
  if (typeof claim === 'string') {
    head.refused(request.what, claim);
    return undefined;
  }
  const { digest } = claim;
  if (digest === undefined || !isDigest(digest)) {
    head.refused(request.what, 'certain');
    return undefined;
  }
  head.answered();
  return digest;
}
