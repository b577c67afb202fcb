import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { LandfallError } from '../shared/errors.ts';
import { CONSOLE_CONNECTIONS, CONSOLE_CONNECTIONS_PER_ADDRESS } from '../shared/limits.ts';
import { limitSenders } from '../shared/trigger/address-shares.ts';
import { type ConsoleDeps, consoleApp } from './app.ts';

export interface RunningConsole extends AsyncDisposable {
  /** `http://host:port/` */
  readonly url: string;
}

/**
 * Serves the console there until it is disposed of.
 * @throws LandfallError USAGE where the address is taken, or none of this machine
 */
export async function startConsole(
  { host, port }: { readonly host: string; readonly port: number },
  deps: Omit<ConsoleDeps, 'names'>,
): Promise<RunningConsole> {
  const app = consoleApp({ ...deps, names: [host.toLowerCase()] });
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 },
    getRequestListener(app.fetch),
  );
  // What is held open here is not there for webhooks and registries, which one process has together with it.
  server.maxConnections = CONSOLE_CONNECTIONS;
  limitSenders(server, CONSOLE_CONNECTIONS_PER_ADDRESS);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `the console cannot listen on ${host}:${port}: ${cause.message}`;
      reject(
        new LandfallError('USAGE', message, {
          cause,
          hint: 'Give another address with --console HOST:PORT.',
        }),
      );
    });
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
