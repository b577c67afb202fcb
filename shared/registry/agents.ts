import type { Dispatcher } from 'undici';
import { REGISTRY_CONCURRENCY_MAX } from '../limits.ts';
import { checkLiteralHost, guardedLookup, type Lookup } from './address-guard.ts';
import type { Transport } from './client.ts';
import { createConnector } from './connector.ts';
import type { Hop } from './hop.ts';
import { type ProxyEnv, proxyFor } from './proxy.ts';
import { Agent, ProxyAgent } from './undici.ts';

const CONNECT_MS = 10_000;
/** Until the head of a response, and between two chunks of a body that is being read. */
const IDLE_MS = 30_000;
const KEEP_ALIVE_MS = 20_000;

/** plainHttp says that the registry is one's own. */
const isLocal = ({ plainHttp, local }: Transport): boolean => plainHttp || local;

const keys = new WeakMap<Transport, string>();

/** Equal for transports that can share connections. */
export function transportKey(transport: Transport): string {
  const known = keys.get(transport);
  if (known !== undefined) return known;
  const { insecureSkipTlsVerify, ca, cert, key } = transport;
  const made = JSON.stringify([isLocal(transport), insecureSkipTlsVerify, ca, cert, key]);
  keys.set(transport, made);
  return made;
}

/** `identified`: the client certificate, a credential, goes to the registry's own origin alone. */
function tlsOf(transport: Transport, identified: boolean) {
  const { ca, cert, key } = transport;
  return {
    rejectUnauthorized: !transport.insecureSkipTlsVerify,
    ...(ca !== undefined && { ca }),
    ...(identified && cert !== undefined && { cert }),
    ...(identified && key !== undefined && { key }),
  };
}

/** A pool, and how it is ended at once. */
interface Pool {
  readonly dispatcher: Dispatcher;
  close(): Promise<void>;
}

interface PoolInput {
  readonly transport: Transport;
  readonly identified: boolean;
  readonly proxy: string | undefined;
}

function createPool({ transport, identified, proxy }: PoolInput, lookup: Lookup): Pool {
  const shared = {
    // Sockets per origin; more requests wait for one.
    connections: REGISTRY_CONCURRENCY_MAX,
    headersTimeout: IDLE_MS,
    bodyTimeout: IDLE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const tls = { ...tlsOf(transport, identified), timeout: CONNECT_MS };
  if (proxy !== undefined) {
    // The proxy is the operator's, and so is the network behind it: only literal addresses can be judged here.
    const dispatcher = new ProxyAgent({ ...shared, uri: proxy, requestTls: tls });
    return { dispatcher, close: () => dispatcher.destroy() };
  }
  const connector = createConnector({ ...tls, lookup: guardedLookup(isLocal(transport), lookup) });
  const dispatcher = new Agent({ ...shared, connect: connector.connect });
  const close = async (): Promise<void> => {
    await dispatcher.destroy();
    connector.destroy();
  };
  return { dispatcher, close };
}

/** Connection pools: one for each distinct transport and proxy, kept for the client's life. */
export interface Agents {
  /** @throws LandfallError ADDRESS_DENIED, NOT_SUPPORTED */
  dispatcherFor(hop: Hop, transport: Transport, identified: boolean): Dispatcher;
  /** Host and port of the proxy that a request goes through, without what logs in there. */
  proxyHost(hop: Hop): string | undefined;
  close(): Promise<void>;
}

export function createAgents(env: ProxyEnv, lookup: Lookup): Agents {
  const pools = new Map<string, Pool>();
  return {
    dispatcherFor: (hop, transport, identified) => {
      checkLiteralHost(hop.hostname, isLocal(transport));
      const proxy = proxyFor(hop, env);
      const key = `${identified}${proxy ?? ''} ${transportKey(transport)}`;
      const known = pools.get(key);
      if (known) return known.dispatcher;
      const pool = createPool({ transport, identified, proxy }, lookup);
      pools.set(key, pool);
      return pool.dispatcher;
    },
    proxyHost: (hop) => {
      const proxy = proxyFor(hop, env);
      return proxy === undefined ? undefined : new URL(proxy).host;
    },
    close: async () => {
      const all = [...pools.values()];
      pools.clear();
      await Promise.all(all.map((pool) => pool.close()));
    },
  };
}
