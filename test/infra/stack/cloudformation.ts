import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

export interface StackReply {
  readonly Status: string;
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
}

/** Where CloudFormation waits for a custom resource's answer. */
export interface Waiting {
  readonly url: string;
  readonly replies: readonly StackReply[];
  /** Of each request that came: a presigned URL is for one without. */
  readonly contentTypes: readonly (string | undefined)[];
}

/** Refuses the first `refusals` answers. */
export async function cloudFormationFor(t: TestContext, refusals = 0): Promise<Waiting> {
  const replies: StackReply[] = [];
  const contentTypes: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    contentTypes.push(request.headers['content-type']);
    const reply = (await json(request)) as StackReply;
    const isRefused = contentTypes.length <= refusals;
    if (!isRefused && request.method === 'PUT') replies.push(reply);
    response.writeHead(isRefused ? 503 : 200).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/answer?X-Amz-Signature=canary-4711`, replies, contentTypes };
}
