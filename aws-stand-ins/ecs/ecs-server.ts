import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Fault, Faults } from '../fault.ts';
import { listen } from '../listen.ts';
import { Refusal } from '../refusal.ts';
import { begin, ECS_OPERATIONS, registerTaskDefinition } from './ecs-operations.ts';
import {
  advanceAll,
  arnOf,
  createEcsState,
  type EcsState,
  type FakeService,
  type Json,
} from './ecs-state.ts';

interface EcsCall {
  readonly operation: string;
  readonly input: Json;
}

export interface EcsServer {
  readonly state: EcsState;
  readonly url: string;
  close(): Promise<void>;
  readonly calls: readonly EcsCall[];
  /** Of one operation. */
  count(operation: string): number;
  fault(fault: Fault): void;
  /** One step of every deployment. */
  advance(steps?: number): void;
  /** A service that has run its first task definition for a while. */
  serve(service: {
    readonly cluster: string;
    readonly name: string;
    readonly definition: Json;
    readonly tags?: readonly Json[];
  }): FakeService;
  /** Somebody else rolls a service to a task definition. */
  roll(service: FakeService, taskDefinition: string): void;
}

const TARGET = /^AmazonEC2ContainerServiceV20141113\.(\w+)$/;
const SIGNED = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[^/]+\/ecs\/aws4_request, ?SignedHeaders=/;

async function bodyOf(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Json;
}

function send(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}

const sendError = (
  response: ServerResponse,
  { status, code, message }: Pick<Refusal, 'status' | 'code' | 'message'>,
) => send(response, status, { __type: code, message });

/**
 * ECS over HTTP as the model of @aws-sdk/client-ecs has it (awsJson1_1, dates in seconds), as far as a deploy of a
 * service calls it, with faults. Deployments move only with `advance`.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
 */
export async function startEcsServer(): Promise<EcsServer> {
  const [faults, calls, state] = [new Faults(), [] as EcsCall[], createEcsState()];
  const now = (): number => Date.UTC(2026, 10, 29) + calls.length;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, operation = ''] = TARGET.exec(String(request.headers['x-amz-target'])) ?? [];
    const input = await bodyOf(request);
    calls.push({ operation, input });
    const run = ECS_OPERATIONS[operation];
    if (run === undefined) return sendError(response, new Refusal('UnknownOperationException', operation));
    if (!SIGNED.test(request.headers.authorization ?? ''))
      return sendError(response, new Refusal('MissingAuthenticationToken', 'not signed', 403));
    const fault = faults.take(operation);
    if (fault?.kind === 'error') return sendError(response, { ...fault, message: fault.message ?? '' });
    if (fault?.kind === 'stall') return;
    try {
      if (fault?.kind === 'cut') {
        if (fault.effect) run(input, state, now());
        await fault.meanwhile?.();
        response.destroy();
        return;
      }
      send(response, 200, run(input, state, now()));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      sendError(response, error);
    }
  }

  const { url, close } = await listen((request, response) => {
    answer(request, response).catch((error: unknown) =>
      sendError(response, new Refusal('ServerException', String(error), 500)),
    );
  });
  return {
    ...{ state, url, close },
    calls,
    count: (operation) => calls.filter((call) => call.operation === operation).length,
    fault: (fault) => faults.plan(fault),
    advance: (steps = 1) => {
      for (let step = 0; step < steps; step += 1) advanceAll(state, now());
    },
    serve: ({ cluster, name, definition, tags = [] }) => {
      const request = { ...definition, ...(tags.length > 0 && { tags }) };
      const registered = registerTaskDefinition(request, state, now())['taskDefinition'] as Json;
      const service: FakeService = {
        ...{ name, cluster, arn: arnOf('service', cluster, name) },
        ...{ status: 'ACTIVE', controller: 'ECS', strategy: 'ROLLING', taskDefinition: '', deployments: [] },
      };
      state.services.set(`${cluster}/${name}`, service);
      begin(service, String(registered['taskDefinitionArn']), state, now()).status = 'SUCCESSFUL';
      return service;
    },
    roll: (service, taskDefinition) => {
      begin(service, taskDefinition, state, now());
    },
  };
}
