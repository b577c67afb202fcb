import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isUser, readBasic } from '../../../embedded-registry/auth/basic-credential.ts';
import { parseScopes, type Scope } from '../../../embedded-registry/auth/scope.ts';
import type { SigningKey } from '../signing-key.ts';

export interface TokenServerOptions {
  readonly users: Readonly<Record<string, string>>;
  /** Whether tokens to pull are given without a credential. */
  readonly anonymousPull?: boolean;
  readonly expiresInSeconds?: number;
}

/** Gives tokens Docker's registry believes. */
export interface TokenServer {
  readonly realm: string;
  readonly issuer: string;
  readonly service: string;
  /** The path and query of every request so far. */
  readonly requests: string[];
  close(): Promise<void>;
}

interface Signer extends SigningKey {
  readonly issuer: string;
  readonly service: string;
  readonly seconds: number;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** @see https://distribution.github.io/distribution/spec/auth/jwt/ */
function signToken(scopes: readonly Scope[], subject: string, signer: Signer): string {
  const now = Math.floor(Date.now() / 1000);
  const x5c = [new X509Certificate(signer.cert).raw.toString('base64')];
  const claims = {
    iss: signer.issuer,
    sub: subject,
    aud: signer.service,
    iat: now,
    nbf: now - 10,
    exp: now + signer.seconds,
    jti: randomUUID(),
    access: scopes.map(({ repository: name, actions }) => ({ type: 'repository', name, actions })),
  };
  const signed = `${encode({ typ: 'JWT', alg: 'RS256', x5c })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), createPrivateKey(signer.key));
  return `${signed}.${signature.toString('base64url')}`;
}

const pullOnly = ({ repository, actions }: Scope): Scope => ({
  repository,
  actions: actions.filter((action) => action === 'pull'),
});

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: TokenServerOptions,
  signer: Signer,
): void {
  const query = new URL(request.url ?? '/', 'http://token').searchParams;
  const credential = readBasic(request.headers.authorization);
  const known = isUser(options.users, credential);
  const anonymous = request.headers.authorization === undefined && options.anonymousPull === true;
  if (request.method !== 'GET' || (!known && !anonymous)) {
    response.writeHead(request.method === 'GET' ? 401 : 405).end();
    return;
  }
  const asked = parseScopes(query.getAll('scope'));
  const token = signToken(known ? asked : asked.map(pullOnly), credential?.username ?? '', signer);
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ token, expires_in: signer.seconds, issued_at: new Date().toISOString() }));
}

export async function startTokenServer(options: TokenServerOptions, key: SigningKey): Promise<TokenServer> {
  const signer = {
    ...key,
    issuer: 'landfall-test',
    service: 'registry',
    seconds: options.expiresInSeconds ?? 300,
  };
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '/');
    answer(request, response, options, signer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    issuer: signer.issuer,
    service: signer.service,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
