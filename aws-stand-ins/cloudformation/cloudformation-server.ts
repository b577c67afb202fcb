import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Fault, Faults } from '../fault.ts';
import { listen } from '../listen.ts';
import { Refusal } from '../refusal.ts';
import { formatAnswer, formatRefusal, parseQuery, type QueryInput } from './query-protocol.ts';
import { STACK_OPERATIONS } from './stack-operations.ts';
import { createStackState, type FakeStack, findStack, type StackState, settle } from './stack-state.ts';

interface CloudFormationCall {
  readonly operation: string;
  readonly input: QueryInput;
}

export interface CloudFormationServer {
  readonly url: string;
  close(): Promise<void>;
  readonly state: StackState;
  readonly calls: readonly CloudFormationCall[];
  /** Of one operation. */
  count(operation: string): number;
  fault(fault: Fault): void;
  /** What is refused with AccessDenied, by operation. */
  readonly denied: Map<string, string>;
  /** As it is by now; undefined where there is none. */
  stack(name: string): FakeStack | undefined;
}

const SIGNED =
  /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[^/]+\/cloudformation\/aws4_request, ?SignedHeaders=/;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(body);
}

/**
 * CloudFormation over HTTP as the model of @aws-sdk/client-cloudformation has it (awsQuery, XML), as far as a deploy of a
 * stack calls it: change sets and their execution take time (of `now`), reads may be stale, resources may fail.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
 */
export async function startCloudFormation(now: () => number): Promise<CloudFormationServer> {
  const [faults, calls, state] = [new Faults(), [] as CloudFormationCall[], createStackState(now)];
  const denied = new Map<string, string>();

  function run({ operation, input }: CloudFormationCall): string {
    const action = STACK_OPERATIONS[operation];
    if (action === undefined) throw new Refusal('InvalidAction', operation);
    const refused = denied.get(operation);
    if (refused !== undefined) throw new Refusal('AccessDenied', refused, 403);
    return formatAnswer(operation, action(input, state));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = parseQuery(await bodyOf(request));
    calls.push(call);
    settle(state);
    const refuse = ({ status, code, message }: Pick<Refusal, 'status' | 'code' | 'message'>): void =>
      send(response, status, formatRefusal(code, message));
    if (!SIGNED.test(request.headers.authorization ?? ''))
      return refuse(new Refusal('MissingAuthenticationToken', 'not signed', 403));
    const fault = faults.take(call.operation);
    if (fault?.kind === 'error') return refuse({ ...fault, message: fault.message ?? '' });
    if (fault?.kind === 'body') return send(response, fault.status ?? 200, fault.text);
    if (fault?.kind === 'stall') return;
    try {
      const body = fault?.kind === 'cut' && !fault.effect ? '' : run(call);
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
      send(response, 500, formatRefusal('InternalFailure', String(error))),
    );
  });
  return {
    ...{ url, close },
    ...{ state, calls, denied },
    count: (operation) => calls.filter((call) => call.operation === operation).length,
    fault: (fault) => faults.plan(fault),
    stack: (name) => {
      settle(state);
      return findStack(state, name);
    },
  };
}
