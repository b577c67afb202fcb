import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';

/** One request, byte for byte as it came. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Head and body. */
  readonly text: string;
}

/** Puts anything on the connection: what no HTTP library would send too. */
export interface Send {
  readonly socket: Socket;
  /** Ends the connection with a TCP reset. */
  reset(): void;
  raw(bytes: string | Uint8Array): void;
  /** A well-formed answer with its Content-Length. */
  answer(status: number, headers?: Readonly<Record<string, string>>, body?: string | Uint8Array): void;
}

export type Act = (received: Received, send: Send) => void;

export interface HostileServer {
  readonly port: number;
  readonly received: Received[];
  readonly connections: Socket[];
}

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');

function parse(text: string): { readonly received: Received; readonly rest: string } | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [line = '', ...fields] = text.slice(0, end).split('\r\n');
  const [method = '', path = ''] = line.split(' ');
  const headers = Object.fromEntries(
    fields.map((field) => [field.split(':', 1)[0]?.toLowerCase() ?? '', field.replace(/^[^:]*:\s*/, '')]),
  );
  const length = end + 4 + Number(headers['content-length'] ?? 0);
  if (text.length < length) return undefined;
  return { received: { method, path, headers, text: text.slice(0, length) }, rest: text.slice(length) };
}

const sender = (socket: Socket, reset: () => void): Send => ({
  socket,
  reset,
  raw: (bytes) => void socket.write(bytes),
  answer: (status, headers = {}, body = '') => {
    const fields = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers });
    const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(
      Buffer.concat([Buffer.from(`HTTP/1.1 ${status} x\r\n${head}\r\n`, 'latin1'), Buffer.from(body)]),
    );
  },
});

interface Serving {
  readonly act: Act;
  readonly received: Received[];
  readonly reset: () => void;
}

function serve(socket: Socket, { act, received, reset }: Serving): void {
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (let parsed = parse(text); parsed !== undefined; parsed = parse(text)) {
      text = parsed.rest;
      received.push(parsed.received);
      act(parsed.received, sender(socket, reset));
    }
  });
}

/** A server on loopback that does as it likes, over TLS, and keeps all that it was sent. */
export async function startHostile(t: TestContext, act: Act): Promise<HostileServer> {
  const received: Received[] = [];
  const connections: Socket[] = [];
  const tls = { key: fixture('key.pem'), cert: fixture('cert.pem') };
  const server = createTlsServer(tls, (socket) => {
    // Under TLS the connection itself is another socket, and that one has to be reset.
    const reset = (): void =>
      void connections.find(({ remotePort }) => remotePort === socket.remotePort)?.resetAndDestroy();
    serve(socket, { act, received, reset });
  });
  server.on('tlsClientError', () => undefined);
  server.on('connection', (socket: Socket) => connections.push(socket));
  return { port: await listen(t, server, connections), received, connections };
}

/** What nobody may connect to: ends whatever comes, and counts it. */
export async function startTrap(t: TestContext): Promise<Pick<HostileServer, 'port' | 'connections'>> {
  const connections: Socket[] = [];
  const server = createServer((socket) => {
    connections.push(socket);
    socket.destroy();
  });
  return { port: await listen(t, server, connections), connections };
}

async function listen(t: TestContext, server: Server, connections: readonly Socket[]): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
