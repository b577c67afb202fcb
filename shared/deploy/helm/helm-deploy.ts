import { defineDeploy } from '../kit/define-deploy.ts';
import { removedWithCluster } from '../kubernetes/eks/cluster-removal.ts';
import { eksPermissions } from '../kubernetes/eks/eks-permissions.ts';
import { convergeRelease, look, lookHooks } from './helm-converge.ts';
import { planRelease } from './helm-plan.ts';
import { helmProgress, helmResult } from './helm-progress.ts';
import { removeRelease } from './helm-remove.ts';
import { helmSettings } from './helm-settings.ts';
import { undoRelease } from './helm-undo.ts';
import { type OpenRelease, openRelease, withRelease } from './helm-visit.ts';

/**
 * A chart of an artifact as a release of Helm, as Flux's HelmRelease installs it.
 * @param open how it comes to a cluster and to helm
 */
export const helmDeploy = (open: OpenRelease = openRelease) =>
  defineDeploy({
    kind: 'helm',
    settings: helmSettings,
    progress: helmProgress,
    result: helmResult,
    permissions: eksPermissions,
    plan: (context) => withRelease(context, open, planRelease),
    step: (context) => withRelease(context, open, convergeRelease),
    look: (context, { phase, of, digest, hooks }) =>
      withRelease(context, open, (visit) => {
        if (of === 'before') return undoRelease(visit);
        if (phase === 'hooks' && hooks !== null) return lookHooks(visit, hooks, digest);
        return phase === 'health' ? look(visit, digest) : convergeRelease(visit);
      }),
    undo: (context) => withRelease(context, open, undoRelease),
    remove: (context) =>
      withRelease(context, open, removeRelease).catch((error: unknown) => removedWithCluster(error, context)),
  });
