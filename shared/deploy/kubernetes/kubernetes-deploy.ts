import { defineDeploy } from '../kit/define-deploy.ts';
import { converge } from './converge.ts';
import { removedWithCluster } from './eks/cluster-removal.ts';
import { eksPermissions } from './eks/eks-permissions.ts';
import { planKubernetes } from './kubernetes-plan.ts';
import { kubernetesProgress, kubernetesResult } from './kubernetes-progress.ts';
import { removeObjects } from './kubernetes-remove.ts';
import { kubernetesSettings } from './kubernetes-settings.ts';
import { undoObjects } from './kubernetes-undo.ts';
import { type OpenVisit, openVisitTarget, withCluster } from './kubernetes-visit.ts';
import { lookHealth } from './wait-health.ts';

/**
 * Manifests of an artifact in a cluster of Kubernetes, as Flux's Kustomization applies them.
 * @param open how it comes to a cluster
 */
export const kubernetesDeployBy = (open: OpenVisit) =>
  defineDeploy({
    kind: 'kubernetes',
    settings: kubernetesSettings,
    progress: kubernetesProgress,
    result: kubernetesResult,
    permissions: eksPermissions,
    plan: (context) => withCluster(context, open, planKubernetes),
    step: (context) => withCluster(context, open, converge),
    look: (context, { phase, of }) =>
      of === 'before'
        ? undoObjects(context, phase, open)
        : withCluster(context, open, async (visit) =>
            phase === 'health' ? lookHealth(await visit.inventory.read(), visit) : converge(visit),
          ),
    undo: (context) => undoObjects(context, undefined, open),
    remove: (context) =>
      withCluster(context, open, removeObjects).catch((error: unknown) => removedWithCluster(error, context)),
  });

export const kubernetesDeploy = kubernetesDeployBy(openVisitTarget);
