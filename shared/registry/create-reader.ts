import type { Clock } from '../clock.ts';
import type { Limits } from '../limits.ts';
import { Tokens } from './auth/tokens.ts';
import { fetchBlob } from './blobs.ts';
import type { AccessResolver, RegistryReader } from './client.ts';
import { createEndpoints } from './endpoint.ts';
import type { ExchangeDeps } from './exchange.ts';
import { createAgents } from './http/agents.ts';
import type { ProxyEnv } from './http/proxy.ts';
import { userAgentOf } from './http/user-agent.ts';
import { fetchManifest } from './manifests.ts';
import { Paces } from './manners/pace.ts';
import { DEFAULT_RETRY, type RetryPolicy } from './manners/retry.ts';
import type { Lookup } from './names/name-lookups.ts';
import { peekDigest } from './peek.ts';
import { listReferrers } from './referrers.ts';
import { listTags } from './tag-list.ts';
import type { RequestFact } from './wire.ts';

export interface RegistryClientDeps {
  readonly access: AccessResolver;
  readonly clock: Clock;
  readonly limits: Limits;
  /** Where HTTP_PROXY, HTTPS_PROXY, NO_PROXY and LANDFALL_USER_AGENT are looked up; without it there is none. */
  readonly env?: ProxyEnv;
  readonly retry?: RetryPolicy;
  /** Who knows the addresses of names; default: the system. What it says is judged before anything connects. */
  readonly lookup?: Lookup;
  /** Called with every HTTP request: to the registry, its token service and what it redirects to. */
  readonly onRequest?: (fact: RequestFact) => void;
}

/** A reader that keeps connections, challenges and tokens until it is closed. */
export type OpenReader = RegistryReader & { close(): Promise<void> };

/** What all calls of one client share, and how it ends. */
export function openExchange(deps: RegistryClientDeps): ExchangeDeps & { close(): Promise<void> } {
  const { clock, limits, onRequest, retry = DEFAULT_RETRY } = deps;
  const env = deps.env ?? {};
  const agents = createAgents(env, deps.lookup);
  return {
    endpointOf: createEndpoints(deps.access),
    tokens: new Tokens(clock),
    wire: {
      agents,
      paces: new Paces(clock, retry),
      userAgent: userAgentOf(env['LANDFALL_USER_AGENT']),
      clock,
      limits,
      retry,
      onRequest,
    },
    close: () => agents.close(),
  };
}

export const readerOver = (shared: ExchangeDeps): RegistryReader => ({
  peek: (repository, tag, options) => peekDigest(repository, tag, options, shared),
  manifest: (repository, reference, options) => fetchManifest(repository, reference, options, shared),
  blob: (repository, descriptor, options) => fetchBlob(repository, descriptor, options, shared),
  tags: (repository, options) => listTags(repository, options, shared),
  referrers: (repository, digest, options) => listReferrers(repository, digest, options, shared),
});

/** The registry's reader over HTTP. One serves a whole process; `close` ends its connections and any call under way. */
export function createRegistryReader(deps: RegistryClientDeps): OpenReader {
  const exchange = openExchange(deps);
  return { ...readerOver(exchange), close: exchange.close };
}
