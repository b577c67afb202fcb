import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { LandfallError, messageOf } from '../shared/errors.ts';

interface ListenOptions {
  readonly port: number;
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
}

export interface Listener {
  readonly port: number;
  /** Ends every connection, also those that are stalled. */
  close(): Promise<void>;
}

/** Loopback alone: what is pushed here is nobody else's. */
export const LISTEN_HOST = '127.0.0.1';

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** @throws LandfallError CONFIG_INVALID where the port or the certificate cannot be used */
export async function listen(onRequest: RequestListener, { port, tls }: ListenOptions): Promise<Listener> {
  try {
    const server = tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, LISTEN_HOST, resolve);
    });
    return { port: (server.address() as AddressInfo).port, close: () => close(server) };
  } catch (cause) {
    const why = messageOf(cause);
    throw new LandfallError(
      'CONFIG_INVALID',
      `embedded registry cannot listen on ${LISTEN_HOST}:${port}: ${why}`,
      {
        cause,
        hint: 'Choose another port, or 0 for any free one.',
      },
    );
  }
}
