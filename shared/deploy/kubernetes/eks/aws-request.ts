import type { Clock } from '../../../clock.ts';
import { cancelled } from '../../../kernel/cancelled.ts';
import { type JsonObject, parseObject } from '../../../kernel/json.ts';
import type { AwsAccess } from '../../kit/aws-access.ts';
import { deployUnavailable } from '../../kit/failures.ts';
import { headersWithSignature, type SignatureKeys } from './aws-signature.ts';

type Service = 'eks' | 'sts';

interface Question {
  readonly service: Service;
  readonly region: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly keys: SignatureKeys;
  /** `eks:DescribeCluster of prod`, for messages. */
  readonly what: string;
}

interface Asking {
  readonly aws: AwsAccess;
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
}

/** Where a service is in a region. China's domain is its own. */
export const serviceHost = (service: Service, region: string): string =>
  `${service}.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`;

const VARIABLES = { eks: 'AWS_ENDPOINT_URL_EKS', sts: 'AWS_ENDPOINT_URL_STS' } as const;

/**
 * Reads something of AWS; what is no JSON comes as an empty object.
 * @throws LandfallError DEPLOY_UNAVAILABLE where nobody answers, CANCELLED
 */
export async function askAws(
  { service, region, path, query = {}, keys, what }: Question,
  { aws, clock, signal }: Asking,
): Promise<{ readonly status: number; readonly answer: JsonObject }> {
  const own = aws.settings.endpoint ?? process.env[VARIABLES[service]] ?? process.env['AWS_ENDPOINT_URL'];
  const { origin, host } = new URL(own ?? `https://${serviceHost(service, region)}`);
  const headers = { accept: 'application/json' };
  const signed = { host, path, query, headers, service, region, at: clock.now(), keys };
  const { request } = await import('../../http/http-client.ts');
  const search = new URLSearchParams(query).toString();
  const url = `${origin}${path}${search === '' ? '' : `?${search}`}`;
  const sent = await request(url, { headers: headersWithSignature(signed), signal }).catch(
    (cause: unknown) => {
      if (signal.aborted) throw cancelled(what, signal);
      throw deployUnavailable(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    },
  );
  return { status: sent.statusCode, answer: parseObject(await sent.body.text()) ?? {} };
}
