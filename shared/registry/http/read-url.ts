import * as http from 'node:http';
import * as https from 'node:https';
import { readAtMost } from '../../kernel/read-bytes.ts';
import type { Lookup } from '../names/name-lookups.ts';
import { sharedLookup } from '../names/shared-lookup.ts';
import { checkLiteralHost, guardedLookup } from './address-guard.ts';
import { type ProxyEnv, proxyFor } from './proxy.ts';

export interface ReadUrlOptions {
  /** More is not read. */
  readonly maxBytes: number;
  /** Whether it may be on a private or loopback address. */
  readonly local: boolean;
  /** For a proxy, as everywhere else. */
  readonly env: ProxyEnv;
  readonly accept: string;
  readonly signal?: AbortSignal | undefined;
  /** A CA of one's own in PEM, for tests; elsewhere NODE_EXTRA_CA_CERTS names one. */
  readonly ca?: string | undefined;
  /** DNS, as tests want it. */
  readonly lookup?: Lookup | undefined;
}

interface UrlAnswer {
  readonly headers: http.IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/** As in agents.ts: behind the operator's proxy only literal addresses can be judged. */
function agentFor(url: URL, { local, env, ca, lookup = sharedLookup }: ReadUrlOptions): http.Agent {
  checkLiteralHost(url.hostname, local);
  const secure = url.protocol === 'https:';
  const hop = { origin: url.origin, hostname: url.hostname, secure, path: url.pathname };
  const proxy = proxyFor(hop, env);
  const options =
    proxy === undefined
      ? { lookup: guardedLookup(local, lookup) }
      : { proxyEnv: { [secure ? 'HTTPS_PROXY' : 'HTTP_PROXY']: proxy.href } };
  return secure ? new https.Agent({ ...options, ca }) : new http.Agent(options);
}

/** What else than 200 was answered. */
export class StatusError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`answered ${status}, wanted 200`);
    this.status = status;
  }
}

/**
 * Reads a small document from an address that may be connected to. No redirect is followed: what is asked for is where it is
 * said to be. By node:http, which costs a cold start less than undici.
 * @throws StatusError; LandfallError ADDRESS_DENIED; what node:http throws; an Error where it is too large
 */
export async function readUrl(url: URL, options: ReadUrlOptions): Promise<UrlAnswer> {
  const { accept, maxBytes, signal } = options;
  const headers = { accept, 'user-agent': 'landfall' };
  const { get } = url.protocol === 'https:' ? https : http;
  const agent = agentFor(url, options);
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    get(url, { agent, headers, signal }).on('response', resolve).on('error', reject);
  });
  const { statusCode: status = 0 } = response;
  if (status !== 200) {
    response.destroy();
    throw new StatusError(status);
  }
  const { bytes, whole } = await readAtMost(response, maxBytes);
  if (!whole) throw new Error(`it is over ${maxBytes} bytes`);
  return { headers: response.headers, bytes };
}
