import { startGrace } from '../kernel/grace.ts';
import type { ArtifactRecord } from '../model/artifact-record.ts';
import type { ArtifactStore, Staging } from '../model/artifact-store.ts';
import type { ArtifactId } from '../model/ids.ts';

/** What was cut off may take this long to clear its staging away; collect finds what is left. */
const DISCARD_MS = 1_500;

/**
 * The commit record of an artifact: of the one already there, or of what `stageRecord` stages now. Files first, the record
 * last; whatever goes wrong in between leaves nothing behind. Throws what `stageRecord` and the store throw.
 */
export async function landOnce(
  id: ArtifactId,
  artifacts: ArtifactStore,
  signal: AbortSignal,
  stageRecord: (staging: Staging) => Promise<ArtifactRecord>,
): Promise<ArtifactRecord> {
  const there = await artifacts.record(id, { signal });
  if (there !== undefined) return there;
  const staging = await artifacts.stage(id, { signal });
  try {
    const record = await stageRecord(staging);
    if ((await staging.commit(record)) === 'committed') return record;
    return (await artifacts.record(id, { signal })) ?? record;
  } finally {
    using grace = startGrace(signal, DISCARD_MS);
    await staging.discard({ signal: grace.signal });
  }
}
