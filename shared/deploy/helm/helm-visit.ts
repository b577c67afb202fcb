import { DisposeStack } from '../../kernel/dispose-stack.ts';
import type { DeployContext, RemoveContext } from '../kit/deploy-context.ts';
import type { StepResult, StepRunning } from '../kit/step-result.ts';
import { findKubectl } from '../kubernetes/build/kubectl.ts';
import type { Cluster } from '../kubernetes/cluster/cluster.ts';
import { ClusterResources } from '../kubernetes/cluster/cluster-resources.ts';
import { type OwnerLabels, ownerLabels } from '../kubernetes/cluster/object-owner.ts';
import { HEALTH_LOOK_MS, openTarget } from '../kubernetes/kubernetes-visit.ts';
import type { HelmProgress, HelmResult } from './helm-progress.ts';
import type { HelmSettings } from './helm-settings.ts';
import type { Helm, OpenHelm } from './program/helm.ts';
import type { HelmFence } from './program/helm-fence.ts';
import { findHelm } from './program/helm-program.ts';
import { openHelm } from './program/open-helm.ts';
import type { ReleaseCluster } from './release/release-cluster.ts';
import { ReleaseHistory, type ReleasePlace } from './release/release-history.ts';
import { fittingRelease } from './release/release-name.ts';

export type HelmContext = DeployContext<HelmSettings, HelmResult>;
export type HelmRemoval = RemoveContext<HelmSettings, HelmResult>;
export type HelmStep = StepResult<HelmProgress, HelmResult>;

/** What one visit of a deploy works with, artifact or none. */
export interface ReleaseVisit<Context extends HelmRemoval = HelmRemoval> extends ReleaseCluster {
  readonly context: Context;
  readonly owner: OwnerLabels;
  /** Of the release that the deploy names. */
  readonly history: ReleaseHistory;
  /** Opened by the first that asks: a release that is as it is to be needs no program. */
  readonly helm: () => Promise<Helm>;
}

export type HelmVisit = ReleaseVisit<HelmContext>;

export const RELEASE_LOOK_MS = 1_000;

export const releaseUnderWay = (
  phase: HelmProgress['phase'],
  message: string,
  digest = '',
): StepRunning<HelmProgress> => ({
  state: 'running',
  progress: { phase, hooks: null, digest, of: 'revision' },
  message,
  lookAgainMs: phase === 'release' ? RELEASE_LOOK_MS : HEALTH_LOOK_MS,
});

const placeOf = ({ deploy, settings }: HelmRemoval): ReleasePlace => ({
  namespace: settings.targetNamespace,
  // That of one of several clusters is NAME.CLUSTER: the release is called the same in each.
  name: settings.releaseName ?? fittingRelease(deploy.name.replace(/\..*/, '')),
});

/** With a fence, helm sees nothing beside it; the release's own namespace is always within. */
export const fenceOf = ({
  fence,
  targetNamespace,
}: Pick<HelmSettings, 'fence' | 'targetNamespace'>): HelmFence | undefined =>
  fence && { ...fence, namespaces: [targetNamespace, ...fence.namespaces] };

/** How a visit comes to a cluster and to helm: the real ones, or those of tests. */
interface ReleaseAccess extends AsyncDisposable {
  readonly cluster: Cluster;
  /** ARN of the cluster, where it is one of EKS. */
  readonly eks?: string | undefined;
  readonly openHelm: () => Promise<OpenHelm>;
}

export type OpenRelease = (context: HelmRemoval) => Promise<ReleaseAccess>;

/** Opens the cluster as kind kubernetes does. @throws LandfallError */
export const openRelease: OpenRelease = async (context) => {
  const { signal, settings } = context;
  const kubectl = await findKubectl(signal);
  const open = await openTarget(context, kubectl);
  const { cluster, eks, socket } = open;
  return {
    cluster,
    eks,
    openHelm: async () =>
      openHelm({ program: await findHelm(signal), socket, fence: fenceOf(settings), context }),
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
};

/** Opens the cluster for as long as `work` takes. @throws LandfallError */
export async function withRelease<Context extends HelmRemoval, T>(
  context: Context,
  open: OpenRelease,
  work: (visit: ReleaseVisit<Context>) => Promise<T>,
): Promise<T> {
  await using stack = new DisposeStack();
  const { cluster, eks, openHelm: openProgram } = stack.use(await open(context));
  const owner = ownerLabels(context.deploy);
  let opened: Promise<Helm> | undefined;
  const start = async (): Promise<Helm> => {
    const { helm } = stack.use(await openProgram());
    context.log(`helm ${helm.version}`);
    return helm;
  };
  return await work({
    context,
    cluster,
    eks,
    owner,
    resources: new ClusterResources(cluster),
    signal: context.signal,
    history: new ReleaseHistory(cluster, placeOf(context), owner),
    helm: () => {
      opened ??= start();
      return opened;
    },
  });
}
