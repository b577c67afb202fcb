import { S3Client as SdkClient } from '@aws-sdk/client-s3';
import type { Clock } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import { createS3Client, type S3Client } from '../s3/client.ts';
import { s3Guarded } from '../s3/error.ts';
import { type S3Target, s3TargetAt } from '../s3/target.ts';
import type { SdkAccess } from './call.ts';
import { givenBy } from './identity.ts';

/** AWS's own hosts have the bucket in front; others are mostly an address or a name without a wildcard. */
const isOwnEndpoint = (endpoint: string | undefined): boolean =>
  endpoint !== undefined && !/\.amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname);

/** An endpoint that a client was made with, or that the environment or the profile names. */
async function endpointOf({ config }: SdkClient): Promise<string | undefined> {
  const given = await config.endpoint?.();
  if (given === undefined) return config.serviceConfiguredEndpoint?.();
  const { protocol, hostname, port, path } = given;
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`;
}

interface SignedFor {
  readonly name: string;
  readonly signingRegion?: string;
}

/**
 * Where the SDK would send a bucket's requests: endpoint rules, partitions, FIPS and dual stack stay its business.
 * @throws LandfallError STORE_UNAVAILABLE without a region; NOT_SUPPORTED
 */
export async function sdkTarget(sdk: SdkClient, bucket: string): Promise<S3Target> {
  const { config } = sdk;
  const { url, properties } = await s3Guarded(`reach s3://${bucket}`, async () => {
    const endpoint = await endpointOf(sdk);
    return config.endpointProvider({
      Bucket: bucket,
      Region: await config.region(),
      ForcePathStyle: isOwnEndpoint(endpoint),
      UseFIPS: await config.useFipsEndpoint(),
      UseDualStack: await config.useDualstackEndpoint(),
      ...(endpoint !== undefined && { Endpoint: endpoint }),
    });
  });
  const schemes = (properties?.['authSchemes'] ?? []) as readonly SignedFor[];
  const { signingRegion } = schemes.find(({ name }) => name === 'sigv4') ?? {};
  if (signingRegion !== undefined) return s3TargetAt(url, signingRegion);
  throw new LandfallError('NOT_SUPPORTED', `s3://${bucket} is not reached by Signature Version 4`, {
    hint: 'Name a general purpose bucket, in one region.',
  });
}

/**
 * A bucket with region, endpoint and credentials as the SDK finds them: environment, profile, single sign-on, a machine's
 * role. Finding them is all it is asked for.
 * @param options what is known of them already
 */
export async function openS3BySdk(
  bucket: string,
  clock: Clock,
  {
    region,
    endpoint,
    credentials: given,
  }: Partial<Pick<SdkAccess, 'region' | 'endpoint' | 'credentials'>> = {},
): Promise<S3Client> {
  const sdk = new SdkClient({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(given !== undefined && { credentials: () => given() }),
  });
  const target = await sdkTarget(sdk, bucket);
  const credentials = given ?? givenBy(sdk.config.credentials);
  return createS3Client({ target, credentials, clock });
}
