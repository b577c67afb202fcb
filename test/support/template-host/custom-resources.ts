import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Json, textAt } from './json.ts';
import type { LambdaFunction } from './lambda-function.ts';

export interface CustomResource {
  readonly id: string;
  readonly type: string;
  /** Resolved. */
  readonly properties: Json;
}

/**
 * Has a custom resource made, changed or deleted, as CloudFormation does: its function is invoked asynchronously and
 * answers at a URL of ours.
 * @throws Error with the reason where it failed
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */
export async function requestCustomResource(
  request: 'Create' | 'Update' | 'Delete',
  { id, type, properties }: CustomResource,
  {
    lambda,
    stackId,
    before,
  }: { readonly lambda: LambdaFunction; readonly stackId: string; readonly before?: Json },
): Promise<string> {
  const answered = Promise.withResolvers<Json>();
  const server = createServer((incoming, response) => {
    text(incoming).then((body) => {
      response.end();
      answered.resolve(JSON.parse(body) as Json);
    }, answered.reject);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const invoked = await lambda.invokeEvent(
      {
        RequestType: request,
        ServiceToken: lambda.options.arn,
        ResponseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer?presigned=yes`,
        StackId: stackId,
        RequestId: randomUUID(),
        LogicalResourceId: id,
        ResourceType: type,
        ResourceProperties: properties,
        ...(request !== 'Create' && { PhysicalResourceId: id }),
        ...(before !== undefined && { OldResourceProperties: before }),
      },
      { retries: 2 },
    );
    if (!invoked.ok) throw new Error(`${id}: ${invoked.error}`);
    const answer = await answered.promise;
    if (textAt(answer, 'Status') === 'SUCCESS') return textAt(answer, 'PhysicalResourceId') ?? '';
    throw new Error(`${id}: ${textAt(answer, 'Reason')}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
