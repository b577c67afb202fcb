import { Socket } from 'node:net';
import type { buildConnector as Builder } from 'undici';
import { buildConnector } from './undici.ts';

/** Opens sockets, and can end those that undici itself cannot: the ones that are still connecting. */
export interface Connector {
  readonly connect: Builder.connector;
  destroy(): void;
}

export function createConnector(options: Builder.BuildOptions): Connector {
  const sockets = new Set<Socket>();
  const open = buildConnector(options);
  return {
    connect: (target, callback) => {
      // Typed void; it returns the socket.
      const socket: unknown = open(target, callback);
      if (!(socket instanceof Socket)) return;
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    },
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
