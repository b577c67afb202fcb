import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, Faults } from '../../../aws-stand-ins/fault.ts';
import { Refusal } from '../../../aws-stand-ins/refusal.ts';
import { type AwsState, createState } from './aws-state.ts';
import type { FifoQueue } from './fifo-queue.ts';
import { OPERATIONS, type Operation } from './operations.ts';

/** One call as it came. */
export interface AwsCall {
  /** `PutEvents`. */
  readonly operation: string;
  /** What the signature is for: `events`, `sqs`, … */
  readonly service: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface AwsServer extends AwsState {
  readonly url: string;
  readonly calls: readonly AwsCall[];
  /** Of one operation. */
  count(operation: string): number;
  fault(fault: Fault): void;
  /** Nothing that was planned happens any more. */
  clearFaults(): void;
  close(): Promise<void>;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}$/;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parseCall(request: IncomingMessage, body: string): AwsCall {
  const [, accessKeyId = '', region = '', service = ''] =
    AUTHORIZATION.exec(request.headers.authorization ?? '') ?? [];
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    const operation = target.slice(target.lastIndexOf('.') + 1);
    return { operation, service, region, accessKeyId, input: JSON.parse(body) as Record<string, unknown> };
  }
  const form = Object.fromEntries(new URLSearchParams(body));
  return { operation: form['Action'] ?? '', service, region, accessKeyId, input: form };
}

function send(response: ServerResponse, status: number, code: string | undefined, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    ...(code !== undefined && { 'x-amzn-errortype': code }),
  });
  response.end(body);
}

/** STS speaks XML. @see https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
function sendError(
  response: ServerResponse,
  { service, status, code, message }: Pick<AwsCall, 'service'> & Pick<Refusal, 'status' | 'code' | 'message'>,
): void {
  if (service !== 'sts') {
    send(response, status, code, JSON.stringify({ __type: code, message }));
    return;
  }
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${error}<RequestId>1</RequestId></ErrorResponse>`,
  );
}

/**
 * EventBridge, SQS, ECR, Secrets Manager, SSM and STS over HTTP, as far as Landfall calls them, with faults. Requests
 * have to be signed; the signature is not verified.
 */
export async function startAwsServer({
  now = Date.now,
  queues,
  latencyMs = 0,
  allows = () => true,
}: {
  readonly now?: () => number;
  /** By name; others are made at first use. */
  readonly queues?: Map<string, FifoQueue>;
  /** Between reading a request and doing it. */
  readonly latencyMs?: number;
  /** What is not allowed is refused with AccessDenied. */
  readonly allows?: (call: AwsCall) => boolean;
} = {}): Promise<AwsServer> {
  const faults = new Faults();
  const calls: AwsCall[] = [];
  const state = createState(now, queues);

  function run(operation: Operation, call: AwsCall, fault: Fault | undefined): string {
    const refused = fault?.kind === 'partial' ? { at: new Set(fault.at), code: fault.code } : undefined;
    const output = operation(call.input, state, {
      service: call.service,
      region: call.region,
      accessKeyId: call.accessKeyId,
      refused,
    });
    return typeof output === 'string' ? output : JSON.stringify(output);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = parseCall(request, await bodyOf(request));
    calls.push(call);
    if (latencyMs > 0) await sleep(latencyMs);
    const refuse = (status: number, code: string, message: string): void =>
      sendError(response, { service: call.service, status, code, message });
    const operation = Object.hasOwn(OPERATIONS, call.operation) ? OPERATIONS[call.operation] : undefined;
    if (operation === undefined) return refuse(400, 'UnknownOperationException', call.operation);
    if (call.service === '') return refuse(403, 'MissingAuthenticationToken', 'not signed');
    if (!allows(call)) return refuse(403, 'AccessDeniedException', `${call.operation} is denied`);
    const fault = faults.take(call.operation);
    if (fault?.kind === 'error') return refuse(fault.status, fault.code, fault.message ?? '');
    if (fault?.kind === 'body') return send(response, fault.status ?? 200, undefined, fault.text);
    if (fault?.kind === 'stall') return;
    if (fault?.kind === 'cut') {
      if (fault.effect) run(operation, call, fault);
      await fault.meanwhile?.();
      response.destroy();
      return;
    }
    try {
      send(response, 200, undefined, run(operation, call, fault));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuse(error.status, error.code, error.message);
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) =>
      sendError(response, { service: '', status: 500, code: 'InternalFailure', message: String(error) }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...state,
    url: `http://127.0.0.1:${port}`,
    calls,
    count: (operation) => calls.filter((call) => call.operation === operation).length,
    fault: (fault) => faults.plan(fault),
    clearFaults: () => faults.clear(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** For the length of a test. */
export async function awsServerFor(t: TestContext, now?: () => number): Promise<AwsServer> {
  const server = await startAwsServer(now === undefined ? {} : { now });
  t.after(() => server.close());
  return server;
}
