import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Something between a client and a registry that can stop in the middle of what the registry sends. */
export interface StallingProxy {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** From now on nothing passes beyond so many bytes of one connection. Resolves when the first one is stuck. */
  stallAfter(bytes: number): Promise<void>;
  /** New connections pass again. */
  release(): void;
  close(): Promise<void>;
}

/** Passes bytes on to `target`, a `host:port`. */
export async function startStallingProxy(target: string): Promise<StallingProxy> {
  const [host = '', port] = target.split(':');
  const sockets = new Set<Socket>();
  const stuck = Promise.withResolvers<void>();
  let most = Number.POSITIVE_INFINITY;
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    let passed = 0;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream);
    client.on('close', () => upstream.destroy());
    upstream.on('end', () => client.end());
    upstream.on('data', (chunk: Buffer) => {
      passed += chunk.length;
      if (passed <= most) return void client.write(chunk);
      upstream.pause();
      stuck.resolve();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
  return {
    host: `127.0.0.1:${address.port}`,
    stallAfter: (bytes) => {
      most = bytes;
      return stuck.promise;
    },
    release: () => {
      most = Number.POSITIVE_INFINITY;
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
