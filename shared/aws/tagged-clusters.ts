import { LandfallError } from '../errors.ts';
import { isObject } from '../kernel/json.ts';
import { KUBERNETES_CLUSTERS } from '../limits.ts';
import type { FoundCluster } from '../source/clusters/found-clusters.ts';
import type { ClusterSelector } from '../source/deploy-entry.ts';
import { AwsFailure, formatFailure } from './request/failure.ts';
import { failureHint, isPassing } from './request/failure-kind.ts';
import type { JsonClient } from './request/json.ts';

interface Search {
  readonly client: JsonClient;
  /** Where they are looked for where the selector names no region. */
  readonly region: string;
  readonly signal?: AbortSignal | undefined;
}

const TARGET = 'ResourceGroupsTaggingAPI_20170126.GetResources';
const PAGE = 100;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** `arn:aws:eks:eu-central-1:111122223333:cluster/prod`, with its tags; undefined where it is none. */
function clusterOf(mapping: unknown): FoundCluster | undefined {
  if (!isObject(mapping)) return undefined;
  const [, region, name] =
    /^arn:[^:]+:eks:([^:]+):\d+:cluster\/([^/]+)$/.exec(textOf(mapping['ResourceARN'])) ?? [];
  if (region === undefined || name === undefined) return undefined;
  const tags = listOf(mapping['Tags']).flatMap((tag) =>
    isObject(tag) ? [[textOf(tag['Key']), textOf(tag['Value'])] as const] : [],
  );
  return { name, region, tags: Object.fromEntries(tags) };
}

function searchFailure(region: string, error: unknown): unknown {
  if (!(error instanceof AwsFailure)) return error;
  const code = isPassing(error) ? 'DEPLOY_UNAVAILABLE' : 'DEPLOY_FAILED';
  const told = `clusters by tags in ${region}, tag:GetResources: ${formatFailure(error)}`;
  return new LandfallError(code, told, { ...failureHint(error), cause: error });
}

/**
 * Clusters of EKS that have all of these tags: a request a region and 100 of them, by the right `tag:GetResources` alone.
 * @throws LandfallError DEPLOY_UNAVAILABLE, DEPLOY_FAILED, also where there are more than a deploy may have
 * @see https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
 */
export async function taggedClusters(
  { tags, regions }: ClusterSelector,
  { client, region: here, signal }: Search,
): Promise<readonly FoundCluster[]> {
  const found = new Map<string, FoundCluster>();
  const TagFilters = Object.entries(tags).map(([Key, value]) => ({ Key, Values: [value] }));
  for (const region of regions ?? [here])
    for (let page = 0, PaginationToken = ''; page === 0 || PaginationToken !== ''; page += 1) {
      const input = {
        ResourceTypeFilters: ['eks:cluster'],
        ResourcesPerPage: PAGE,
        TagFilters,
        ...(PaginationToken !== '' && { PaginationToken }),
      };
      const answer = await client
        .call({ service: 'tagging', target: TARGET, input, region, signal })
        .catch((error: unknown) => {
          throw searchFailure(region, error);
        });
      for (const mapping of listOf(answer['ResourceTagMappingList'])) {
        const cluster = clusterOf(mapping);
        if (cluster !== undefined) found.set(`${cluster.region} ${cluster.name}`, cluster);
      }
      // None of them is left out: what is not among them is pruned.
      if (found.size > KUBERNETES_CLUSTERS || page > KUBERNETES_CLUSTERS)
        throw new LandfallError(
          'DEPLOY_FAILED',
          `more than ${KUBERNETES_CLUSTERS} clusters have the tags ${JSON.stringify(tags)}`,
          { hint: 'Ask for more tags, or split the deploy by another one.' },
        );
      PaginationToken = textOf(answer['PaginationToken']);
    }
  return [...found.values()];
}
