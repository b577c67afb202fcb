import { lookup as dnsLookup } from 'node:dns';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { isLandfallError, LandfallError } from '../../errors.ts';
import { parseUtf8Json } from '../../kernel/json.ts';
import { readAtMost } from '../../kernel/read-bytes.ts';
import { ISSUER_DOCUMENT_BYTES } from '../../limits.ts';
import { checkLiteralHost, guardedLookup, type Lookup } from '../../registry/http/address-guard.ts';
import { type ProxyEnv, proxyFor } from '../../registry/http/proxy.ts';
import {
  type FetchIssuerDocument,
  type IssuerDocument,
  issuerUnavailable,
  maxAgeOf,
} from './issuer-document.ts';

export interface HttpsDocumentsOptions {
  /** For a proxy, as everywhere else. */
  readonly env: ProxyEnv;
  /** A CA of one's own in PEM, for tests; elsewhere NODE_EXTRA_CA_CERTS names one. */
  readonly ca?: string;
  /** DNS, as tests want it. */
  readonly lookup?: Lookup;
}

/** As in registry/agents.ts: behind the operator's proxy only literal addresses can be judged. */
function agentFor(url: URL, local: boolean, options: HttpsDocumentsOptions): Agent {
  const { env, ca, lookup = dnsLookup } = options;
  checkLiteralHost(url.hostname, local);
  const hop = { origin: url.origin, hostname: url.hostname, secure: true, path: url.pathname };
  const proxy = proxyFor(hop, env);
  const trust = ca !== undefined && { ca };
  return proxy === undefined
    ? new Agent({ ...trust, lookup: guardedLookup(local, lookup) })
    : new Agent({ ...trust, proxyEnv: { HTTPS_PROXY: proxy.href } });
}

async function readDocument(response: IncomingMessage): Promise<IssuerDocument> {
  if (response.statusCode !== 200) {
    response.destroy();
    // A redirect too: an issuer is where it says it is.
    throw new Error(`answered ${response.statusCode}, wanted 200`);
  }
  const { bytes, whole } = await readAtMost(response, ISSUER_DOCUMENT_BYTES);
  if (!whole) throw new Error(`it is over ${ISSUER_DOCUMENT_BYTES} bytes`);
  const parsed = parseUtf8Json(bytes);
  if (!parsed.ok) throw new Error('is not JSON');
  return { value: parsed.value, maxAgeMs: maxAgeOf(response.headers['cache-control']) };
}

function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
  });
}

function unavailable(url: URL, cause: unknown, signal: AbortSignal): LandfallError {
  if (signal.aborted) return issuerUnavailable(url, 'no complete answer in time', cause);
  const { message } = cause instanceof Error ? cause : new Error(String(cause));
  if (!isLandfallError(cause)) return issuerUnavailable(url, message, cause);
  const hint = 'If the issuer is in a network of your own, set `local: true` on the receiver.';
  return new LandfallError('ISSUER_UNAVAILABLE', `${url.origin}: ${message}`, { cause, hint });
}

/**
 * Reads documents over https alone, from addresses that may be connected to. node:https, which costs a cold start
 * less than undici.
 */
export const httpsDocuments =
  (options: HttpsDocumentsOptions): FetchIssuerDocument =>
  async (url, { local, signal }) => {
    try {
      const headers = { accept: 'application/json', 'user-agent': 'landfall' };
      return await readDocument(
        await responseOf(get(url, { agent: agentFor(url, local, options), headers, signal })),
      );
    } catch (error) {
      throw unavailable(url, error, signal);
    }
  };
