import { Socket } from 'node:net';
import { buildConnector } from 'undici';

/** Opens sockets, and can end those that undici itself cannot: the ones that are still connecting. */
export interface Connector {
  readonly connect: buildConnector.connector;
  destroy(): void;
}

export function createConnector(options: buildConnector.BuildOptions): Connector {
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
