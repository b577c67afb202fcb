import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type Fault, Faults } from '../../../aws-stand-ins/fault.ts';

export interface KeyValueStoreServer {
  readonly url: string;
  readonly keys: Map<string, string>;
  /** `GetKey`, `DescribeKeyValueStore`, `UpdateKeys`. */
  readonly calls: readonly string[];
  fault(fault: Fault): void;
  /** Somebody else puts a key: the ETag of the whole store is another then. */
  put(key: string, value: string): void;
}

export const STORE_ARN =
  'arn:aws:cloudfront::123456789012:key-value-store/0f2b6b1e-0000-4000-8000-000000000000';

/** Signature Version 4A, for every region. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
const SIGNED =
  /^AWS4-ECDSA-P256-SHA256 Credential=[^/]+\/\d{8}\/cloudfront-keyvaluestore\/aws4_request, ?SignedHeaders=[a-z0-9;-]*x-amz-region-set[a-z0-9;-]*, ?Signature=[0-9a-f]{100,}$/;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

const refuse = (response: ServerResponse, status: number, code: string, message = code): void =>
  send(response, status, { Message: message }, { 'x-amzn-errortype': code });

function operationOf({ method, url = '' }: IncomingMessage): string {
  const isOfKeys = url.includes('/keys');
  if (method === 'POST' && isOfKeys) return 'UpdateKeys';
  return isOfKeys ? 'GetKey' : 'DescribeKeyValueStore';
}

interface Update {
  readonly Puts?: readonly { readonly Key: string; readonly Value: string }[];
  readonly Deletes?: readonly { readonly Key: string }[];
}

/**
 * The data plane of one CloudFront KeyValueStore over HTTP, as the model of @aws-sdk/client-cloudfront-keyvaluestore has
 * it (restJson1), with faults. moto has the control plane alone.
 * @see https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_kvs_UpdateKeys.html
 */
export async function keyValueStoreFor(t: TestContext): Promise<KeyValueStoreServer> {
  const [keys, calls, faults] = [new Map<string, string>(), [] as string[], new Faults()];
  let version = 1;
  const put = (key: string, value: string): void => {
    keys.set(key, value);
    version += 1;
  };
  const told = () => ({ ItemCount: keys.size, TotalSizeInBytes: 0 });
  const etag = () => ({ etag: `ETAG${version}` });

  const operations: Readonly<
    Record<string, (request: IncomingMessage, body: string, response: ServerResponse) => void>
  > = {
    DescribeKeyValueStore: (_, __, response) =>
      send(response, 200, { ...told(), KvsARN: STORE_ARN, Created: 1_790_000_000 }, etag()),
    GetKey: ({ url = '' }, _, response) => {
      const key = decodeURIComponent(url.slice(url.lastIndexOf('/') + 1));
      const Value = keys.get(key);
      if (Value === undefined) return refuse(response, 404, 'ResourceNotFoundException');
      return send(response, 200, { ...told(), Key: key, Value });
    },
    UpdateKeys: ({ headers }, body, response) => {
      if (headers['if-match'] !== `ETAG${version}`) return refuse(response, 409, 'ConflictException');
      const { Puts = [], Deletes = [] } = JSON.parse(body) as Update;
      if (Puts.length + Deletes.length > 50) return refuse(response, 400, 'ValidationException');
      for (const { Key, Value } of Puts) put(Key, Value);
      for (const { Key } of Deletes) keys.delete(Key);
      return send(response, 200, told(), etag());
    },
  };

  const server = createServer(async (request, response) => {
    const operation = operationOf(request);
    calls.push(operation);
    const body = await bodyOf(request);
    if (!SIGNED.test(request.headers.authorization ?? '') || request.headers['x-amz-region-set'] !== '*')
      return refuse(response, 403, 'AccessDeniedException', 'not signed for every region');
    if (!decodeURIComponent(request.url ?? '').startsWith(`/key-value-stores/${STORE_ARN}`))
      return refuse(response, 404, 'ResourceNotFoundException');
    const fault = faults.take(operation);
    if (fault?.kind === 'error') {
      await fault.meanwhile?.();
      return refuse(response, fault.status, fault.code, fault.message);
    }
    const run = operations[operation];
    if (fault?.kind === 'cut') {
      // The effect without the answer.
      if (fault.effect) run?.(request, body, response);
      await fault.meanwhile?.();
      return response.destroy();
    }
    return run?.(request, body, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, keys, calls, fault: (fault) => faults.plan(fault), put };
}
