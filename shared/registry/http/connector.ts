import { Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { buildConnector as Builder } from 'undici';
import { notePeer } from './peer-certificate.ts';
import { buildConnector } from './undici.ts';

/** Opens sockets, and can end those that undici itself cannot: the ones that are still connecting. */
export interface Connector {
  readonly connect: Builder.connector;
  destroy(): void;
}

/** As Node documents it of a TLSSocket; its class would load TLS for who speaks plain HTTP. */
const isTls = (socket: Socket): socket is TLSSocket => 'encrypted' in socket;

export function createConnector(options: Builder.BuildOptions): Connector {
  const sockets = new Set<Socket>();
  const open = buildConnector(options);
  return {
    connect: (target, callback) => {
      let peer: PeerCertificate | undefined;
      // Typed void; it returns the socket.
      const socket: unknown = open(target, (...opened) => {
        const [error] = opened;
        if (error !== null) notePeer(error, peer);
        callback(...opened);
      });
      if (!(socket instanceof Socket)) return;
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      if (!isTls(socket)) return;
      // Before Node judges the certificate: a refused socket has none any more.
      socket.prependOnceListener('secure', () => {
        peer = socket.getPeerCertificate();
      });
    },
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
