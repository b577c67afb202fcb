import type { IncomingMessage, RequestOptions } from 'node:http';
import { connectionsFor } from './connections.ts';
import { AwsFailure } from './failure.ts';
import { endWith } from './under-way.ts';

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
