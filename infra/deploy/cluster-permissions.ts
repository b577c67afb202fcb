import type { DeployOrigin } from '../../shared/deploy/kit/permission.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { memberName } from '../../shared/source/deploys/deploy-members.ts';
import { ledgerKey, runsKey } from '../../shared/store/layout.ts';
import type { Permission } from '../permission.ts';
import type { AnyBucket } from './deploy-permissions.ts';

interface Where {
  readonly origin: DeployOrigin;
  /** Of the store. */
  readonly bucket: AnyBucket;
  readonly source: SourceId;
}

/**
 * What a deploy over clusters by their tags may do beside what all may: look them up, reach those that have the tags, and take
 * away what it keeps of one that has gone. With a role of its own the first two are that role's to have.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html
 */
export function clusterPermissions(
  { name, clusters, role, region, prune = false }: DeployEntry,
  { origin: { partition, account, region: here }, bucket, source }: Where,
): readonly Permission[] {
  if (clusters === undefined) return [];
  const regions = clusters.regions ?? [region ?? here];
  const tags = Object.entries(clusters.tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]);
  const found: readonly Permission[] = [
    {
      actions: ['tag:GetResources'],
      resources: ['*'],
      why: 'It has no resource: who looks for tags sees which resources have them',
    },
    {
      actions: ['eks:DescribeCluster'],
      resources: regions.map((each) => `arn:${partition}:eks:${each}:${account}:cluster/*`),
      // What was deployed is to be taken away from one that has lost its tags, or is no more, too.
      ...(!prune && { conditions: { StringEquals: Object.fromEntries(tags) } }),
      why: 'Which clusters have the tags, or had them, is known only when it runs',
    },
  ];
  const members = memberName(name, '*');
  const kept: Permission = {
    actions: ['s3:DeleteObject'],
    resources: [ledgerKey(members, source), runsKey(members, source)].map((key) => bucket.arnForObjects(key)),
    why: 'What it keeps of a cluster goes with it',
  };
  return [...(role === undefined ? found : []), ...(prune ? [kept] : [])];
}
