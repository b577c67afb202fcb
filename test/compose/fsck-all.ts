import { checkArtifact } from '../../shared/store/fsck/fsck-artifact.ts';
import type { FsckProblem } from '../../shared/store/fsck/fsck-problem.ts';
import type { Store } from '../../shared/store/store.ts';

/** What fsck has to say of every artifact. */
export async function checkAllArtifacts(store: Store): Promise<readonly FsckProblem[]> {
  const found: FsckProblem[] = [];
  for await (const id of store.artifacts.list())
    found.push(...((await checkArtifact(store, id, {}))?.problems ?? []));
  return found;
}
