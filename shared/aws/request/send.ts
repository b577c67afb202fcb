import type { ClientRequest, Agent as HttpAgent, IncomingMessage, RequestOptions } from 'node:http';
import { Agent, request } from 'node:https';
import { AwsFailure } from './failure.ts';

/** How requests to one kind of URL are made, and over which connections. */
interface Connections {
  readonly request: (
    options: RequestOptions,
    onResponse: (response: IncomingMessage) => void,
  ) => ClientRequest;
  readonly agent: HttpAgent;
}

// Connections outlive an invocation: the next one saves the handshakes.
const OPTIONS = { keepAlive: true, maxSockets: 64 };

/** Imported as an ES module it would read every export, WebSocket among them, which doubles a cold start. */
const http = process.getBuiltinModule('node:http');

const SECURE: Connections = { request, agent: new Agent(OPTIONS) };
/** For an endpoint of one's own alone. */
const PLAIN: Connections = { request: http.request, agent: new http.Agent(OPTIONS) };

const connectionsFor = (protocol: string): Connections => (protocol === 'http:' ? PLAIN : SECURE);

interface UnderWay {
  readonly requests: Set<ClientRequest>;
  readonly end: () => void;
}

const known = new WeakMap<AbortSignal, UnderWay>();

function begin(signal: AbortSignal): UnderWay {
  const requests = new Set<ClientRequest>();
  const end = (): void => {
    for (const request of requests) request.destroy(signal.reason);
  };
  signal.addEventListener('abort', end, { once: true });
  const underWay = { requests, end };
  known.set(signal, underWay);
  return underWay;
}

/**
 * Ends a request with its signal, until its answer has been read. A landing's thousands of small PUTs share one signal:
 * one listener for all that are under way, gone with the last of them. Node's own `signal` of a request takes a sixth
 * more CPU for a small PUT (`bench put`); this takes none that can be measured.
 */
function endWith(signal: AbortSignal, request: ClientRequest): void {
  const underWay = known.get(signal) ?? begin(signal);
  underWay.requests.add(request);
  request.on('close', () => {
    underWay.requests.delete(request);
    if (underWay.requests.size > 0 || known.get(signal) !== underWay) return;
    known.delete(signal);
    signal.removeEventListener('abort', underWay.end);
  });
}

/** Where a service is spoken to. */
export interface Origin {
  readonly protocol: string;
  /** With the port where it is not the scheme's. */
  readonly host: string;
  /** What a socket is opened to: no brackets around an IPv6 address. */
  readonly hostname: string;
  readonly port: number | undefined;
}

export const originOf = ({ protocol, host, hostname, port }: URL): Origin => ({
  protocol,
  host,
  port: port === '' ? undefined : Number(port),
  hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
});

export interface SignedRequest {
  readonly origin: Origin;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** With the length of the body. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: the method has none. */
  readonly body: Uint8Array | undefined;
  /** Without a byte in either direction. */
  readonly idleMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends one request, once, and resolves at the head of its answer, whatever that is; a redirect is one.
 * @throws AwsFailure, and as the network and the signal fail
 */
export async function sendOnce(input: SignedRequest): Promise<IncomingMessage> {
  input.signal?.throwIfAborted();
  const { origin, method, path, headers, body, idleMs, signal } = input;
  const { request, agent } = connectionsFor(origin.protocol);
  const { hostname, port } = origin;
  return new Promise((resolve, reject) => {
    const options: RequestOptions = { method, hostname, path, agent, headers, timeout: idleMs };
    if (port !== undefined) options.port = port;
    const sent = request(options, resolve);
    if (signal !== undefined) endWith(signal, sent);
    sent.on('timeout', () =>
      sent.destroy(new AwsFailure({ code: 'timeout', message: `${idleMs} ms without a byte` })),
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const NOTHING = Buffer.alloc(0);

/** All of an answer. @throws AwsFailure AnswerTooLong; as the network fails, also where the end is missing */
export function receivedBytes(response: IncomingMessage, maximum: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maximum) chunks.push(chunk);
      else response.destroy(new AwsFailure({ code: 'AnswerTooLong', message: `over ${maximum} bytes` }));
    });
    response.on('error', reject);
    response.on('end', () => {
      if (response.complete) return resolve(length === 0 ? NOTHING : Buffer.concat(chunks, length));
      // `end` comes too where the connection was cut before all of it was there.
      reject(new AwsFailure({ code: 'ECONNRESET', message: 'the answer broke off' }));
    });
  });
}
