import { env } from 'node:process';
import type { S3Root } from '../../../shared/aws/s3/root.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { DeployDeps } from '../../../shared/deploy/visit/deploy-request.ts';
import type { DeployStore } from '../../../shared/deploy/visit/deployer.ts';
import { isPacked } from '../../../shared/model/packed.ts';

interface KindSites {
  /** Of the store, and of what has no region of its own. */
  readonly region: string;
  readonly store: S3Root;
  readonly deploys: Pick<DeployStore, 'artifacts'>;
}

/**
 * Buckets for sites. S3 copies from the store itself where one and the same may read there and write here; else the bytes
 * pass through the function, which may read the store, as whoever the deploy is.
 */
export const kindSites =
  ({ region, store, deploys }: KindSites): NonNullable<DeployDeps['sites']> =>
  ({ role }, aws) =>
  async (place, owner) => {
    const clock = systemClock;
    const [{ siteClient, openSites }, { copiedFrom }, { uploadedFrom }] = await Promise.all([
      import('../../../shared/aws/s3/open-site.ts'),
      import('../../../shared/aws/s3/site/site-file.ts'),
      import('../../../shared/aws/s3/site/site-upload.ts'),
    ]);
    const { region: at = region, settings } = aws;
    const { credentials = store.client.credentials } = settings;
    const isCopied = role === undefined && place.endpoint === undefined && at === region;
    const open = openSites({
      clock,
      clientOf: (each) => siteClient(each, { region: at, credentials, clock, env }),
      putOf: (_, artifact) =>
        isCopied && !isPacked(artifact)
          ? copiedFrom(store, artifact)
          : uploadedFrom(deploys.artifacts, artifact),
    });
    return open(place, owner);
  };
