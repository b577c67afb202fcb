import { parseObject } from '../../kernel/json.ts';
import { AWS_TIMEOUT_MS } from '../../limits.ts';
import { type AwsClientOptions, createAwsClient } from './client.ts';
import { type AwsService, endpointOf } from './endpoint.ts';
import { AwsFailure } from './failure.ts';
import { originOf } from './send.ts';

export interface JsonCall {
  readonly service: AwsService;
  /** `AmazonSQS.SendMessageBatch`. */
  readonly target: string;
  readonly input: unknown;
  /** Default: the client's. */
  readonly region?: string | undefined;
  /** Default: the service's in the region. */
  readonly endpoint?: URL | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The calls that a cold start waits for, by AWS's JSON protocol; all others are the SDK's. */
export interface JsonClient {
  /** @throws AwsFailure; LandfallError of what the credentials come from; the signal's reason */
  call(call: JsonCall): Promise<Readonly<Record<string, unknown>>>;
}

export interface JsonClientOptions extends AwsClientOptions {
  readonly region: string;
  /** Where the SDKs' endpoint variables are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** SQS alone speaks 1.0. @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
const versionOf = (service: AwsService): string => (service === 'sqs' ? '1.0' : '1.1');

/** Gives a call up after 10 s, and tries it four times. */
export function createJsonClient({ region: here, env, ...options }: JsonClientOptions): JsonClient {
  const client = createAwsClient({ timeoutMs: AWS_TIMEOUT_MS, ...options });
  return {
    call: async ({ service, target, input, region = here, endpoint, signal }) => {
      const { text } = await client.send({
        service,
        region,
        signal,
        method: 'POST',
        path: '/',
        origin: originOf(endpoint ?? endpointOf(service, region, env)),
        headers: { 'content-type': `application/x-amz-json-${versionOf(service)}`, 'x-amz-target': target },
        body: Buffer.from(JSON.stringify(input)),
      });
      const value = text === '' ? {} : parseObject(text);
      if (value !== undefined) return value;
      throw new AwsFailure({ code: 'answer is not JSON', status: 500 });
    },
  };
}
