import { type PartsNow, type PartsNowDeps, partsNow, whyPartsNotVerified } from '../compose/parts-now.ts';
import { composedArtifact, stageComposed } from '../compose/stage-composed.ts';
import { LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import type { ArtifactRecord } from '../model/artifact-record.ts';
import { formatSourceId } from '../model/ids.ts';
import type { Revision } from '../model/status.ts';
import { isProven, type Verification } from '../model/verification.ts';
import type { Digest } from '../oci/digest.ts';
import type { Composed } from '../source/composed/composed.ts';
import type { Source } from '../source/source.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { ReconcileDeps, Run } from './deps.ts';
import { landOnce } from './land.ts';
import { policiesOf } from './verify-revision.ts';

interface OfObjects {
  readonly store: { readonly objects: ObjectStore };
}

/** What a composed source comes to now. */
export interface ComposedNow extends Pick<PartsNow, 'verification'> {
  readonly digest: Digest;
  /** Puts it together, where it is not there. */
  readonly land: () => Promise<ArtifactRecord>;
}

const partsDeps = (
  { store: { objects }, sourceOf, trust }: Pick<ReconcileDeps, 'sourceOf' | 'trust'> & OfObjects,
  { signal }: CallOptions,
): PartsNowDeps => ({
  objects,
  signal,
  judged: new Map(),
  rulesOf: async (id) => {
    const part = sourceOf(id);
    if (part === undefined) return undefined;
    const policies = await policiesOf(part, { signal, trust });
    return { policy: policies?.digest ?? null, isVerified: part.composed?.isVerified === true };
  },
});

/**
 * How a revision of before is verified, as the documents in force want it of a composed source.
 * @throws LandfallError SIGNATURE_REFUSED, STORE_*
 */
export async function verifyComposed(
  { source, revision }: { readonly source: Source; readonly revision: Revision },
  deps: Pick<ReconcileDeps, 'sourceOf' | 'trust'> & OfObjects,
  options: CallOptions,
): Promise<Verification | undefined> {
  const { verification } = revision;
  const isUnknown = source.composed?.isVerified === true && !isProven(verification);
  const why = isUnknown
    ? 'nobody is known to have signed each of its parts, and verify wants that'
    : await whyPartsNotVerified(revision, partsDeps(deps, options));
  if (why === undefined) return verification;
  throw new LandfallError('SIGNATURE_REFUSED', `${formatSourceId(source)}: ${revision.revision}: ${why}`, {
    hint: 'Choose a revision whose parts are signed: landfall history shows them.',
  });
}

/**
 * Reads what the parts of a source are at: that is all there is to resolve, and no registry is asked.
 * @throws LandfallError PART_NOT_READY, STORE_*
 */
export async function resolveComposed(
  { source, signal }: Pick<Run, 'source' | 'signal'>,
  composed: Composed,
  deps: Pick<ReconcileDeps, 'store' | 'sourceOf' | 'trust' | 'onNote'>,
): Promise<ComposedNow> {
  const { composition, verification } = await partsNow(composed, partsDeps(deps, { signal }));
  const id = composedArtifact(composition, source.unpack);
  const { artifacts } = deps.store;
  const onNote = (note: string): void => deps.onNote?.(source, note, 'composed');
  return {
    digest: id.digest,
    verification,
    land: () =>
      landOnce(id, artifacts, signal, (staging) =>
        stageComposed({ source, composition, signal }, id, staging, { artifacts, onNote }),
      ),
  };
}
