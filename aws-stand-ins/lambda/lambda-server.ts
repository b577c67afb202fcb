import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Fault, Faults } from '../fault.ts';
import { listen } from '../listen.ts';
import { Refusal } from '../refusal.ts';
import { LAMBDA_OPERATIONS, type LambdaInput } from './lambda-operations.ts';
import { createLambdaState, type LambdaState } from './lambda-state.ts';

interface LambdaCall {
  readonly operation: string;
  readonly input: LambdaInput;
}

export interface LambdaServer {
  readonly url: string;
  close(): Promise<void>;
  readonly state: LambdaState;
  readonly calls: readonly LambdaCall[];
  /** Of one operation. */
  count(operation: string): number;
  fault(fault: Fault): void;
  /** What is refused with AccessDenied, by operation. */
  readonly denied: Map<string, string>;
}

const SIGNED =
  /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[^/]+\/(lambda|monitoring)\/aws4_request, ?SignedHeaders=/;

/** Method and path of each operation, as the model has them. */
const ROUTES: readonly (readonly [string, RegExp, string])[] = [
  ['GET', /^\/2015-03-31\/functions\/([^/]+)$/, 'GetFunction'],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)\/configuration$/, 'GetFunctionConfiguration'],
  ['PUT', /^\/2015-03-31\/functions\/([^/]+)\/code$/, 'UpdateFunctionCode'],
  ['POST', /^\/2015-03-31\/functions\/([^/]+)\/versions$/, 'PublishVersion'],
  ['POST', /^\/2015-03-31\/functions\/([^/]+)\/aliases$/, 'CreateAlias'],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)$/, 'GetAlias'],
  ['PUT', /^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)$/, 'UpdateAlias'],
  ['DELETE', /^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)$/, 'DeleteAlias'],
];

async function callOf(request: IncomingMessage): Promise<LambdaCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const body = text === '' ? {} : (JSON.parse(text) as LambdaInput);
  const target = /^GraniteServiceVersion20100801\.(\w+)$/.exec(String(request.headers['x-amz-target']));
  if (target !== null) return { operation: target[1] ?? '', input: body };
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://lambda');
  for (const [method, route, operation] of ROUTES) {
    const [, FunctionName, Name] = request.method === method ? (route.exec(pathname) ?? []) : [];
    if (FunctionName === undefined) continue;
    const named = { FunctionName, ...(Name !== undefined && { Name }) };
    return { operation, input: { ...Object.fromEntries(searchParams), ...body, ...named } };
  }
  return { operation: `${request.method} ${pathname}`, input: body };
}

function send(response: ServerResponse, status: number, body: object, code?: string): void {
  const headers = {
    'content-type': 'application/json',
    ...(code !== undefined && { 'x-amzn-errortype': code }),
  };
  response.writeHead(status, headers);
  response.end(JSON.stringify(body));
}

/**
 * Lambda over HTTP as the model of @aws-sdk/client-lambda has it (restJson1), and CloudWatch's DescribeAlarms
 * (awsJson1_0), as far as a deploy of a function calls them: updates take time (of `now`), revisions are compared.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
 */
export async function startLambdaServer(now: () => number): Promise<LambdaServer> {
  const [faults, calls, state] = [new Faults(), [] as LambdaCall[], createLambdaState(now)];
  const denied = new Map<string, string>();

  function run({ operation, input }: LambdaCall): object {
    const action = LAMBDA_OPERATIONS[operation];
    if (action === undefined) throw new Refusal('UnknownOperationException', operation, 404);
    const refused = denied.get(operation);
    if (refused !== undefined) throw new Refusal('AccessDeniedException', refused, 403);
    return action(input, state);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await callOf(request);
    calls.push(call);
    const refuse = ({ status, code, message }: Pick<Refusal, 'status' | 'code' | 'message'>): void =>
      send(response, status, { Type: 'User', __type: code, message, Message: message }, code);
    if (!SIGNED.test(request.headers.authorization ?? ''))
      return refuse(new Refusal('MissingAuthenticationTokenException', 'not signed', 403));
    const fault = faults.take(call.operation);
    if (fault?.kind === 'error') return refuse({ ...fault, message: fault.message ?? '' });
    if (fault?.kind === 'stall') return;
    try {
      const body = fault?.kind === 'cut' && !fault.effect ? {} : run(call);
      await fault?.meanwhile?.();
      if (fault?.kind === 'cut') response.destroy();
      else send(response, 200, body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuse(error);
    }
  }

  const { url, close } = await listen((request, response) => {
    answer(request, response).catch((error: unknown) =>
      send(response, 500, { message: String(error) }, 'ServiceException'),
    );
  });
  return {
    ...{ url, close },
    ...{ state, calls, denied },
    count: (operation) => calls.filter((call) => call.operation === operation).length,
    fault: (fault) => faults.plan(fault),
  };
}
