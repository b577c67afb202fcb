import type { Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import type { Limits } from '../limits.ts';
import type { Agents } from './agents.ts';
import { formatHop, type Hop } from './hop.ts';
import { abortError, networkError } from './network-error.ts';
import type { RetryPolicy } from './retry.ts';

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
  readonly clock: Clock;
  readonly limits: Limits;
  readonly retry: RetryPolicy;
  readonly onRequest: ((fact: RequestFact) => void) | undefined;
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT';

export interface WireRequest {
  readonly method: Method;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly signal: AbortSignal | undefined;
  readonly attempt: number;
}

type Response = Dispatcher.ResponseData;

/** Until a connection is made undici does not look at its signal, and a queue or a silent host can take long. */
function abortable(pending: Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
  if (signal === undefined) return pending;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    pending.then(
      (response) => {
        signal.removeEventListener('abort', abort);
        resolve(response);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', abort);
        reject(error);
      },
    );
  });
}

/**
 * Sends one request and waits for the head of its response, whatever its status. The signal ends the body as well.
 * @throws LandfallError REGISTRY_UNREACHABLE, REGISTRY_TIMEOUT, TLS_FAILED, REGISTRY_PROTOCOL, CANCELLED
 */
export async function dispatch(
  request: WireRequest,
  hop: Hop,
  dispatcher: Dispatcher,
  wire: Wire,
): Promise<Response> {
  const { method, headers, signal, attempt } = request;
  const what = (): string => `${method} ${formatHop(hop)}`;
  if (signal?.aborted) throw abortError(signal, what());
  let status: number | undefined;
  try {
    const response = await abortable(
      dispatcher.request({
        origin: hop.origin,
        path: hop.path,
        method,
        headers: headers as Record<string, string>,
        body: request.body ?? null,
        // undici closes after a HEAD, lest a body follow it; a poll is one, and a new connection costs it tenfold.
        reset: false,
        ...(signal && { signal }),
      }),
      signal,
    );
    status = response.statusCode;
    return response;
  } catch (error) {
    throw networkError(error, what(), signal);
  } finally {
    wire.onRequest?.({ method, url: formatHop(hop), status, attempt });
  }
}

/** The value of a response header; a repeated one is joined, as RFC 9110 section 5.3 reads it. */
export function headerOf(headers: Response['headers'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.join(', ');
}
