import type { Clock } from '../../clock.ts';
import type { OpenSite, SitePlace } from '../../deploy/kit/site-access.ts';
import { LandfallError } from '../../errors.ts';
import type { ArtifactId } from '../../model/ids.ts';
import type { CredentialSource } from '../request/credentials.ts';
import { createS3Client, type S3Client } from './client.ts';
import { s3SiteBucket } from './site/site-bucket.ts';
import type { PutSiteFile } from './site/site-file.ts';
import { s3TargetAt, s3TargetOf } from './target.ts';

export interface OpenSiteDeps {
  readonly clientOf: (place: SitePlace) => S3Client | Promise<S3Client>;
  /** How files of an artifact come to a place. */
  readonly putOf: (place: SitePlace, artifact: ArtifactId) => PutSiteFile;
  readonly clock: Clock;
}

const putNothing: PutSiteFile = async (_, { path }) => {
  throw new LandfallError('INTERNAL', `${path} is of no artifact`);
};

/** Opens buckets for the kind `site`, each with a client of its own. */
export const openSites =
  ({ clientOf, putOf, clock }: OpenSiteDeps): OpenSite =>
  async (place, { owner, artifact }) => {
    const { bucket, prefix } = place;
    const client = await clientOf(place);
    const put = artifact === undefined ? putNothing : putOf(place, artifact);
    return (folder) =>
      s3SiteBucket({ site: { bucket, prefix: `${prefix}${folder}`, client, clock }, put, owner });
  };

interface SiteClient {
  readonly region: string;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A client of a bucket where the environment says how AWS is reached; an endpoint of the place's own has it in its path. */
export function siteClient(
  { bucket, endpoint }: SitePlace,
  { region, credentials, clock, env }: SiteClient,
): S3Client {
  const target =
    endpoint === undefined
      ? s3TargetOf({ bucket, region, env })
      : s3TargetAt(new URL(`${endpoint.replace(/\/$/, '')}/${bucket}`), region);
  return createS3Client({ target, credentials, clock });
}
