import { compositionOf } from '../compose/composition-of.ts';
import { composedArtifact, landComposed } from '../compose/land-composed.ts';
import { type PartsNow, partsNow } from '../compose/parts-now.ts';
import { partsVerification } from '../compose/parts-verification.ts';
import { LandfallError } from '../errors.ts';
import type { ArtifactRecord } from '../model/artifact-record.ts';
import type { Composition } from '../model/composition.ts';
import type { SourceId } from '../model/ids.ts';
import { partAt } from '../model/part-at.ts';
import type { Verification } from '../model/verification.ts';
import type { Digest } from '../oci/digest.ts';
import type { Composed } from '../source/composed/composed.ts';
import type { ReconcileDeps, Run } from './deps.ts';
import { policiesOf } from './verify-revision.ts';

/** What a composed source comes to now. */
export interface ComposedNow {
  readonly digest: Digest;
  /** As verified as all of its parts; undefined: one of them is not. */
  readonly verification: Verification | undefined;
  /** Puts it together, where it is not there. */
  readonly land: () => Promise<ArtifactRecord>;
}

const compositionNow = (composed: Composed, parts: PartsNow): Composition => {
  const composition = compositionOf(composed, (name) => {
    const status = parts.get(name);
    return status && partAt(status, null);
  });
  if (composition !== undefined) return composition;
  throw new LandfallError('PART_NOT_READY', 'a part has landed nothing');
};

/**
 * Reads what the parts of a source are at: that is all there is to resolve, and no registry is asked.
 * @throws LandfallError PART_NOT_READY, STORE_*
 */
export async function resolveComposed(
  { source, signal }: Pick<Run, 'source' | 'signal'>,
  composed: Composed,
  { store, sourceOf, trust, onNote }: Pick<ReconcileDeps, 'store' | 'sourceOf' | 'trust' | 'onNote'>,
): Promise<ComposedNow> {
  const policyOf = async (id: SourceId): Promise<Digest | null | undefined> => {
    const part = sourceOf(id);
    return part && ((await policiesOf(part, { signal, trust }))?.digest ?? null);
  };
  const parts = await partsNow(composed, { objects: store.objects, policyOf, signal });
  const composition = compositionNow(composed, parts);
  return {
    digest: composedArtifact(composition, source.unpack).digest,
    verification: partsVerification(parts),
    land: () =>
      landComposed(
        { source, composition, signal },
        { artifacts: store.artifacts, onNote: (note) => onNote?.(source, note, 'composed') },
      ),
  };
}
