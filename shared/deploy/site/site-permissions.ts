import type { DeployOrigin, DeployPermission } from '../kit/permission.ts';
import type { SiteDocument } from './site-document.ts';

/** ARNs, of a document or of a construct. */
export interface SiteTargets {
  readonly bucket: string;
  /** Of the bucket: empty, or ends in a slash. */
  readonly prefix: string;
  /** Each release has a folder of its own. */
  readonly isSwitched: boolean;
  readonly keyValueStore?: string | undefined;
  /** Whose origin is moved. */
  readonly moved?: string | undefined;
  /** Whose caches are to forget. */
  readonly invalidated?: string | undefined;
}

/** A release is listed under its own prefix. */
const listed = ({ prefix, isSwitched }: SiteTargets): Pick<DeployPermission, 'conditions'> => {
  if (isSwitched) return { conditions: { StringLike: { 's3:prefix': `${prefix}releases/*` } } };
  return prefix === '' ? {} : { conditions: { StringEquals: { 's3:prefix': prefix } } };
};

/** Puts, looks and deletes in the site's folder alone; one store's key is moved, one distribution's caches forget. */
export function permissionsOfSite(arns: SiteTargets): readonly DeployPermission[] {
  const { bucket, prefix, keyValueStore, moved, invalidated } = arns;
  const permissions: DeployPermission[] = [
    {
      actions: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      resources: [`${bucket}/${prefix}*`],
    },
    { actions: ['s3:ListBucket'], resources: [bucket], ...listed(arns) },
  ];
  if (keyValueStore !== undefined)
    permissions.push({
      actions: [
        'cloudfront-keyvaluestore:DescribeKeyValueStore',
        'cloudfront-keyvaluestore:GetKey',
        'cloudfront-keyvaluestore:UpdateKeys',
      ],
      resources: [keyValueStore],
    });
  if (moved !== undefined)
    permissions.push({
      actions: ['cloudfront:GetDistribution', 'cloudfront:UpdateDistribution'],
      resources: [moved],
    });
  if (invalidated !== undefined)
    permissions.push({ actions: ['cloudfront:CreateInvalidation'], resources: [invalidated] });
  return permissions;
}

/** A folder of a bucket as keys begin in it. */
export const prefixOf = (folder: string | undefined): string => (folder === undefined ? '' : `${folder}/`);

/** What a deploy of a document may do. A bucket at an endpoint of its own is none of AWS's. */
export function sitePermissions(
  { bucket, prefix, endpoint, switch: moved, invalidate }: SiteDocument,
  { partition, account }: DeployOrigin,
): readonly DeployPermission[] {
  const distributionArn = (id: string): string =>
    `arn:${partition}:cloudfront::${account}:distribution/${id}`;
  const all = permissionsOfSite({
    bucket: `arn:${partition}:s3:::${bucket}`,
    prefix: prefixOf(prefix),
    isSwitched: moved !== undefined,
    ...(moved !== undefined && 'key' in moved && { keyValueStore: moved.keyValueStore }),
    ...(moved !== undefined && 'origin' in moved && { moved: distributionArn(moved.distribution) }),
    ...(invalidate !== undefined && { invalidated: distributionArn(invalidate.distribution) }),
  });
  return endpoint === undefined
    ? all
    : all.filter(({ actions }) => actions.every((action) => !action.startsWith('s3:')));
}
