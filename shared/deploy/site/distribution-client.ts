import {
  CloudFrontClient,
  CreateInvalidationCommand,
  GetDistributionCommand,
  UpdateDistributionCommand,
} from '@aws-sdk/client-cloudfront';
import type { AwsAccess } from '../kit/aws-access.ts';
import { awsCode, deployFailed } from '../kit/failures.ts';
import type { SwitchKey } from './site-switch.ts';
import { targetAccess } from './target-access.ts';

type Access = Pick<AwsAccess, 'settings' | 'call'>;

/** CloudFront is asked in one region. */
const CLOUDFRONT_REGION = 'us-east-1';

const clientOf = ({ settings }: Access): CloudFrontClient =>
  new CloudFrontClient({ ...settings, region: CLOUDFRONT_REGION });

/** What is asked of a distribution's caches: at most 3,000 paths; `/*` counts as one. */
export interface Invalidation {
  /** `E2EXAMPLE` */
  readonly distribution: string;
  readonly paths: readonly string[];
  /** The same twice is one invalidation. */
  readonly reference: string;
}

/**
 * Has caches forget paths. Its end is not waited for: CloudFront tells nobody of it but who asks.
 * @throws LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE
 */
export async function invalidate(
  { distribution, paths, reference }: Invalidation,
  access: Access,
): Promise<void> {
  const client = clientOf(access);
  const Paths = { Quantity: paths.length, Items: [...paths] };
  const command = new CreateInvalidationCommand({
    DistributionId: distribution,
    InvalidationBatch: { CallerReference: reference, Paths },
  });
  const what = `distribution ${distribution}: cannot invalidate ${paths.length} paths`;
  try {
    await targetAccess(access).call(what, (options) => client.send(command, options));
  } finally {
    client.destroy();
  }
}

/** Somebody else changed the distribution since it was read: it is read again. */
const LOST: ReadonlySet<string> = new Set(['PreconditionFailed', 'InvalidIfMatchVersion']);
const RACES = 5;

/**
 * The path of an origin of a distribution, as a key. All else of the distribution stays as it is; CloudFront takes minutes
 * to bring it everywhere.
 * @param origin its id in the distribution
 * @see https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html
 */
export function openOriginPath(
  { distribution, origin }: { readonly distribution: string; readonly origin: string },
  access: Access,
): SwitchKey {
  const client = clientOf(access);
  const { call } = targetAccess(access);
  const what = (verb: string): string =>
    `origin ${origin} of distribution ${distribution}: cannot ${verb} its path`;

  async function readAll() {
    const command = new GetDistributionCommand({ Id: distribution });
    const { ETag, Distribution } = await call(what('read'), (options) => client.send(command, options));
    const config = Distribution?.DistributionConfig;
    const origins = config?.Origins?.Items ?? [];
    const found = origins.find(({ Id }) => Id === origin);
    if (config === undefined || found === undefined) {
      const there = origins.map(({ Id }) => Id).join(', ') || 'nothing';
      throw deployFailed(`distribution ${distribution} has no origin ${origin}, but ${there}`, {
        hint: 'Correct the origin in the deploy: it is the id, not the domain.',
      });
    }
    return { ETag, config, found, origins, status: Distribution?.Status };
  }

  async function tryMove(path: string): Promise<void> {
    const { ETag, config, found, origins } = await readAll();
    if (found.OriginPath === path) return;
    const Items = origins.map((each) => (each === found ? { ...each, OriginPath: path } : each));
    const command = new UpdateDistributionCommand({
      Id: distribution,
      IfMatch: ETag,
      DistributionConfig: { ...config, Origins: { Quantity: Items.length, Items } },
    });
    await call(what('move'), (options) => client.send(command, options));
  }

  return {
    read: async () => {
      const path = (await readAll()).found.OriginPath ?? '';
      return path === '' ? undefined : path.slice(1);
    },
    move: async (value) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await tryMove(`/${value}`);
        } catch (error) {
          if (!LOST.has(awsCode(error) ?? '') || attempt === RACES) throw error;
        }
      }
    },
    isInForce: async () => (await readAll()).status === 'Deployed',
  };
}
