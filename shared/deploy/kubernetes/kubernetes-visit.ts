import type { DeployContext, RemoveContext } from '../kit/deploy-context.ts';
import { deployFailed } from '../kit/failures.ts';
import type { StepResult, StepRunning } from '../kit/step-result.ts';
import { findKubectl, type Kubectl } from './build/kubectl.ts';
import { checkedKubeconfig } from './cluster/checked-kubeconfig.ts';
import type { Cluster } from './cluster/cluster.ts';
import { ClusterResources } from './cluster/cluster-resources.ts';
import { inventoryName } from './cluster/inventory.ts';
import { type InventoryPlace, InventoryStore } from './cluster/inventory-store.ts';
import { type OwnerLabels, ownerLabels } from './cluster/object-owner.ts';
import { type OpenCluster, openCluster } from './cluster/open-cluster.ts';
import { type EksAccess, eksKubeconfig } from './eks/eks-kubeconfig.ts';
import type { KubernetesProgress, KubernetesResult } from './kubernetes-progress.ts';
import type { KubernetesSettings } from './kubernetes-settings.ts';

export type KubernetesContext = DeployContext<KubernetesSettings, KubernetesResult>;
export type KubernetesRemoval = RemoveContext<KubernetesSettings, KubernetesResult>;
export type KubernetesStep = StepResult<KubernetesProgress, KubernetesResult>;

/** What one visit of a deploy works with, artifact or none. */
export interface ClusterVisit<Context extends KubernetesRemoval = KubernetesRemoval> {
  readonly context: Context;
  readonly kubectl: Kubectl;
  readonly cluster: Cluster;
  /** ARN of the cluster, where it is one of EKS. */
  readonly eks?: string | undefined;
  readonly resources: ClusterResources;
  readonly owner: OwnerLabels;
  readonly place: InventoryPlace;
  readonly inventory: InventoryStore;
}

export type KubernetesVisit = ClusterVisit<KubernetesContext>;

/** Nothing tells when an object has become healthy. */
export const HEALTH_LOOK_MS = 5_000;
/** A definition that is read in, an object that is on its way out. */
const APPLY_LOOK_MS = 1_000;

export const underWay = (
  phase: KubernetesProgress['phase'],
  {
    objects,
    message,
    waitsFor,
  }: { readonly objects: number; readonly message: string; readonly waitsFor?: string },
): StepRunning<KubernetesProgress> => ({
  state: 'running',
  progress: { phase, objects, of: 'revision' },
  message,
  lookAgainMs: phase === 'apply' ? APPLY_LOOK_MS : HEALTH_LOOK_MS,
  ...(waitsFor !== undefined && { waitsFor }),
});

/**
 * What a visit works with over a cluster that is open.
 * @param kubectl that opened it
 */
export function visitCluster<Context extends KubernetesRemoval>(
  context: Context,
  kubectl: Kubectl,
  cluster: Cluster,
): ClusterVisit<Context> {
  const { deploy, settings, applied } = context;
  const owner = ownerLabels(deploy);
  const source = `${deploy.source.namespace}/${deploy.source.name}`;
  // Where it was written last: the document may name another place by now.
  const place = applied?.result?.inventory ?? {
    namespace: settings.inventoryNamespace,
    name: inventoryName(deploy.name, source),
  };
  return {
    context,
    kubectl,
    cluster,
    resources: new ClusterResources(cluster),
    owner,
    place,
    inventory: new InventoryStore(cluster, place, owner),
  };
}

/** What of a deploy says which cluster it is for, and as whom. */
export interface ClusterTarget
  extends Pick<RemoveContext<unknown, unknown>, 'secret' | 'aws' | 'clock' | 'signal'> {
  readonly settings: Pick<KubernetesSettings, 'kubeconfig' | 'eks' | 'context' | 'serviceAccount'>;
}

/** No text: kubectl finds its own. @throws LandfallError */
async function kubeconfigOf({ settings, secret, aws, clock }: ClusterTarget): Promise<Partial<EksAccess>> {
  const { kubeconfig, eks: name } = settings;
  if (name === undefined) {
    const text = kubeconfig && (await secret(kubeconfig));
    const isLambda = process.env['AWS_LAMBDA_FUNCTION_NAME'] !== undefined;
    return text === undefined ? {} : { text: isLambda ? checkedKubeconfig(text) : text };
  }
  if (kubeconfig !== undefined)
    throw deployFailed('a cluster is named twice: by eks and by kubeconfig', { hint: 'Write one of them.' });
  const { region } = aws;
  if (region !== undefined) return eksKubeconfig({ name, region, aws, clock });
  throw deployFailed(`eks ${name}: nobody says in which region`, { hint: 'Write `region` of the deploy.' });
}

/** Opens the cluster that a deploy names, as whom it names. @throws LandfallError */
export async function openTarget(target: ClusterTarget, kubectl: Kubectl): Promise<OpenCluster> {
  const { settings, clock, signal } = target;
  const { text: kubeconfig, arn: eks } = await kubeconfigOf(target);
  const { context, serviceAccount } = settings;
  return openCluster({ kubectl, kubeconfig, eks, context, serviceAccount, clock, signal });
}

/** How a visit comes to a cluster: the real one, or one of tests. */
export type OpenVisit = (
  context: KubernetesRemoval,
) => Promise<Pick<OpenCluster, 'cluster' | 'eks'> & AsyncDisposable & { readonly kubectl: Kubectl }>;

/** By kubectl, as the deploy says. @throws LandfallError */
export const openVisitTarget: OpenVisit = async (context) => {
  const kubectl = await findKubectl(context.signal);
  const open = await openTarget(context, kubectl);
  return { ...open, kubectl, [Symbol.asyncDispose]: () => open[Symbol.asyncDispose]() };
};

/** Opens the cluster for as long as `work` takes. @throws LandfallError */
export async function withCluster<Context extends KubernetesRemoval, T>(
  context: Context,
  open: OpenVisit,
  work: (visit: ClusterVisit<Context>) => Promise<T>,
): Promise<T> {
  await using opened = await open(context);
  const visit = visitCluster(context, opened.kubectl, opened.cluster);
  return await work({ ...visit, eks: opened.eks });
}
