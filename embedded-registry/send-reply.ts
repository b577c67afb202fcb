import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Delivery } from './faults/fault-reply.ts';
import type { Reply } from './reply.ts';

const BODYLESS: readonly number[] = [204, 304];

function headersOf({ status, headers, body }: Reply): OutgoingHttpHeaders {
  const said = Object.keys(headers).some((name) => /^(?:content-length|transfer-encoding)$/i.test(name));
  const length = said || BODYLESS.includes(status) ? {} : { 'Content-Length': String(body.length) };
  return { ...headers, ...length } as OutgoingHttpHeaders;
}

/** Ends the connection once what was written is out. A TLS connection has no reset of its own. */
function close(response: ServerResponse, reset: boolean): void {
  const { socket } = response;
  if (socket === null) return;
  socket.write('', () => {
    if (reset && !(socket instanceof TLSSocket)) socket.resetAndDestroy();
    else socket.destroy();
  });
}

/** A Content-Length that lies leaves the connection useless for another response. */
function liesAboutLength(headers: OutgoingHttpHeaders, body: Buffer): boolean {
  const declared = Object.entries(headers).find(([name]) => /^content-length$/i.test(name))?.[1];
  return declared !== undefined && declared !== String(body.length);
}

function sendWhole(reply: Reply, response: ServerResponse): void {
  const headers = headersOf(reply);
  response.writeHead(reply.status, headers);
  if (BODYLESS.includes(reply.status)) response.end();
  else if (!liesAboutLength(headers, reply.body) || response.req.method === 'HEAD') response.end(reply.body);
  else response.write(reply.body, () => close(response, false));
}

function sendPart(
  reply: Reply,
  delivery: Delivery & { kind: 'stall' | 'cut' },
  response: ServerResponse,
): void {
  const done = (): void => {
    if (delivery.kind === 'cut') close(response, delivery.reset);
  };
  if (delivery.at !== 'start') response.writeHead(reply.status, headersOf(reply));
  if (delivery.at === 'head') response.flushHeaders();
  if (delivery.at === 'half') response.write(reply.body.subarray(0, reply.body.length >> 1), done);
  else done();
}

/** Sends the reply as `delivery` has it: whole, in part, or something else. */
export function sendReply(reply: Reply, delivery: Delivery, response: ServerResponse): void {
  switch (delivery.kind) {
    case 'whole':
      sendWhole(reply, response);
      return;
    case 'raw':
      response.socket?.end(delivery.bytes);
      return;
    default:
      sendPart(reply, delivery, response);
  }
}
