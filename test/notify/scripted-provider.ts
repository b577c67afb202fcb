import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { atEnd } from '../support/at-end.ts';

/** One request as the provider got it. */
export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface ScriptedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ScriptedProvider {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly heard: readonly Heard[];
}

/** Answers as its script says; undefined: never. */
export type Script = (heard: Heard, nth: number) => ScriptedAnswer | undefined;

/** A provider that checks what it gets as the real one does; on any port where none is given. */
export async function scriptedProvider(t: TestContext, script: Script, port = 0): Promise<ScriptedProvider> {
  const heard: Heard[] = [];
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const one = { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') };
    heard.push(one);
    const answer = script(one, heard.length);
    if (answer === undefined) return;
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body ?? '');
  };
  const server = createServer((request, response) => {
    listener(request, response).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => {
    server.closeAllConnections();
    return new Promise<void>((done) => server.close(() => done()));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}
