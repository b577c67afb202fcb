import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { type HelmFence, outsideFence } from './helm-fence.ts';

/** Where helm finds the cluster for one visit. */
export interface HelmProxy extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/SECRET`: nobody who does not know it gets in. */
  readonly server: string;
}

interface ProxyOptions {
  /** Where the API server is asked as whom the deploy names. */
  readonly socket: string;
  readonly fence: HelmFence | undefined;
}

const SECRET_LENGTH = 32;
const IDLE_MS = 120_000;

function refuse(response: ServerResponse, code: 403 | 502, message: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const reason = code === 403 ? 'Forbidden' : 'InternalError';
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(status));
}

/** Passes one request on, and its answer back as it comes: a watch has no end. */
function pass(path: string, socket: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const onward = send(
    { socketPath: socket, path, method, headers: { ...headers, host: 'localhost' } },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    },
  );
  onward.on('error', (error) => refuse(response, 502, `the API server cannot be asked: ${error.message}`));
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}

/**
 * Lets helm, which knows no sockets, through to the cluster: on this machine, under a path that nobody can guess. It is
 * given no login, no certificate and no program to get one: whoever takes over a helm has what the deploy may do, until
 * the visit ends, and only within the fence.
 */
export async function openHelmProxy({ socket, fence }: ProxyOptions): Promise<HelmProxy> {
  const secret = `/${randomBytes(SECRET_LENGTH).toString('hex')}`;
  const server = createServer((request, response) => {
    const url = request.url ?? '';
    if (!url.startsWith(`${secret}/`)) {
      refuse(response, 403, 'nothing is here');
      return;
    }
    const path = url.slice(secret.length);
    const outside = fence && outsideFence(path.split('?', 1)[0] ?? '', fence);
    if (outside === undefined) pass(path, socket, request, response);
    else refuse(response, 403, outside);
  });
  // A hook may keep helm waiting for longer than Node keeps what is idle.
  server.keepAliveTimeout = IDLE_MS;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    server: `http://127.0.0.1:${port}${secret}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
