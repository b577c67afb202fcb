import type { Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import { abortable } from '../kernel/abortable.ts';
import type { Limits } from '../limits.ts';
import type { Transport } from './client.ts';
import type { Agents, Route } from './http/agents.ts';
import { discard } from './http/body.ts';
import { formatHop, type Hop } from './http/hop.ts';
import { abortError, type ClientCertificate, networkError } from './http/network-error.ts';
import type { RequestBody } from './http/upload-body.ts';
import type { Paces } from './manners/pace.ts';
import { paceRuleOf } from './manners/pace-rule.ts';
import type { RetryPolicy } from './manners/retry.ts';

/** One HTTP request as it went, for counting and debug logs. */
export interface RequestFact {
  readonly method: string;
  /** Without its query. */
  readonly url: string;
  /** Undefined where no response came. */
  readonly status: number | undefined;
  /** Counts from 1; more is a retry. */
  readonly attempt: number;
}

/** What every request needs. */
export interface Wire {
  readonly agents: Agents;
  readonly paces: Paces;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly retry: RetryPolicy;
  readonly onRequest: ((fact: RequestFact) => void) | undefined;
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT';

export interface WireRequest {
  readonly method: Method;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  readonly signal: AbortSignal | undefined;
  readonly attempt: number;
}

type Response = Dispatcher.ResponseData;

/** Which registry a request is made for: its own settings hold at its own origin alone. */
export interface Home {
  readonly origin: string;
  readonly transport: Transport;
}

async function request(
  { method, headers, body, signal }: WireRequest,
  { requests, origin, path, headers: own }: Route,
  userAgent: string,
): Promise<Response> {
  // Until a connection is made undici does not look at its signal, and a queue or a silent host can take long.
  return abortable(
    requests.request({
      origin,
      path,
      method,
      headers: { 'user-agent': userAgent, ...headers, ...own },
      ...(body !== undefined && { body }),
      // undici closes after a HEAD, lest a body follow it; a poll is one, and a new connection costs it tenfold.
      reset: false,
      ...(signal && { signal }),
    }),
    signal,
  );
}

/** It changes nothing where it is answered, so that it may be sent twice. */
const isRepeatable = ({ method, body }: WireRequest): boolean =>
  body === undefined && (method === 'GET' || method === 'HEAD');

/** What undici throws where a proxy wants a login before it makes a tunnel. */
function proxyRefusal({ body, statusCode }: Response): Error {
  discard(body);
  return new Error(`Proxy response (${statusCode}) without a tunnel`);
}

/** What the registry could see of us: a client certificate goes to its own origin alone. */
const clientCertificate = (
  { secure }: Hop,
  { cert }: Transport,
  home: boolean,
): ClientCertificate | undefined => (!home || !secure ? undefined : cert === undefined ? 'absent' : 'given');

const ANSWERS = {
  drop: ({ body }: Response): void => discard(body),
  whenRead: ({ body }: Response, then: () => void): void => void body.once('close', then),
};

/**
 * Sends one request when its turn comes, and waits for the head of its response, whatever its status. The signal ends
 * the body as well.
 * @throws LandfallError ADDRESS_DENIED, RATE_LIMITED (not sent: the host asked for a pause), REGISTRY_UNREACHABLE,
 * REGISTRY_TIMEOUT, TLS_FAILED, REGISTRY_PROTOCOL, NOT_SUPPORTED, CANCELLED
 */
export async function dispatch(
  sent: WireRequest,
  hop: Hop,
  { origin, transport }: Home,
  wire: Wire,
): Promise<Response> {
  const { method, signal, attempt } = sent;
  const home = hop.origin === origin;
  const paced = { origin: hop.origin, home: origin };
  const routeNow = (isFresh: boolean): Route => wire.agents.routeFor(hop, transport, { home, isFresh });
  const { proxy } = routeNow(false);
  const what = `${method} ${formatHop(hop)}`;
  if (signal?.aborted) throw abortError(signal, what);
  const send = async (isFresh: boolean, ended: AbortSignal | undefined): Promise<Response> => {
    let status: number | undefined;
    try {
      const response = await request({ ...sent, signal: ended }, routeNow(isFresh), wire.userAgent);
      status = response.statusCode;
      if (status === 407 && proxy !== undefined) throw proxyRefusal(response);
      return response;
    } catch (error) {
      // The host that did not answer may be the proxy.
      const asked = proxy === undefined ? what : `${what} through the proxy ${new URL(proxy).host}`;
      throw networkError(error, asked, ended, clientCertificate(hop, transport, home));
    } finally {
      wire.onRequest?.({ method, url: formatHop(hop), status, attempt });
    }
  };
  const leave = await wire.paces.enter(paced, { rule: paceRuleOf(hop, transport, home), what, signal });
  try {
    const onLost = (): void => wire.agents.renew(hop, transport, { home });
    const response = isRepeatable(sent)
      ? await wire.paces.doubt(paced).ask({ send, ...ANSWERS, onLost, signal })
      : await send(false, signal);
    if (response.statusCode < 400) wire.paces.welcome(paced);
    return response;
  } finally {
    leave();
  }
}
