import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { LandfallError } from '../../shared/errors.ts';
import { CONNECTION_DOUBT_MS, DEFAULT_LIMITS, type Limits } from '../../shared/limits.ts';
import { type Digest, digestOf } from '../../shared/oci/digest.ts';
import { OCI_EMPTY, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import type { Repository } from '../../shared/oci/reference.ts';
import type { Credential, Transport } from '../../shared/registry/client.ts';
import { createRegistryClient, type RegistryClient } from '../../shared/registry/create-client.ts';
import type { ProxyEnv } from '../../shared/registry/http/proxy.ts';
import type { RequestFact } from '../../shared/registry/wire.ts';

/** One request as the server saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Script = (seen: Seen, response: ServerResponse, count: number) => void;

export interface ScriptedRegistry {
  readonly host: string;
  readonly origin: string;
  readonly seen: Seen[];
  readonly repository: Repository;
  connections(): number;
}

/** A server that answers as the test says. */
export async function startScripted(
  t: TestContext,
  script: Script,
  tls?: Readonly<ServerOptions>,
): Promise<ScriptedRegistry> {
  const seen: Seen[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const entry = { method, path, headers, body: Buffer.concat(chunks).toString() };
      seen.push(entry);
      script(entry, response, seen.length);
    });
  };
  const server: Server = tls
    ? createTlsServer({ rejectUnauthorized: false, ...tls }, listener)
    : createServer(listener);
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const repository = { registry: host, repository: 'team/app' };
  return {
    host,
    origin: `${tls ? 'https' : 'http'}://${host}`,
    seen,
    repository,
    connections: () => connections,
  };
}

export const PLAIN: Transport = { plainHttp: true, insecureSkipTlsVerify: false, local: true };
export const ANONYMOUS: Credential = { kind: 'anonymous' };
export const ALICE: Credential = { kind: 'basic', username: 'alice', password: 'wonder:land' };

export interface ClientOptions {
  readonly credential?: Credential;
  readonly transport?: Transport;
  readonly limits?: Partial<Limits>;
  readonly attempts?: number;
  readonly clock?: Clock;
  readonly env?: ProxyEnv;
}

/** A client without waits between tries, closed with the test; `facts` is what onRequest was told. */
export function startClient(
  t: TestContext,
  options: ClientOptions = {},
): RegistryClient & { readonly facts: RequestFact[] } {
  const { credential = ANONYMOUS, transport = PLAIN, attempts = 3 } = options;
  const facts: RequestFact[] = [];
  const client = createRegistryClient({
    access: { access: async () => ({ credential, transport }) },
    clock: options.clock ?? systemClock,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    retry: { attempts, baseMs: 0 },
    onRequest: (fact) => facts.push(fact),
    ...(options.env && { env: options.env }),
  });
  t.after(() => client.close());
  return Object.assign(client, { facts });
}

/**
 * A clock that moves when it is told, and whose sleeps take no time but are recorded; but for the patience with what was
 * sent, which its answer ends.
 */
export function steppedClock(
  start = Date.parse('2026-11-21T08:00:00Z'),
): Clock & { step(ms: number): void; slept: number[] } {
  let now = start;
  const slept: number[] = [];
  return {
    now: () => now,
    sleep: async (ms, signal) => {
      if (ms === CONNECTION_DOUBT_MS) return systemClock.sleep(ms, signal);
      slept.push(ms);
      now += ms;
    },
    step: (ms) => {
      now += ms;
    },
    slept,
  };
}

const CONFIG = { mediaType: OCI_EMPTY, digest: digestOf('{}'), size: 2 };
export const MANIFEST = Buffer.from(
  JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: CONFIG, layers: [] }),
);
export const MANIFEST_DIGEST: Digest = digestOf(MANIFEST);

/** A right answer to GET or HEAD of the manifest. */
export function sendManifest({ method }: Seen, response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': OCI_MANIFEST,
    'content-length': MANIFEST.length,
    'docker-content-digest': MANIFEST_DIGEST,
  });
  response.end(method === 'HEAD' ? undefined : MANIFEST);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export const ociError = (code: string, message: string): unknown => ({ errors: [{ code, message }] });

/** For assert.rejects: the code, and optionally what the message and hint must say. */
export const failure =
  (code: string, ...says: readonly RegExp[]) =>
  (error: LandfallError): true => {
    const text = `${error.message} ${error.hint ?? ''}`;
    if (error.code !== code)
      throw new Error(`wanted ${code}, got ${error.code}: ${error.message}`, { cause: error });
    for (const pattern of says)
      if (!pattern.test(text)) throw new Error(`${pattern} not in ${text}`, { cause: error });
    return true;
  };
