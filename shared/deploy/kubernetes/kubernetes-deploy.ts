import { defineDeploy } from '../kit/define-deploy.ts';
import { converge } from './converge.ts';
import { removedWithCluster } from './eks/eks-kubeconfig.ts';
import { planKubernetes } from './kubernetes-plan.ts';
import { kubernetesProgress, kubernetesResult } from './kubernetes-progress.ts';
import { removeObjects } from './kubernetes-remove.ts';
import { kubernetesSettings } from './kubernetes-settings.ts';
import { undoObjects } from './kubernetes-undo.ts';
import { withCluster } from './kubernetes-visit.ts';
import { lookHealth } from './wait-health.ts';

/** Manifests of an artifact in a cluster of Kubernetes, as Flux's Kustomization applies them. */
export const kubernetesDeploy = defineDeploy({
  kind: 'kubernetes',
  settings: kubernetesSettings,
  progress: kubernetesProgress,
  result: kubernetesResult,
  permissions: ({ eks }, { partition, region, account }) =>
    eks === undefined
      ? []
      : [
          {
            actions: ['eks:DescribeCluster'],
            resources: [`arn:${partition}:eks:${region}:${account}:cluster/${eks}`],
          },
        ],
  plan: (context) => withCluster(context, planKubernetes),
  step: (context) => withCluster(context, converge),
  look: (context, { phase, of }) =>
    of === 'before'
      ? undoObjects(context, phase)
      : withCluster(context, async (visit) =>
          phase === 'health' ? lookHealth(await visit.inventory.read(), visit) : converge(visit),
        ),
  undo: (context) => undoObjects(context, undefined),
  remove: (context) => withCluster(context, removeObjects).catch(removedWithCluster),
});
