import { createAwsClient } from '../../../aws/request/client.ts';
import type { CredentialSource } from '../../../aws/request/credentials.ts';
import { type AwsService, endpointOf } from '../../../aws/request/endpoint.ts';
import { originOf } from '../../../aws/request/send.ts';
import type { Clock } from '../../../clock.ts';
import { type JsonObject, parseObject } from '../../../kernel/json.ts';
import type { AwsAccess } from '../../kit/aws-access.ts';

interface Question {
  readonly service: Extract<AwsService, 'eks' | 'sts'>;
  readonly region: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Asked before each try: what AWS says has ended is not given again. */
  readonly credentials: CredentialSource;
  /** `eks:DescribeCluster of prod`, for messages. */
  readonly what: string;
}

interface Asking {
  readonly aws: AwsAccess;
  readonly clock: Clock;
}

/**
 * Reads something of AWS; what is no JSON comes as an empty object.
 * @throws LandfallError as AwsAccess.call does
 */
export async function askAws(
  { service, region, path, query, credentials, what }: Question,
  { aws, clock }: Asking,
): Promise<JsonObject> {
  // One for all tries: it learns the time where this machine's is wrong.
  const client = createAwsClient({ credentials, clock, attempts: 1 });
  const { endpoint } = aws.settings;
  const origin = originOf(
    endpoint === undefined ? endpointOf(service, region, process.env) : new URL(endpoint),
  );
  const headers = { accept: 'application/json' };
  return aws.call(what, async ({ abortSignal: signal }) => {
    const { text } = await client.send({
      service,
      region,
      origin,
      method: 'GET',
      path,
      query,
      headers,
      signal,
    });
    return parseObject(text) ?? {};
  });
}
