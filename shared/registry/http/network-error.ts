import { isLandfallError, LandfallError } from '../../errors.ts';
import { cancelled } from '../../kernel/cancelled.ts';
import { hostDoubt } from '../../oci/host.ts';
import { tlsFaultOf } from './tls-fault.ts';

/** Whether a request that came to nothing had a client certificate to show: the registry may have ended it for that. */
export type ClientCertificate = 'absent' | 'given';

const CERTIFICATE_HINTS: Readonly<Record<ClientCertificate, string>> = {
  absent:
    'a registry that wants a client certificate ends it so: give one with --registry-cert-file and --registry-key-file (certFile, keyFile).',
  given:
    'a registry that does not take the client certificate given ends it so: see --registry-cert-file and --registry-key-file (certFile, keyFile).',
};

/** What a server says of a client's certificate, or of there being none: over TLS 1.2 it has no word of its own for that. */
const CERTIFICATE_ALERT =
  /ALERT_(?:HANDSHAKE_FAILURE|NO_CERTIFICATE|CERTIFICATE_\w+|(?:BAD|UNSUPPORTED)_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)$/;

const CLOSED: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

const UNREACHABLE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'DNS knows no such host',
  EAI_AGAIN: 'DNS did not answer',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was closed from the other side',
  EPIPE: 'the connection was closed from the other side',
  UND_ERR_SOCKET: 'the connection was closed from the other side',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the body ended before its Content-Length',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'the connection attempt timed out',
};

const TIMEOUTS: ReadonlySet<string> = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
]);

interface Coded {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly message?: unknown;
}

const isCoded = (error: unknown): error is Coded => typeof error === 'object' && error !== null;

/** The first code down the chain of causes. */
function causeCode(error: unknown): string {
  for (let at = error, depth = 0; isCoded(at) && depth < 5; at = at.cause, depth++) {
    // Bytes that are no HTTP: undici 7.30 leaves the parser's own code out.
    if (at.name === 'HTTPParserError') return typeof at.code === 'string' ? at.code : 'HPE_INVALID';
    // undici wraps what the socket said; what it said is better.
    if (typeof at.code === 'string' && !(at.code === 'UND_ERR_SOCKET' && isCoded(at.cause))) return at.code;
  }
  return '';
}

/** The failure that an aborted signal stands for. */
export function abortError(signal: AbortSignal, what: string): LandfallError {
  const reason: unknown = signal.reason;
  if (isLandfallError(reason)) return reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new LandfallError('REGISTRY_TIMEOUT', `${what}: no complete answer within the timeout`, {
      cause: reason,
      hint: 'Raise the timeout of the source if the registry is only slow.',
    });
  }
  return cancelled(what, signal);
}

/** The innermost that has the code: undici wraps what the socket said. */
function errorWith(code: string, error: unknown): unknown {
  for (let at = error, depth = 0; isCoded(at) && depth < 5; at = at.cause, depth++)
    if (at.code === code) return at;
  return error;
}

function tlsError(
  code: string,
  what: string,
  { cause, client }: { readonly cause: unknown; readonly client: ClientCertificate | undefined },
): LandfallError | undefined {
  const failed = (says: string, hint: string): LandfallError =>
    new LandfallError('TLS_FAILED', `${what}: ${says}`, { cause, hint });
  const fault = tlsFaultOf(code, errorWith(code, cause));
  if (fault !== undefined) return failed(fault.says, fault.hint);
  if (!/^(?:ERR_SSL|ERR_TLS|EPROTO)/.test(code)) return undefined;
  return client !== undefined && CERTIFICATE_ALERT.test(code)
    ? failed(
        `it ended the TLS handshake with ${code}`,
        `Check the client certificate; ${CERTIFICATE_HINTS[client]}`,
      )
    : failed(`TLS failed with ${code}`, 'See what speaks TLS there, and what stands before it.');
}

/**
 * Names a failure below HTTP: the signal's, TLS, DNS, socket, or bytes that are no HTTP.
 * @param what the request and the host: `GET https://…`
 * @param client of a request over TLS to which no answer has begun; left out where a client certificate is no matter
 */
export function networkError(
  error: unknown,
  what: string,
  signal: AbortSignal | undefined,
  client?: ClientCertificate,
): LandfallError {
  if (isLandfallError(error)) return error;
  if (signal?.aborted) return abortError(signal, what);
  const code = causeCode(error);
  const tls = tlsError(code, what, { cause: error, client });
  if (tls) return tls;
  const detail = { cause: code };
  if (/^Z(?:STD)?_/.test(code)) {
    return new LandfallError(
      'REGISTRY_PROTOCOL',
      `${what}: its Content-Encoding cannot be decoded (${code})`,
      {
        cause: error,
        hint: 'A cache or proxy before the registry may be doing this.',
      },
    );
  }
  if (TIMEOUTS.has(code))
    return new LandfallError('REGISTRY_TIMEOUT', `${what}: no answer in time`, { cause: error, detail });
  if (/^(?:HPE_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_INVALID|UND_ERR_REQ|UND_ERR_NOT_SUPPORTED)/.test(code)) {
    return new LandfallError(
      'REGISTRY_PROTOCOL',
      `${what}: what came is not HTTP as it should be (${code})`,
      {
        cause: error,
        hint: `Is this the port of a registry, and plain HTTP or HTTPS as configured?${isPlain(what) ? ` ${NOT_PLAIN}` : ''}`,
      },
    );
  }
  const proxy = isCoded(error) && /Proxy response|Proxy Auth/i.test(String(error.message));
  const why = proxy
    ? `the proxy refused to connect${statusIn(error)}`
    : (UNREACHABLE[code] ?? `the connection failed (${code || 'unknown'})`);
  return new LandfallError('REGISTRY_UNREACHABLE', `${what}: ${why}`, {
    cause: error,
    detail,
    hint: proxy ? PROXY_HINT : `${unreachableHint(code, what, client)}${doubtOf(what)}`,
  });
}

const PROXY_HINT =
  'Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY; for 407 the user and password in the URL, percent-encoded.';

/** ` (403)`: what the proxy answered, where undici says. */
function statusIn(error: unknown): string {
  const status = /\((\d{3})\)/.exec(isCoded(error) ? String(error.message) : '')?.[1];
  return status === undefined ? '' : ` (${status})`;
}

const NOT_PLAIN = 'If the registry speaks HTTPS, leave out --plain-http (plainHttp).';
const isPlain = (what: string): boolean => / http:\/\//.test(what);

/** A first half of a name is easily taken for a host: `oci://team/app`. */
function doubtOf(what: string): string {
  const host = /https?:\/\/([^/\s]+)/.exec(what)?.[1];
  const doubt = host === undefined ? undefined : hostDoubt(host);
  return doubt === undefined ? '' : ` ${doubt}`;
}

/** Over TLS 1.3 a client has sent its request before it can hear what the server makes of its certificate. */
function unreachableHint(code: string, what: string, client: ClientCertificate | undefined): string {
  const check = 'Check the host, its port, and the network or proxy';
  if (!CLOSED.has(code)) return `${check}.`;
  if (client !== undefined) return `${check}; ${CERTIFICATE_HINTS[client]}`;
  return isPlain(what) ? `${check}. ${NOT_PLAIN}` : `${check}.`;
}
