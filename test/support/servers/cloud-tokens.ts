import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** One request to a token service, as it came. */
export interface TokenCall {
  readonly path: string;
  /** Of a form or of JSON. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Stand-ins for the token services of Google, Entra and Azure's registries, with answers as they document them. */
export interface CloudTokens {
  readonly calls: TokenCall[];
  /** Given in place of the next answers, in order. */
  readonly replies: Reply[];
  /** By the origin that each stands for. */
  readonly standIns: ReadonlyMap<string, string>;
}

export const AZURE_REGISTRY = 'team.azurecr.io';

const ORIGINS = [
  'https://oauth2.googleapis.com',
  'https://sts.googleapis.com',
  'https://iamcredentials.googleapis.com',
  'https://login.microsoftonline.com',
  `https://${AZURE_REGISTRY}`,
];

/** A JWT that nobody signed: what reads it here reads when it ends. */
const jwt = (exp: number): string =>
  ['{"alg":"RS256"}', JSON.stringify({ exp }), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

type Answer = (nth: number, now: number) => unknown;

/** @see https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token#response-body */
const ANSWERS: readonly (readonly [path: RegExp, answer: Answer])[] = [
  [/^\/token$/, (nth) => ({ access_token: `canary-key-${nth}`, expires_in: 3599, token_type: 'Bearer' })],
  [
    /^\/v1\/token$/,
    (nth) => ({
      access_token: `canary-federated-${nth}`,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      ...{ token_type: 'Bearer', expires_in: 3600 },
    }),
  ],
  [
    /^\/v1\/projects\/-\/serviceAccounts\/[^/]+:generateAccessToken$/,
    (nth, now) => ({
      accessToken: `canary-account-${nth}`,
      expireTime: new Date(now + 3_600_000).toISOString(),
    }),
  ],
  [
    /^\/[0-9a-f-]{36}\/oauth2\/v2\.0\/token$/,
    (nth) => ({ token_type: 'Bearer', expires_in: 3599, access_token: `canary-entra-${nth}` }),
  ],
  [/^\/oauth2\/exchange$/, (_, now) => ({ refresh_token: jwt(Math.floor(now / 1000) + 3 * 3600) })],
];

function fieldsOf(type: string | undefined, body: string): Readonly<Record<string, unknown>> {
  return type === 'application/json'
    ? (JSON.parse(body) as Record<string, unknown>)
    : Object.fromEntries(new URLSearchParams(body));
}

export async function cloudTokensFor(t: TestContext, now: () => number): Promise<CloudTokens> {
  const calls: TokenCall[] = [];
  const replies: Reply[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = decodeURIComponent(request.url ?? '/');
    const fields = fieldsOf(request.headers['content-type'], Buffer.concat(chunks).toString('utf8'));
    calls.push({ path, fields, authorization: request.headers.authorization });
    const answer = ANSWERS.find(([pattern]) => pattern.test(path))?.[1];
    const reply =
      replies.shift() ??
      (answer === undefined || request.method !== 'POST'
        ? { status: 404, body: {} }
        : { body: answer(calls.length, now()) });
    const { status = 200, headers = {}, body } = reply as Reply;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { calls, replies, standIns: new Map(ORIGINS.map((origin) => [origin, url])) };
}
