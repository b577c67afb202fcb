import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type SigningKey, signingKey } from '../../support/signing-key.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An issuer over https on this machine. */
export interface IssuerServer {
  readonly url: string;
  readonly ca: string;
  /** Paths asked for so far. */
  readonly requests: readonly string[];
  /** What it publishes; may be changed. */
  keySet: unknown;
  /** Answers in its place where there is one for the path. */
  readonly answers: Map<string, Answer>;
}

const sendJson = (response: ServerResponse, value: unknown): void => {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'public, max-age=600' });
  response.end(JSON.stringify(value));
};

export async function startIssuer(t: TestContext, keySet: unknown): Promise<IssuerServer> {
  const { key, cert }: SigningKey = await signingKey();
  const requests: string[] = [];
  const answers = new Map<string, Answer>();
  const server = createServer({ key, cert }, (request, response) => {
    const path = request.url ?? '';
    const answer = answers.get(path.split('?', 1)[0] ?? '');
    requests.push(path);
    if (answer !== undefined) return answer(request, response);
    if (path === '/.well-known/openid-configuration') {
      return sendJson(response, { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` });
    }
    if (path === '/keys') return sendJson(response, issuer.keySet);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer: IssuerServer = {
    ...{ url: `https://127.0.0.1:${port}`, ca: cert, requests, keySet, answers },
  };
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return issuer;
}
