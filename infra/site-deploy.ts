import type { IDistribution, IKeyValueStore } from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import { REVALIDATE } from '../shared/deploy/site/site.ts';
import { permissionsOfSite } from '../shared/deploy/site/site-permissions.ts';
import { LandfallError } from '../shared/errors.ts';
import { parseGlob } from '../shared/glob/glob.ts';
import type { AnyBucket } from './deploy/deploy-permissions.ts';
import { type DeployOptions, DeployWorker, folderPrefix } from './deploy/deploy-worker.ts';
import type { Permission } from './permission.ts';

export interface SiteDeployProps extends DeployOptions {
  /** Where the site is served from. It stays as it is: who may read it is not this construct's business. */
  readonly bucket: AnyBucket;
  /** The folder of the bucket that is the site. Default: all of it. */
  readonly prefix?: string;
  /** Globs over paths of the site, of files whose name changes with their content, e.g. `assets/**`: kept for a year. */
  readonly immutable?: readonly string[];
  /** Cache-Control of all other files but pages, which are `no-cache`. Default `no-cache`: asked about each time. */
  readonly cacheControl?: string;
  /**
   * Each release gets a prefix of its own, `releases/<digest>`, and this key of a CloudFront KeyValueStore says which is
   * served: a function of the distribution puts it in front of the path. No page ever mixes two revisions.
   */
  readonly switch?: { readonly keyValueStore: IKeyValueStore; readonly key: string };
  /** Paths that caches of a distribution are to forget once a revision is there, e.g. `/*`. Default: none, as pages are asked about each time. */
  readonly invalidate?: { readonly distribution: IDistribution; readonly paths: readonly string[] };
}

/** CloudFront's: what a key and an invalidation may be. */
const KEY_BYTES = 512;
const INVALIDATED_PATHS = 3_000;

const HEADER = /^[\x20-\x7e]{1,256}$/;

const invalid = (why: string, hint: string): LandfallError =>
  new LandfallError('CONFIG_INVALID', why, { hint });

/** Checked at synth, so that nothing is told of it only when a site is deployed. */
function checkSite(props: SiteDeployProps, prefix: string): void {
  const { name, bucket, landfall, books, cacheControl, immutable = [] } = props;
  if (bucket === landfall.bucket) {
    throw invalid(`deploy ${name}: the store is no place for a site`, 'Give a bucket of its own.');
  }
  if (books?.bucket === bucket && folderPrefix('prefix of books', books.prefix).startsWith(prefix)) {
    throw invalid(
      `deploy ${name}: its books would be served with the site`,
      'Give both a prefix of their own.',
    );
  }
  if (cacheControl !== undefined && !HEADER.test(cacheControl)) {
    throw invalid(`deploy ${name}: ${JSON.stringify(cacheControl)} is no header`, 'Write max-age=300.');
  }
  for (const glob of immutable) parseGlob(glob);
  checkCloudFront(props);
}

function checkCloudFront({ name, switch: moved, invalidate }: SiteDeployProps): void {
  if (moved !== undefined && (moved.key === '' || Buffer.byteLength(moved.key) > KEY_BYTES)) {
    throw invalid(`deploy ${name}: a key has 1 to ${KEY_BYTES} bytes`, 'Write site:current.');
  }
  if (invalidate === undefined) return;
  const { paths } = invalidate;
  if (paths.length === 0 || paths.length > INVALIDATED_PATHS || paths.some((path) => !path.startsWith('/'))) {
    const why = `deploy ${name}: invalidate wants 1 to ${INVALIDATED_PATHS} paths that begin with /`;
    throw invalid(why, 'Write /*, which counts as one.');
  }
}

const WHY = "A site's files are what its artifact has";

/** What the kind `site` may do, on the constructs that are given. */
function sitePermissionsOf(
  { bucket, switch: moved, invalidate }: SiteDeployProps,
  prefix: string,
): readonly Permission[] {
  const permissions = permissionsOfSite({
    bucket: bucket.bucketArn,
    prefix,
    isSwitched: moved !== undefined,
    keyValueStore: moved?.keyValueStore.keyValueStoreArn,
    invalidated: invalidate?.distribution.distributionArn,
  });
  return permissions.map((each) => ({
    ...each,
    ...(each.resources.some((resource) => resource.endsWith('*')) && { why: WHY }),
  }));
}

/**
 * Keeps a site in a bucket at what a source has: assets first, then pages, then what is gone, once a generation.
 * @throws LandfallError CONFIG_INVALID, PATH_REFUSED at synth
 */
export class SiteDeploy extends DeployWorker {
  constructor(scope: Construct, id: string, props: SiteDeployProps) {
    const {
      bucket,
      immutable = [],
      cacheControl = REVALIDATE,
      switch: moved,
      invalidate,
      ...options
    } = props;
    const prefix = folderPrefix(`deploy ${props.name}: prefix`, props.prefix);
    checkSite(props, prefix);
    super(scope, id, {
      ...options,
      module: 'deploy-site',
      description: `deploys ${props.source} to the site ${props.name}`,
      settings: {
        site: { bucket: bucket.bucketName, prefix },
        immutable,
        cacheControl,
        ...(moved !== undefined && {
          switch: { keyValueStore: moved.keyValueStore.keyValueStoreArn, key: moved.key },
        }),
        ...(invalidate !== undefined && {
          invalidate: { distribution: invalidate.distribution.distributionId, paths: invalidate.paths },
        }),
      },
      permissions: sitePermissionsOf(props, prefix),
      written: [bucket],
    });
  }
}
