import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { Tokens } from '../../../shared/registry/auth/tokens.ts';
import type { RegistryReader } from '../../../shared/registry/client.ts';
import { readerOver } from '../../../shared/registry/create-reader.ts';
import { createEndpoints } from '../../../shared/registry/endpoint.ts';
import type { Agents } from '../../../shared/registry/http/agents.ts';
import { Paces } from '../../../shared/registry/manners/pace.ts';
import { DEFAULT_RETRY } from '../../../shared/registry/manners/retry.ts';
import type { Life } from '../engine/scheduler.ts';
import type { Mood, RegistryServer, SimulatedRequest } from './registry-server.ts';
import { ACCESS } from './secrets.ts';

/** What undici throws where the other side went away. */
const reset = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

/** The product's client, whose connections are the simulator's. */
export function registryReader(
  server: RegistryServer,
  { gate, clock }: Pick<Life, 'gate' | 'clock'>,
  moodOf: (asked: SimulatedRequest) => Mood,
): RegistryReader {
  const request = (asked: SimulatedRequest & { readonly signal?: AbortSignal }) => {
    const { origin, path, method, headers, signal } = asked;
    const mood = moodOf(asked);
    const what = `${method} ${origin}${path.split('?', 1)[0]}${mood === 'well' ? '' : ` (${mood})`}`;
    let wasSent = false;
    const send = () => {
      wasSent = true;
      return server.answer({ origin, path, method, headers }, mood);
    };
    return gate('registry', what, send, signal).catch((error: unknown) => {
      throw wasSent || !signal?.aborted ? reset() : error;
    });
  };
  const requests = { request } as never;
  const agents: Agents = {
    routeFor: ({ origin, path }) => ({ requests, origin, path, headers: {}, proxy: undefined }),
    renew: () => undefined,
    close: async () => undefined,
  };
  return readerOver({
    endpointOf: createEndpoints(ACCESS),
    tokens: new Tokens(clock),
    wire: {
      agents,
      clock,
      paces: new Paces(clock, DEFAULT_RETRY),
      userAgent: 'simulated',
      limits: DEFAULT_LIMITS,
      retry: DEFAULT_RETRY,
      onRequest: undefined,
    },
  });
}
