import type { CallOptions } from '../kernel/call-options.ts';
import type { Revision } from '../model/status.ts';
import type { UsedRevision } from '../model/used-revision.ts';
import type { DeployEntry } from '../source/deploy-entry.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { readStatus } from '../store/status-store.ts';
import { unverified } from './unverified.ts';

/** What is to be applied: a revision of the deploy's own source, and what it uses of others. */
export type WantedRevision = Revision & { readonly uses: readonly UsedRevision[] };

/** Of the sources that a deploy uses. */
interface Used {
  /** What is current of them. */
  readonly uses: readonly UsedRevision[];
  /** The first that has landed nothing. */
  readonly missing: string | undefined;
  /** Why the first that is not verified as it has to be is not. */
  readonly unverified: string | undefined;
}

/** What is current of the sources that a deploy uses, and what keeps it from being used. */
export async function readUsed(
  entry: Pick<DeployEntry, 'uses' | 'verify'>,
  objects: ObjectStore,
  options?: CallOptions,
): Promise<Used> {
  const { uses = [] } = entry;
  const found = await Promise.all(
    uses.map(async (source) => {
      const [namespace = '', name = ''] = source.split('/');
      const { current, policy = null } =
        (await readStatus(objects, { namespace, name }, options))?.status ?? {};
      if (!current) return undefined;
      const { revision, tag, digest, variant } = current;
      const why = unverified({ entry, source: { namespace, name }, current, policy });
      return { used: { source, revision, tag, digest, variant }, why };
    }),
  );
  return {
    uses: found.flatMap((each) => (each === undefined ? [] : [each.used])),
    missing: uses.find((_, at) => found[at] === undefined),
    unverified: found.find((each) => each?.why !== undefined)?.why,
  };
}
