import type { CallOptions } from '../kernel/call-options.ts';
import type { Revision } from '../model/status.ts';
import type { UsedRevision } from '../model/used-revision.ts';
import type { DeployEntry } from '../source/deploy-entry.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { readStatus } from '../store/status-store.ts';

/** What is to be applied: a revision of the deploy's own source, and what it uses of others. */
export type WantedRevision = Revision & { readonly uses: readonly UsedRevision[] };

/** What is current of the sources that a deploy uses, and the first of them that has landed nothing. */
export async function readUsed(
  { uses = [] }: Pick<DeployEntry, 'uses'>,
  objects: ObjectStore,
  options?: CallOptions,
): Promise<{ readonly uses: readonly UsedRevision[]; readonly missing: string | undefined }> {
  const found = await Promise.all(
    uses.map(async (source) => {
      const [namespace = '', name = ''] = source.split('/');
      const current = (await readStatus(objects, { namespace, name }, options))?.status.current;
      if (!current) return [];
      const { revision, tag, digest } = current;
      return [{ source, revision, tag, digest }];
    }),
  );
  return { uses: found.flat(), missing: uses.find((_, at) => found[at]?.length === 0) };
}
