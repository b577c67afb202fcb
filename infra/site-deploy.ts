import type { Construct } from 'constructs';
import { REVALIDATE } from '../shared/deploy/site/site.ts';
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
}

const HEADER = /^[\x20-\x7e]{1,256}$/;

const invalid = (why: string, hint: string): LandfallError =>
  new LandfallError('CONFIG_INVALID', why, { hint });

/** Checked at synth, so that nothing is told of it only when a site is deployed. */
function checkSite(
  { name, bucket, landfall, books, cacheControl, immutable = [] }: SiteDeployProps,
  prefix: string,
): void {
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
}

/** Puts, looks and deletes in the site's folder alone. */
const sitePermissions = (bucket: AnyBucket, prefix: string): readonly Permission[] => [
  {
    actions: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
    resources: [bucket.arnForObjects(`${prefix}*`)],
    why: "A site's files are what its artifact has",
  },
  {
    actions: ['s3:ListBucket'],
    resources: [bucket.bucketArn],
    ...(prefix !== '' && { conditions: { StringEquals: { 's3:prefix': prefix } } }),
  },
];

/**
 * Keeps a site in a bucket at what a source has: assets first, then pages, then what is gone, once a generation.
 * @throws LandfallError CONFIG_INVALID, PATH_REFUSED at synth
 */
export class SiteDeploy extends DeployWorker {
  constructor(scope: Construct, id: string, props: SiteDeployProps) {
    const { bucket, immutable = [], cacheControl = REVALIDATE, ...options } = props;
    const prefix = folderPrefix(`deploy ${props.name}: prefix`, props.prefix);
    checkSite(props, prefix);
    super(scope, id, {
      ...options,
      module: 'deploy-site',
      description: `deploys ${props.source} to the site ${props.name}`,
      settings: { site: { bucket: bucket.bucketName, prefix }, immutable, cacheControl },
      permissions: sitePermissions(bucket, prefix),
      written: [bucket],
    });
  }
}
