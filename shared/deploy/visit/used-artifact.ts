import type { UsedRevision } from '../../model/used-revision.ts';
import type { DeployArtifact } from '../kit/deploy-context.ts';
import { deployUnavailable } from '../kit/failures.ts';
import type { DeployDeps } from './deploy-request.ts';
import { requireRecord, visitArtifact } from './visit-artifact.ts';

interface UsedArtifact extends Pick<DeployDeps, 'store' | 'locationOf'> {
  readonly deploy: string;
  /** What the run uses, all together. */
  readonly uses: readonly UsedRevision[];
  readonly signal: AbortSignal;
}

/**
 * The artifact of what a run uses of another source: the whole, as `path` of the deploy is of its own.
 * @throws LandfallError DEPLOY_UNAVAILABLE
 */
export async function usedArtifact(
  source: string,
  { deploy, uses, signal, store, locationOf }: UsedArtifact,
): Promise<DeployArtifact> {
  const used = uses.find((each) => each.source === source);
  if (used === undefined)
    throw deployUnavailable(`${source}, whose files are used, has landed nothing`, {
      hint: `Land it first: landfall reconcile ${source}`,
    });
  const { digest, revision, variant = 'default' } = used;
  const id = { digest, variant };
  const record = requireRecord(deploy, `${source} ${revision}`, await store.artifacts.record(id, { signal }));
  return visitArtifact(
    { deploy, id, path: undefined, location: locationOf(id, undefined), signal },
    record,
    store,
  );
}
