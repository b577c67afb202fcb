import type { Clock } from '../clock.ts';
import { isLandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { type ArtifactId, formatSourceId, type SourceId } from '../model/ids.ts';
import { parseRecord } from './artifact-record-schema.ts';
import { recordKey, statusKey } from './layout.ts';
import { isReferenced, readReferences } from './references.ts';
import { listSources, readStatus } from './status-store.ts';
import type { Store, Swept } from './store.ts';

/** Longer than any run takes from reading a record to naming it, and than a reader takes to read an artifact. */
export const COLLECT_GRACE_MS = 60 * 60 * 1000;

export interface CollectOptions extends CallOptions {
  /** What was used within it stays, named or not. Default {@link COLLECT_GRACE_MS}. */
  readonly graceMs?: number;
  /** Only say what would go. */
  readonly dryRun?: boolean;
  /** Sources whose status is to go first, e.g. those no document names any more. Default: none. */
  readonly forget?: (id: SourceId) => boolean;
}

export interface CollectReport {
  readonly dryRun: boolean;
  readonly kept: number;
  readonly removed: readonly ArtifactId[];
  /** Of what was removed, by its records. */
  readonly bytes: number;
  readonly forgotten: readonly SourceId[];
  readonly swept: Swept;
}

/** Deletes statuses of forgotten sources, but for one that still owes an event. */
async function forgetSources(
  { objects }: Store,
  forget: (id: SourceId) => boolean,
  { dryRun, signal }: CallOptions & { readonly dryRun: boolean },
): Promise<readonly SourceId[]> {
  const forgotten: SourceId[] = [];
  for await (const id of listSources(objects, { signal })) {
    if (!forget(id)) continue;
    const stored = await readStatus(objects, id, { signal });
    if (stored === undefined || stored.status.outbox.length > 0) continue;
    forgotten.push(id);
    if (!dryRun) await objects.delete([statusKey(id)], { signal });
  }
  return forgotten;
}

/** Not through artifacts.record: asking there counts as use. What cannot be read frees an unknown number. */
async function sizeOf({ objects }: Store, id: ArtifactId, options: CallOptions): Promise<number> {
  const stored = await objects.get(recordKey(id), options);
  if (stored === undefined) return 0;
  try {
    return parseRecord(stored.bytes, id).size;
  } catch (error) {
    if (isLandfallError(error)) return 0;
    throw error;
  }
}

/**
 * Deletes artifacts that nothing names and nobody used within the grace, then what died in staging.
 *
 * I7 beside running reconciles: one that is about to name an old artifact has read its record, which counts as use,
 * and `remove` looks at that last of all. References are read after the candidates, so a status written before then
 * is seen.
 * @throws LandfallError STORE_CORRUPT, STORE_VERSION before anything is deleted
 */
export async function collect(
  store: Store,
  { graceMs = COLLECT_GRACE_MS, dryRun = false, forget = () => false, signal }: CollectOptions,
  { clock }: { readonly clock: Clock },
): Promise<CollectReport> {
  await readReferences(store.objects, { signal });
  const forgotten = await forgetSources(store, forget, { dryRun, signal });
  const unusedSince = clock.now() - graceMs;
  const candidates: ArtifactId[] = [];
  for await (const id of store.artifacts.list({ signal })) candidates.push(id);
  // A dry run has deleted no status, and is to say what a true one would remove.
  const gone = new Set(dryRun ? forgotten.map(formatSourceId) : []);
  const isForgotten = (id: SourceId): boolean => gone.has(formatSourceId(id));
  const references = await readReferences(store.objects, { isForgotten, signal });
  const removed: ArtifactId[] = [];
  let bytes = 0;
  for (const id of candidates) {
    if (isReferenced(id, references)) continue;
    const size = await sizeOf(store, id, { signal });
    if ((await store.artifacts.remove(id, { unusedSince, dryRun, signal })) === 'kept') continue;
    removed.push(id);
    bytes += size;
  }
  const swept = await store.sweep({ before: unusedSince, dryRun, signal });
  return { dryRun, kept: candidates.length - removed.length, removed, bytes, forgotten, swept };
}
