import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A proxy that leads to one origin, by tunnel or not, whatever host was asked for: how a name that is not ours is answered. */
export async function startTunnel(t: TestContext, origin: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const open = new Set<Socket>();
  const server = createServer((incoming, response) => {
    const { method, headers, url = '' } = incoming;
    const { pathname, search } = new URL(url);
    const forward = request({ hostname, port, method, headers, path: `${pathname}${search}` }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forward.on('error', () => response.destroy());
    incoming.pipe(forward);
  });
  server.on('connect', (_request, client: Socket, head: Buffer) => {
    const target = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.write(head);
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => open.delete(socket));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
