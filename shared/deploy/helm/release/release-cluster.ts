import type { Cluster } from '../../kubernetes/cluster/cluster.ts';
import type { ClusterResources } from '../../kubernetes/cluster/cluster-resources.ts';

/** What a visit asks of a cluster. */
export interface ReleaseCluster {
  readonly cluster: Cluster;
  readonly resources: ClusterResources;
  readonly signal: AbortSignal;
  /** ARN of the cluster, where it is one of EKS. */
  readonly eks?: string | undefined;
}
