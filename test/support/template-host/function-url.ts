import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { isMap, type Json } from './json.ts';
import type { Invoked } from './lambda-function.ts';

export interface FunctionUrl {
  /** With its slash, as the attribute FunctionUrl has it. */
  readonly url: string;
  close(): Promise<void>;
}

/** BUFFERED: a request of no more than 6 MB. */
const REQUEST_BYTES = 6 * 1024 * 1024;
/** What is handed over as text; everything else is base64. */
const TEXT = /^(?:text\/|application\/(?:json|javascript|xml)(?:;|$))/i;

const headersOf = ({ headers }: IncomingMessage): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : value]],
    ),
  );

/** @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload */
export function urlEvent(request: IncomingMessage, body: Buffer): Json {
  const { pathname, searchParams, search } = new URL(request.url ?? '/', 'http://host');
  const headers = headersOf(request);
  const isText = TEXT.test(headers['content-type'] ?? '');
  const path = decodeURIComponent(pathname);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: search.slice(1),
    headers,
    ...(search !== '' && { queryStringParameters: Object.fromEntries(searchParams) }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'template-host',
      domainName: headers['host'],
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: request.socket.remoteAddress,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      timeEpoch: Date.now(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** An answer without a status code is the body itself, as JSON. */
function send(response: ServerResponse, { ok, value }: Invoked): void {
  if (!ok) {
    response
      .writeHead(502, { 'content-type': 'application/json' })
      .end('{"message":"Internal Server Error"}');
    return;
  }
  if (!isMap(value) || typeof value['statusCode'] !== 'number') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    return;
  }
  const { statusCode, headers, body, isBase64Encoded } = value;
  const text = typeof body === 'string' ? body : '';
  response.writeHead(statusCode, isMap(headers) ? (headers as Record<string, string>) : {});
  response.end(Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8'));
}

/** Listens for an AWS::Lambda::Url; `invoke` is asked for the function at each request, which may be made later. */
export async function listenForUrl(invoke: (event: Json) => Promise<Invoked>): Promise<FunctionUrl> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    if (body.length > REQUEST_BYTES) response.writeHead(413).end();
    else send(response, await invoke(urlEvent(request, body)));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
