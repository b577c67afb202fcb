import { hash } from 'node:crypto';
import type { AwsCredentials } from '../../../aws/request/credentials.ts';
import { type AwsService, endpointOf } from '../../../aws/request/endpoint.ts';
import { addressOf } from '../../../aws/request/signable-address.ts';
import { Signer } from '../../../aws/request/signature.ts';
import type { Clock } from '../../../clock.ts';
import { messageOf } from '../../../errors.ts';
import { cancelled } from '../../../kernel/cancelled.ts';
import { type JsonObject, parseObject } from '../../../kernel/json.ts';
import type { AwsAccess } from '../../kit/aws-access.ts';
import { deployUnavailable } from '../../kit/failures.ts';

interface Question {
  readonly service: Extract<AwsService, 'eks' | 'sts'>;
  readonly region: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly credentials: AwsCredentials;
  /** `eks:DescribeCluster of prod`, for messages. */
  readonly what: string;
}

interface Asking {
  readonly aws: AwsAccess;
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
}

/**
 * Reads something of AWS; what is no JSON comes as an empty object.
 * @throws LandfallError DEPLOY_UNAVAILABLE where nobody answers, CANCELLED
 */
export async function askAws(
  { service, region, path, query = {}, credentials, what }: Question,
  { aws, clock, signal }: Asking,
): Promise<{ readonly status: number; readonly answer: JsonObject }> {
  const url = new URL(path, aws.settings.endpoint ?? endpointOf(service, region, process.env));
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const asked = { method: 'GET', ...addressOf(url), headers: { accept: 'application/json' } };
  const headers = new Signer().sign(
    { ...asked, sha256: hash('sha256', ''), service, region, hashHeader: false },
    credentials,
    clock.now(),
  );
  const { request } = await import('../../http/http-client.ts');
  const sent = await request(url.href, { headers, signal }).catch((cause: unknown) => {
    if (signal.aborted) throw cancelled(what, signal);
    throw deployUnavailable(`${what}: ${messageOf(cause)}`, { cause });
  });
  return { status: sent.statusCode, answer: parseObject(await sent.body.text()) ?? {} };
}
