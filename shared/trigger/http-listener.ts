import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LandfallError } from '../errors.ts';
import { readAtMost } from '../kernel/read-bytes.ts';
import {
  WEBHOOK_BODIES,
  WEBHOOK_BODIES_PER_ADDRESS,
  WEBHOOK_BODY_BYTES,
  WEBHOOK_CONNECTIONS,
  WEBHOOK_CONNECTIONS_PER_ADDRESS,
  WEBHOOK_HEAD_MS,
  WEBHOOK_REQUEST_MS,
} from '../limits.ts';
import { AddressShares, limitSenders, remoteOf } from './address-shares.ts';
import type { Webhook, WebhookAnswer, WebhookWithBody } from './webhook.ts';

export interface HttpListenerOptions {
  readonly host: string;
  /** 0 picks one. */
  readonly port: number;
  /** Of the command, for hints: `--listen`, or which other one named the address. */
  readonly flag?: string;
  /** Connections at a time. */
  readonly connections?: number;
  /** Connections that one address may hold; behind a proxy all senders have the proxy's. */
  readonly perAddress?: number;
  readonly headersTimeoutMs?: number;
  /** For the whole request, body included. */
  readonly requestTimeoutMs?: number;
  /** For requests under way when it closes. */
  readonly closeGraceMs?: number;
}

export interface HttpListenerDeps {
  /** What keeps the process from its work now, a line each; absent or empty: nothing. */
  readonly faults?: () => readonly string[];
  /** Answers from the head alone, where no body is needed for it. */
  readonly refuseHead: (webhook: Webhook) => WebhookAnswer | undefined;
  readonly receive: (webhook: WebhookWithBody) => Promise<WebhookAnswer>;
}

export interface HttpListener {
  /** `http://host:port`. */
  readonly url: string;
  /** Stops listening, lets requests under way end for a moment, and then cuts what is left. */
  close(): Promise<void>;
}

const HEALTHY: WebhookAnswer = { status: 200, body: 'ok\n' };
const METHOD: WebhookAnswer = { status: 405, headers: { allow: 'GET, HEAD' }, body: 'method not allowed\n' };
const TOO_LARGE: WebhookAnswer = { status: 413, body: 'too large\n' };
const BUSY: WebhookAnswer = { status: 503, headers: { 'retry-after': '1' }, body: 'try again\n' };

/** undefined where it is longer than the limit, or broke off. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const { bytes, whole } = await readAtMost(request.iterator({ destroyOnReturn: false }), WEBHOOK_BODY_BYTES);
  return whole ? bytes : undefined;
}

/** What is left of a body is read and dropped, so that the sender gets to read the answer. */
function reply(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body = '' }: WebhookAnswer,
): void {
  const text = { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...text, ...headers });
  response.end(body);
  request.resume();
}

function health({ method, path }: Webhook, faults: HttpListenerDeps['faults']): WebhookAnswer | undefined {
  if (path.split('?', 1)[0] !== '/healthz') return undefined;
  if (method !== 'GET' && method !== 'HEAD') return METHOD;
  const lines = faults?.() ?? [];
  return lines.length === 0 ? HEALTHY : { status: 503, body: lines.map((line) => `${line}\n`).join('') };
}

/** `FLAG` stands for the flag that named the address. */
const LISTEN_HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Choose another port with FLAG HOST:PORT.',
  EADDRNOTAVAIL: 'Name an address of this machine with FLAG: 127.0.0.1, or 0.0.0.0 for all it has.',
  ENOTFOUND: 'Name an address of this machine with FLAG: 127.0.0.1, or 0.0.0.0 for all it has.',
  EACCES: 'Ports below 1024 are for root: choose one above, and put a proxy before it.',
};

function listenTo(
  server: Server,
  { host, port, flag = '--listen' }: HttpListenerOptions,
): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const refused = (cause: NodeJS.ErrnoException): void => {
      const hint = LISTEN_HINTS[cause.code ?? '']?.replace('FLAG', flag);
      const message = `cannot listen on ${host}:${port}: ${cause.message}`;
      reject(new LandfallError('USAGE', message, { cause, ...(hint !== undefined && { hint }) }));
    };
    server.once('error', refused);
    server.listen(port, host, () => {
      server.off('error', refused);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** RFC 9112, section 3.2.2: a server takes the absolute form, too, whatever host it names. */
function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '');
  return path === target || path.startsWith('/') ? path : `/${path}`;
}

/** What one request gets, with at most WEBHOOK_BODIES bodies held at a time, and of one address fewer. */
function answering(deps: HttpListenerDeps, shares: AddressShares) {
  let bodies = 0;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const webhook = {
      method: request.method ?? '',
      path: pathOf(request.url ?? ''),
      headers: request.headersDistinct,
    };
    const early =
      health(webhook, deps.faults) ??
      deps.refuseHead(webhook) ??
      (bodies >= WEBHOOK_BODIES ? BUSY : undefined);
    if (early !== undefined) {
      // Who waits for "100 Continue" sends no body now: the connection cannot be used again.
      if (request.headers.expect !== undefined) response.setHeader('connection', 'close');
      return reply(request, response, early);
    }
    const sender = remoteOf(request.socket.remoteAddress);
    if (!shares.take(sender)) {
      if (request.headers.expect !== undefined) response.setHeader('connection', 'close');
      return reply(request, response, BUSY);
    }
    bodies += 1;
    try {
      if (/^100-continue$/i.test(request.headers.expect ?? '')) response.writeContinue();
      const body = await readBody(request);
      if (body === undefined) reply(request, response, TOO_LARGE);
      else reply(request, response, await deps.receive({ ...webhook, body }));
    } finally {
      bodies -= 1;
      shares.give(sender);
    }
  };
}

/**
 * Listens for webhooks on one machine; `GET /healthz` answers 200, or 503 with what is wrong. A body over the limit is refused while it is read.
 * @throws LandfallError USAGE where the address cannot be had
 */
export async function startHttpListener(
  options: HttpListenerOptions,
  deps: HttpListenerDeps,
): Promise<HttpListener> {
  const { headersTimeoutMs = WEBHOOK_HEAD_MS, requestTimeoutMs = WEBHOOK_REQUEST_MS } = options;
  const { closeGraceMs = 2000, perAddress = WEBHOOK_CONNECTIONS_PER_ADDRESS } = options;
  // Who has been given more connections has been given more requests with them.
  const bodiesEach = Math.max(WEBHOOK_BODIES_PER_ADDRESS, Math.ceil(perAddress / 2));
  const answer = answering(deps, new AddressShares(bodiesEach));
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch(() => {
      // The sender went away in the middle, or an answer could not be made: there is nobody to tell more.
      if (response.headersSent || response.destroyed) response.destroy();
      else reply(request, response, BUSY);
    });
  };
  const server = createServer({
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 5000,
    connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
  });
  server.maxConnections = options.connections ?? WEBHOOK_CONNECTIONS;
  limitSenders(server, perAddress);
  server.on('request', serve).on('checkContinue', serve);
  const { address, port, family } = await listenTo(server, options);
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), closeGraceMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
