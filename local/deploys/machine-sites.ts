import type { Clock } from '../../shared/clock.ts';
import type { DeployDeps } from '../../shared/deploy/visit/deploy-request.ts';
import type { DeployStore } from '../../shared/deploy/visit/deployer.ts';

interface MachineSites {
  readonly store: Pick<DeployStore, 'artifacts'>;
  readonly clock: Clock;
}

/** Buckets for sites of this machine: files are read here and put there, as whoever the deploy is at AWS. */
export const machineSites =
  ({ store, clock }: MachineSites): NonNullable<DeployDeps['sites']> =>
  (_, { region, settings: { credentials } }) =>
  async (place, owner) => {
    // The SDK finds region and endpoint: it is loaded when it is first wanted.
    const [{ openS3BySdk }, { openSites }, { uploadedFrom }] = await Promise.all([
      import('../../shared/aws/sdk/s3.ts'),
      import('../../shared/aws/s3/open-site.ts'),
      import('../../shared/aws/s3/site/site-upload.ts'),
    ]);
    const open = openSites({
      clock,
      clientOf: ({ bucket, endpoint }) => openS3BySdk(bucket, clock, { region, endpoint, credentials }),
      putOf: (_place, artifact) => uploadedFrom(store.artifacts, artifact),
    });
    return open(place, owner);
  };
