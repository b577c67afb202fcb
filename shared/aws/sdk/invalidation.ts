import { CloudFrontClient, CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import type { CallOptions } from '../../kernel/call-options.ts';
import { callSdk, type SdkAccess, sdkSettings } from './call.ts';
import { deployFailure } from './deploy-failure.ts';

/** What is asked of a distribution's caches: at most 3,000 paths; `/*` counts as one. */
export interface Invalidation {
  /** `E2EXAMPLE` */
  readonly distribution: string;
  readonly paths: readonly string[];
  /** The same twice is one invalidation. */
  readonly reference: string;
}

/** CloudFront is asked in one region. */
const CLOUDFRONT_REGION = 'us-east-1';

/**
 * Has caches forget paths. Its end is not waited for: CloudFront tells nobody of it but who asks.
 * @throws LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE
 */
export async function invalidate(
  { distribution, paths, reference }: Invalidation,
  access: SdkAccess,
  { signal }: CallOptions = {},
): Promise<void> {
  const client = new CloudFrontClient(sdkSettings({ ...access, region: CLOUDFRONT_REGION }));
  const Paths = { Quantity: paths.length, Items: [...paths] };
  const command = new CreateInvalidationCommand({
    DistributionId: distribution,
    InvalidationBatch: { CallerReference: reference, Paths },
  });
  try {
    await callSdk(access, (options) => client.send(command, options), signal);
  } catch (error) {
    throw deployFailure(
      error,
      `distribution ${distribution}: cannot invalidate ${paths.length} paths`,
      signal,
    );
  } finally {
    client.destroy();
  }
}
