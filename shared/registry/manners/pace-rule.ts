import { REGISTRY_CONCURRENCY_MAX } from '../../limits.ts';
import type { Transport } from '../client.ts';
import type { Hop } from '../http/hop.ts';

/** How hard a host may be pressed. */
export interface PaceRule {
  /** Requests that wait for the head of their answer at the same time. */
  readonly concurrency: number;
  /** Of which a second's worth may go at once. */
  readonly requestsPerMinute: number;
}

/** One's own registry is one's own to load; sockets bound it (agents.ts). */
const OWN: PaceRule = { concurrency: REGISTRY_CONCURRENCY_MAX, requestsPerMinute: Number.POSITIVE_INFINITY };

const PUBLIC: PaceRule = { concurrency: 8, requestsPerMinute: 3000 };

/**
 * Hosts that are known to mind. GHCR has said "allowed: 2000/minute"; Docker Hub and Quay count requests by address
 * and say no number, so these are ours.
 */
export const KNOWN_HOSTS: Readonly<Record<string, PaceRule>> = {
  'ghcr.io': { concurrency: 4, requestsPerMinute: 1800 },
  'registry-1.docker.io': { concurrency: 4, requestsPerMinute: 600 },
  'auth.docker.io': { concurrency: 4, requestsPerMinute: 600 },
  'quay.io': { concurrency: 4, requestsPerMinute: 600 },
};

/** @param home the hop is the registry itself, for which the transport may say something else */
export function paceRuleOf({ hostname }: Hop, transport: Transport, home: boolean): PaceRule {
  const standard = KNOWN_HOSTS[hostname] ?? (transport.plainHttp || transport.local ? OWN : PUBLIC);
  if (!home) return standard;
  const { concurrency = standard.concurrency, requestsPerMinute = standard.requestsPerMinute } = transport;
  return { concurrency, requestsPerMinute };
}
