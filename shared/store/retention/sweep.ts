import type { ArtifactId } from '../../model/ids.ts';
import type { Store, SweepOptions } from '../store.ts';

/** What no run will come back to. */
export interface Swept {
  /** Staging areas of runs that died. */
  readonly staging: number;
  /** Artifact folders without a commit record. */
  readonly orphans: number;
}

/**
 * Removes what interrupted runs left: of `orphans`, which a listing of artifacts came across, those that are no one's
 * still, and staging areas. Never what is committed or still being staged.
 */
export async function sweepStore(
  store: Store,
  orphans: readonly ArtifactId[],
  options: SweepOptions,
): Promise<Swept> {
  const { before: unusedSince, dryRun, signal } = options;
  let removed = 0;
  for (const id of orphans)
    if ((await store.artifacts.remove(id, { unusedSince, dryRun, signal })) === 'removed') removed += 1;
  return { staging: await store.sweep(options), orphans: removed };
}
