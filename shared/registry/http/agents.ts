import { createPrivateKey, X509Certificate } from 'node:crypto';
import { Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { buildConnector as Builder, Dispatcher } from 'undici';
import { LandfallError } from '../../errors.ts';
import { BoundedMap } from '../../kernel/bounded-map.ts';
import { REGISTRY_CONCURRENCY_MAX, REGISTRY_CONNECT_MS, REGISTRY_IDLE_MS } from '../../limits.ts';
import type { Transport } from '../client.ts';
import type { Lookup } from '../names/name-lookups.ts';
import { sharedLookup } from '../names/shared-lookup.ts';
import { checkLiteralHost, guardedLookup } from './address-guard.ts';
import type { Hop } from './hop.ts';
import { notePeer } from './peer-certificate.ts';
import { type HttpProxy, type ProxyEnv, proxyFor } from './proxy.ts';
import { inNextTurn, type Requests } from './requests.ts';
import { tlsFaultOf } from './tls-fault.ts';
import { Agent, buildConnector, ProxyAgent } from './undici.ts';

const KEEP_ALIVE_MS = 20_000;
/** Hosts that are known to be no forbidden address by their name. */
const MAX_HOSTS = 1_000;

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
  readonly requests: Requests;
  close(): Promise<void>;
}

interface PoolInput {
  readonly transport: Transport;
  readonly identified: boolean;
  readonly secure: boolean;
  readonly proxy: HttpProxy | undefined;
}

const SHARED = {
  // Sockets per origin; more requests wait for one.
  connections: REGISTRY_CONCURRENCY_MAX,
  headersTimeout: REGISTRY_IDLE_MS,
  bodyTimeout: REGISTRY_IDLE_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
};

/** The proxy is the operator's, and so is the network behind it: only literal addresses can be judged here. */
function createProxyPool({ transport, identified, secure }: PoolInput, proxy: HttpProxy): Pool {
  const { origin: uri, authorization: token } = proxy;
  const requestTls = { ...tlsOf(transport, identified), timeout: REGISTRY_CONNECT_MS };
  // Without TLS to the registry there is no tunnel: proxies refuse CONNECT to other ports than 443.
  const dispatcher = secure
    ? new ProxyAgent({ ...SHARED, uri, requestTls, ...(token !== undefined && { token }) })
    : new Agent({ ...SHARED, connect: { timeout: REGISTRY_CONNECT_MS } });
  return { dispatcher, requests: inNextTurn(dispatcher), close: () => dispatcher.destroy() };
}

function createPool(input: PoolInput, lookup: Lookup): Pool {
  const { transport, identified, proxy, secure } = input;
  if (identified && secure) checkClientCertificate(transport);
  if (proxy !== undefined) return createProxyPool(input, proxy);
  const tls = { ...tlsOf(transport, identified), timeout: REGISTRY_CONNECT_MS };
  const connector = createConnector({ ...tls, lookup: guardedLookup(isLocal(transport), lookup) });
  const dispatcher = new Agent({ ...SHARED, connect: connector.connect });
  const close = async (): Promise<void> => {
    await dispatcher.destroy();
    connector.destroy();
  };
  return { dispatcher, requests: inNextTurn(dispatcher), close };
}

/** How a request is sent: to the host, through a tunnel, or to a proxy with the whole URL. */
export interface Route {
  readonly requests: Requests;
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Origin of the proxy it goes through. */
  readonly proxy: string | undefined;
}

/** @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2 */
function routeOf(hop: Hop, proxy: HttpProxy | undefined, requests: Requests): Route {
  const direct = { requests, origin: hop.origin, path: hop.path, headers: {}, proxy: proxy?.origin };
  if (proxy === undefined || hop.secure) return direct;
  const { origin, authorization } = proxy;
  const headers = {
    host: new URL(hop.origin).host,
    ...(authorization !== undefined && { 'proxy-authorization': authorization }),
  };
  return { ...direct, origin, path: `${hop.origin}${hop.path}`, headers };
}

/** Which connections of a transport: those that show its client certificate, as at `home` alone; one that was never used. */
interface RouteOptions {
  readonly home: boolean;
  readonly isFresh?: boolean;
}

/** Connection pools: one for each distinct transport and proxy, kept for the client's life. */
export interface Agents {
  /** @throws LandfallError ADDRESS_DENIED, NOT_SUPPORTED */
  routeFor(hop: Hop, transport: Transport, options: RouteOptions): Route;
  /** From now on the latest fresh connection is used, and none of before; what is under way on those goes on. */
  renew(hop: Hop, transport: Transport, options: RouteOptions): void;
  close(): Promise<void>;
}

const keyOf = ({ transport, identified, secure, proxy }: PoolInput): string => {
  const by = proxy === undefined ? '' : JSON.stringify([secure, proxy]);
  return `${identified}${by} ${transportKey(transport)}`;
};

export function createAgents(env: ProxyEnv, lookup: Lookup = sharedLookup): Agents {
  const pools = new Map<string, Pool>();
  const fresh = new Map<string, Pool>();
  const retired = new Set<Pool>();
  // What a name says of itself never changes, and it takes longer to judge than a request to write.
  const judged = new BoundedMap<string, true>(MAX_HOSTS);
  const judge = (hostname: string, local: boolean): void => {
    const key = `${hostname} ${local}`;
    if (judged.get(key)) return;
    checkLiteralHost(hostname, local);
    judged.set(key, true);
  };
  const inputOf = (hop: Hop, transport: Transport, home: boolean): PoolInput => ({
    transport,
    identified: home,
    secure: hop.secure,
    proxy: proxyFor(hop, env),
  });
  const retire = (pool: Pool | undefined): void => {
    if (pool === undefined) return;
    retired.add(pool);
    const forget = (): void => void retired.delete(pool);
    pool.dispatcher.close().then(forget, forget);
  };
  const poolFor = (input: PoolInput, isFresh: boolean): Pool => {
    const key = keyOf(input);
    const pool = (isFresh ? undefined : pools.get(key)) ?? createPool(input, lookup);
    if (isFresh) retire(fresh.get(key));
    (isFresh ? fresh : pools).set(key, pool);
    return pool;
  };
  return {
    routeFor: (hop, transport, { home, isFresh = false }) => {
      judge(hop.hostname, isLocal(transport));
      const input = inputOf(hop, transport, home);
      return routeOf(hop, input.proxy, poolFor(input, isFresh).requests);
    },
    renew: (hop, transport, { home }) => {
      const key = keyOf(inputOf(hop, transport, home));
      const pool = fresh.get(key);
      if (pool === undefined) return;
      fresh.delete(key);
      retire(pools.get(key));
      pools.set(key, pool);
    },
    close: async () => {
      const all = [...pools.values(), ...fresh.values(), ...retired];
      pools.clear();
      fresh.clear();
      await Promise.all(all.map((pool) => pool.close()));
    },
  };
}

/** Opens sockets, and can end those that undici itself cannot: the ones that are still connecting. */
interface Connector {
  readonly connect: Builder.connector;
  destroy(): void;
}

/** As Node documents it of a TLSSocket; its class would load TLS for who speaks plain HTTP. */
const isTls = (socket: Socket): socket is TLSSocket => 'encrypted' in socket;

function createConnector(options: Builder.BuildOptions): Connector {
  const sockets = new Set<Socket>();
  const open = buildConnector(options);
  return {
    connect: (target, callback) => {
      let peer: PeerCertificate | undefined;
      // Typed void; it returns the socket.
      const socket: unknown = open(target, (...opened) => {
        const [error] = opened;
        if (error !== null) notePeer(error, peer);
        callback(...opened);
      });
      if (!(socket instanceof Socket)) return;
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      if (!isTls(socket)) return;
      // Before Node judges the certificate: a refused socket has none any more.
      socket.prependOnceListener('secure', () => {
        peer = socket.getPeerCertificate();
      });
    },
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Whether they are a pair; undefined where one cannot be read, which OpenSSL says better when it is to use it. */
function isPair(cert: string, key: string): boolean | undefined {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return undefined;
  }
}

/**
 * Refuses a client certificate with another's key. Of two kinds (RSA, elliptic) OpenSSL takes both, and then shows none.
 * @throws LandfallError TLS_FAILED
 */
function checkClientCertificate({ cert, key }: Transport): void {
  if (cert === undefined || key === undefined || isPair(cert, key) !== false) return;
  const fault = tlsFaultOf('ERR_OSSL_X509_KEY_VALUES_MISMATCH', undefined);
  if (fault !== undefined) throw new LandfallError('TLS_FAILED', fault.says, { hint: fault.hint });
}
