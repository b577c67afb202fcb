import { PutObjectCommand, S3Client as SdkClient } from '@aws-sdk/client-s3';
import type { Clock } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import { createS3Client, type S3Client } from './client.ts';
import { s3Guarded } from './error.ts';
import { type S3Target, s3TargetAt } from './target.ts';

export interface SdkOptions {
  /** Left out: as the SDK finds it (environment, profile). */
  readonly region?: string;
  /** For an S3 of one's own; buckets then are in the path. Left out: AWS_ENDPOINT_URL_S3, or AWS. */
  readonly endpoint?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** AWS's own hosts have the bucket in front; others are mostly an address or a name without a wildcard. */
const isOwnEndpoint = (endpoint: string | undefined): boolean =>
  endpoint !== undefined && !/\.amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname);

/** The SDK's own client, as it finds itself a region and credentials. */
export function openSdk({ region, endpoint, credentials }: SdkOptions = {}): SdkClient {
  const environment = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  return new SdkClient({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
    forcePathStyle: isOwnEndpoint(endpoint ?? environment),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

/** What is read of the SDK's request; its type is of a package that is not ours to import. */
interface SignedRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const PROBE = 'probe';
const SCOPE = /Credential=[^/]+\/\d{8}\/([^/]+)\/s3\/aws4_request/;

function targetIn({ protocol, hostname, port, path, headers }: SignedRequest): S3Target | undefined {
  const [, region] = SCOPE.exec(headers['authorization'] ?? '') ?? [];
  if (region === undefined || !path.endsWith(`/${PROBE}`)) return undefined;
  const origin = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
  return s3TargetAt(new URL(`${origin}${path.slice(0, -PROBE.length)}`), region);
}

/**
 * Asks the SDK once, by having it sign a PUT that is then not sent: endpoint rules, partitions, FIPS and dual stack stay
 * its business. @throws LandfallError STORE_DENIED without credentials, STORE_UNAVAILABLE without a region; NOT_SUPPORTED
 */
export async function sdkTarget(sdk: SdkClient, bucket: string): Promise<S3Target> {
  let seen: SignedRequest | undefined;
  const command = new PutObjectCommand({ Bucket: bucket, Key: PROBE, Body: PROBE });
  command.middlewareStack.add(
    () => async (args) => {
      seen = args.request as SignedRequest;
      return { response: {}, output: { $metadata: {} } };
    },
    { step: 'finalizeRequest', priority: 'low', name: 'landfallTarget' },
  );
  await s3Guarded(`reach s3://${bucket}`, () => sdk.send(command));
  const target = seen === undefined ? undefined : targetIn(seen);
  if (target !== undefined) return target;
  throw new LandfallError('NOT_SUPPORTED', `s3://${bucket} is not reached by Signature Version 4`, {
    hint: 'Name a general purpose bucket, in one region.',
  });
}

/**
 * A bucket with region, endpoint and credentials as the SDK finds them: environment, profile, single sign-on, a machine's
 * role. Finding them is all it is asked for; on Lambda they are in the environment, and the SDK is not in the bundles.
 */
export async function openS3BySdk(bucket: string, clock: Clock): Promise<S3Client> {
  const sdk = openSdk();
  const target = await sdkTarget(sdk, bucket);
  const credentials = async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await sdk.config.credentials();
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  };
  return createS3Client({ target, credentials, clock });
}
