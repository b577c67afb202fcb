import { formatS3Location } from '../shared/aws/s3/location.ts';
import type { S3Root } from '../shared/aws/s3/root.ts';
import { s3SiteBucket } from '../shared/aws/s3/site/site-bucket.ts';
import type { PutSiteFile } from '../shared/aws/s3/site/site-file.ts';
import type { SdkAccess } from '../shared/aws/sdk/call.ts';
import type { SiteSettings } from '../shared/deploy/site/site.ts';
import { deploySite, type SiteRequest, type SiteResult } from '../shared/deploy/site/site-deployer.ts';
import type { ObjectStore } from '../shared/store/object-store.ts';

/** What a site says beside where it is. */
export interface SiteOptions extends SiteSettings {
  /** Each release has a prefix of its own, and this key of a CloudFront KeyValueStore says which is served. */
  readonly switch?: { readonly keyValueStore: string; readonly key: string } | undefined;
  /** What caches of a distribution are to forget once the site is what it is to be. Default: nothing. */
  readonly invalidate?: { readonly distribution: string; readonly paths: readonly string[] } | undefined;
}

export interface ApplySiteDeps {
  /** Where the site is. */
  readonly site: S3Root;
  /** Whose site it is: no other deploy has it. */
  readonly owner: string;
  /** How files come there from the store. */
  readonly put: PutSiteFile;
  readonly objects: ObjectStore;
  readonly sdk: SdkAccess;
  /** @throws LandfallError STORE_CONFLICT */
  readonly assertHeld: () => void;
}

async function putSite(request: SiteRequest, options: SiteOptions, deps: ApplySiteDeps): Promise<SiteResult> {
  const { site, owner, put, objects, sdk, assertHeld } = deps;
  if (options.switch === undefined) {
    const bucket = s3SiteBucket({ site, put, owner });
    return deploySite(request, { site: bucket, settings: options, objects, assertHeld });
  }
  // Loaded by who switches: signing for every region takes an implementation of its own.
  const { openSwitchKey } = await import('../shared/aws/sdk/key-value-store.ts');
  const { switchSite } = await import('../shared/deploy/site/site-switch.ts');
  const { keyValueStore, key } = options.switch;
  const releaseAt = (folder: string) =>
    s3SiteBucket({ site: { ...site, prefix: `${site.prefix}${folder}` }, put, owner });
  return switchSite(request, {
    prefix: site.prefix,
    place: formatS3Location(site),
    releaseAt,
    key: openSwitchKey(keyValueStore, key, sdk),
    settings: options,
    objects,
    assertHeld,
  });
}

/**
 * Brings a site to what an artifact has, file by file or by a switch, and then invalidates what it was told to.
 * @throws LandfallError as deploySite and switchSite do
 */
export async function applySite(
  request: SiteRequest,
  options: SiteOptions,
  deps: ApplySiteDeps,
): Promise<SiteResult> {
  const result = await putSite(request, options, deps);
  if (options.invalidate === undefined) return result;
  const { invalidate } = await import('../shared/aws/sdk/invalidation.ts');
  const { deploy, source, generation, record, signal } = request;
  const reference = [deploy, source.namespace, source.name, generation, record.digest].join('/');
  await invalidate({ ...options.invalidate, reference }, deps.sdk, { signal });
  return result;
}
