import { deployFailed } from '../kit/failures.ts';
import { converge } from './converge.ts';
import type { KubernetesProgress } from './kubernetes-progress.ts';
import {
  type KubernetesContext,
  type KubernetesStep,
  type OpenVisit,
  withCluster,
} from './kubernetes-visit.ts';
import { lookHealth } from './wait-health.ts';

/**
 * Brings the cluster back to the artifact that was applied before; also one look at that.
 * @param phase that the undo is in; undefined where it begins
 * @throws LandfallError DEPLOY_FAILED where that artifact has been collected
 */
export async function undoObjects(
  context: KubernetesContext,
  phase: KubernetesProgress['phase'] | undefined,
  open: OpenVisit,
): Promise<KubernetesStep> {
  if (context.applied === null)
    return { state: 'succeeded', message: 'nothing was applied before: what was made stays' };
  const artifact = await context.artifactBefore();
  if (artifact === null)
    throw deployFailed(`what was applied before (${context.applied.revision}) is not in the store any more`, {
      hint: 'Keep more of it: retain.revisions of the source. Push a revision that is right.',
    });
  const { uses = [] } = context.applied;
  const end = await withCluster({ ...context, artifact, uses }, open, async (visit) =>
    phase === 'health' ? lookHealth(await visit.inventory.read(), visit) : converge(visit),
  );
  return end.state === 'running' ? { ...end, progress: { ...end.progress, of: 'before' } } : end;
}
