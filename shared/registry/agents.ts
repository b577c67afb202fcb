import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { checkLiteralHost, guardedLookup } from './address-guard.ts';
import type { Transport } from './client.ts';
import type { Hop } from './hop.ts';
import { type ProxyEnv, proxyFor } from './proxy.ts';

/** Sockets per origin; more requests wait for one. */
const CONNECTIONS = 32;
const CONNECT_MS = 10_000;
/** Until the head of a response, and between two chunks of a body that is being read. */
export const IDLE_MS = 30_000;
const KEEP_ALIVE_MS = 20_000;

/** plainHttp says that the registry is one's own. */
export const isLocal = ({ plainHttp, local }: Transport): boolean => plainHttp || local;

export const transportKey = ({ plainHttp, insecureSkipTlsVerify, local, ca, cert, key }: Transport): string =>
  JSON.stringify([plainHttp || local, insecureSkipTlsVerify, ca, cert, key]);

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

function createDispatcher(transport: Transport, identified: boolean, proxy: string | undefined): Dispatcher {
  const shared = {
    connections: CONNECTIONS,
    headersTimeout: IDLE_MS,
    bodyTimeout: IDLE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const tls = { ...tlsOf(transport, identified), timeout: CONNECT_MS };
  if (proxy === undefined) {
    return new Agent({ ...shared, connect: { ...tls, lookup: guardedLookup(isLocal(transport)) } });
  }
  // The proxy is the operator's, and so is the network behind it: only literal addresses can be judged here.
  return new ProxyAgent({
    ...shared,
    uri: proxy,
    requestTls: tls,
  });
}

/** Connection pools: one for each distinct transport and proxy, kept for the client's life. */
export interface Agents {
  /** @throws LandfallError ADDRESS_DENIED, NOT_SUPPORTED */
  dispatcherFor(hop: Hop, transport: Transport, identified: boolean): Dispatcher;
  close(): Promise<void>;
}

export function createAgents(env: ProxyEnv): Agents {
  const dispatchers = new Map<string, Dispatcher>();
  return {
    dispatcherFor: (hop, transport, identified) => {
      checkLiteralHost(hop.hostname, isLocal(transport));
      const proxy = proxyFor(hop, env);
      const key = `${identified}${proxy ?? ''} ${transportKey(transport)}`;
      const known = dispatchers.get(key);
      if (known) return known;
      const dispatcher = createDispatcher(transport, identified, proxy);
      dispatchers.set(key, dispatcher);
      return dispatcher;
    },
    close: async () => {
      const all = [...dispatchers.values()];
      dispatchers.clear();
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
    },
  };
}
