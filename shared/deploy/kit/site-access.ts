import type { ArtifactId } from '../../model/ids.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import type { SiteBucket } from './site-bucket.ts';

/** Where a site is. */
export interface SitePlace {
  readonly bucket: string;
  /** Empty, or ends in a slash. */
  readonly prefix: string;
  /** Of what speaks as S3 does; absent: S3 itself. */
  readonly endpoint?: string | undefined;
}

interface SiteOwner {
  /** Whose site it is: no other deploy has it. */
  readonly owner: string;
  /** What files are put of; absent where none is. */
  readonly artifact?: ArtifactId;
}

/**
 * Opens a bucket for sites: below the place, a folder (empty, or with a slash at its end) is one.
 * @throws LandfallError DEPLOY_FAILED, CREDENTIAL_UNREADABLE where there is no way to it
 */
export type OpenSite = (place: SitePlace, owner: SiteOwner) => Promise<(folder: string) => SiteBucket>;

/** What a kind that puts files into buckets is given. */
export interface SiteAccess {
  /** Where it is kept what was put. */
  readonly objects: ObjectStore;
  readonly open: OpenSite;
}
