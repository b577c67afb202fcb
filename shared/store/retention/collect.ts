import type { Clock } from '../../clock.ts';
import { isLandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { eachOf } from '../../kernel/each-of.ts';
import { type ArtifactId, formatSourceId, type SourceId } from '../../model/ids.ts';
import { parseRecord } from '../commit-record.ts';
import { artifactPrefix, recordKey, statusKey } from '../layout.ts';
import { listSources, readStatus } from '../status-store.ts';
import type { Store } from '../store.ts';
import { heldArtifacts } from './held-artifacts.ts';
import {
  isReferenced,
  LaterReferences,
  type References,
  readReferences,
  type Unreadable,
} from './references.ts';
import { type Swept, sweepStore } from './sweep.ts';

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
  /** Damaged statuses and ledgers: what was there when they broke stays until somebody has seen to them. */
  readonly unreadable: readonly UnreadableDocument[];
}

interface UnreadableDocument {
  readonly key: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

const told = ({ key, error: { code, message, hint } }: Unreadable): UnreadableDocument => ({
  key,
  code,
  message,
  ...(hint !== undefined && { hint }),
});

/** Artifacts taken away at a time: each look at the references serves as many. */
const LEAST_AT_ONCE = 64;
const MOST_AT_ONCE = 512;

interface Forgetting extends CallOptions {
  readonly forget: CollectOptions['forget'];
  readonly dryRun: boolean;
}

/** Deletes statuses of forgotten sources, but for one that still owes an event, or may: it cannot be read. */
async function forgetSources(
  { objects }: Store,
  { forget, dryRun, signal }: Forgetting,
): Promise<readonly SourceId[]> {
  if (forget === undefined) return [];
  const { unreadable } = await readReferences(objects, { signal });
  const forgotten: SourceId[] = [];
  for await (const id of listSources(objects, { signal })) {
    if (!forget(id) || unreadable.some(({ key }) => key === statusKey(id))) continue;
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

interface Removing extends CallOptions {
  readonly references: References;
  readonly unusedSince: number;
  readonly dryRun: boolean;
}

interface Removed {
  readonly removed: readonly ArtifactId[];
  readonly bytes: number;
}

/** Removes what is left to remove, each after one more look at what is named. */
async function removeAll(
  store: Store,
  candidates: readonly ArtifactId[],
  { references, unusedSince, dryRun, signal }: Removing,
): Promise<Removed> {
  const later = new LaterReferences(store.objects, references, { signal });
  const removed: ArtifactId[] = [];
  let bytes = 0;
  const limit = Math.min(MOST_AT_ONCE, Math.max(LEAST_AT_ONCE, references.sources));
  await eachOf(candidates, { limit, signal }, async (id) => {
    const isNamed = async (): Promise<boolean> => {
      const now = await later.reread();
      return now === undefined || isReferenced(id, now);
    };
    const size = await sizeOf(store, id, { signal });
    if ((await store.artifacts.remove(id, { unusedSince, dryRun, isNamed, signal })) === 'kept') return;
    removed.push(id);
    bytes += size;
  });
  const wasRemoved = new Set(removed.map(artifactPrefix));
  return { removed: candidates.filter((id) => wasRemoved.has(artifactPrefix(id))), bytes };
}

/**
 * Deletes artifacts that nothing names and nobody used within the grace, then what died in staging.
 *
 * I7 beside running reconciles: one that is about to name an old artifact has read its record, which counts as use.
 * One that was stopped for longer than the grace in between is seen by a look at the references after the artifact was
 * taken out of sight, which puts it back; or finds it gone after it has named it, and lands it again.
 * @throws LandfallError STORE_VERSION, and what the store throws, before anything is deleted
 */
export async function collect(
  store: Store,
  { graceMs = COLLECT_GRACE_MS, dryRun = false, forget, signal }: CollectOptions,
  { clock }: { readonly clock: Clock },
): Promise<CollectReport> {
  const forgotten = await forgetSources(store, { forget, dryRun, signal });
  const unusedSince = clock.now() - graceMs;
  const candidates: ArtifactId[] = [];
  const orphans: ArtifactId[] = [];
  const onOrphan = (id: ArtifactId): void => void orphans.push(id);
  for await (const id of store.artifacts.list({ onOrphan, signal })) candidates.push(id);
  // A dry run has deleted no status, and is to say what a true one would remove.
  const gone = new Set(dryRun ? forgotten.map(formatSourceId) : []);
  const isForgotten = (id: SourceId): boolean => gone.has(formatSourceId(id));
  const references = await readReferences(store.objects, { isForgotten, signal });
  const held = await heldArtifacts(store, references.unreadable, { dryRun, signal });
  const unnamed = candidates.filter((id) => !isReferenced(id, references) && !held.has(artifactPrefix(id)));
  const { removed, bytes } = await removeAll(store, unnamed, { references, unusedSince, dryRun, signal });
  const swept = await sweepStore(store, orphans, { before: unusedSince, dryRun, signal });
  const kept = candidates.length - removed.length;
  return { dryRun, kept, removed, bytes, forgotten, swept, unreadable: references.unreadable.map(told) };
}
