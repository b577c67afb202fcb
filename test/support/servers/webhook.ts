import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WebhookCall {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Somewhere to send webhooks to. */
export interface Webhook {
  readonly url: string;
  readonly calls: readonly WebhookCall[];
  /** Resolves with the calls once there are so many. */
  received(count: number): Promise<readonly WebhookCall[]>;
  close(): Promise<void>;
}

/** Answers with these statuses in turn, then 202. */
export async function startWebhook(statuses: readonly number[] = []): Promise<Webhook> {
  const calls: WebhookCall[] = [];
  const waiting: { readonly count: number; readonly resolve: (calls: readonly WebhookCall[]) => void }[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    response.writeHead(statuses[calls.length] ?? 202).end();
    calls.push({ headers: request.headers, body });
    for (const { count, resolve } of waiting) if (calls.length >= count) resolve(calls);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    calls,
    received: (count) =>
      new Promise((resolve) => {
        if (calls.length >= count) resolve(calls);
        else waiting.push({ count, resolve });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
