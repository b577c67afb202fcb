import type { DeployOrigin, DeployPermission } from '../../kit/permission.ts';

/** Of a deploy into a cluster of EKS: to ask where it is. */
export const eksPermissions = (
  { eks }: { readonly eks?: string | undefined },
  { partition, region, account }: DeployOrigin,
): readonly DeployPermission[] =>
  eks === undefined
    ? []
    : [
        {
          actions: ['eks:DescribeCluster'],
          resources: [`arn:${partition}:eks:${region}:${account}:cluster/${eks}`],
        },
      ];
