import type { FunctionKinds } from '../kind-handler.ts';

/** Kinds that need a layer with a program. Each is loaded by its deploys alone. */
export const CLUSTER_KINDS: FunctionKinds = {
  kubernetes: async () =>
    (await import('../../../shared/deploy/kubernetes/kubernetes-deploy.ts')).kubernetesDeploy,
  helm: async () => (await import('../../../shared/deploy/helm/helm-deploy.ts')).helmDeploy(),
};
