import { isLandfallError, type LandfallError } from '../../errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { deleteObject } from './apply-object.ts';
import type { ClusterResource } from './cluster/cluster-resources.ts';
import { type Inventory, type InventoryEntry, inventoryOf } from './cluster/inventory.ts';
import { liveObject, ownLiveObjects } from './cluster/live-objects.ts';
import { isOwnedBy } from './cluster/object-owner.ts';
import { isMarked, keyOf, shownObject, textAt } from './cluster-object.ts';
import type { ClusterVisit } from './kubernetes-visit.ts';

/** Nobody means to delete these, whoever wrote them into an artifact. */
const CLUSTERS_OWN: readonly string[] = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** What is to become of one object that has left the artifact. */
export interface PlannedPrune {
  readonly entry: InventoryEntry;
  /** `gone`: it is not there; `left`: it stays; `going`: its deletion is under way. */
  readonly action: 'delete' | 'gone' | 'left' | 'going';
  readonly why: string;
  readonly target?: {
    readonly id: InventoryEntry;
    readonly resource: ClusterResource;
    readonly live: JsonObject;
  };
}

function keptBecause(entry: InventoryEntry, live: JsonObject, { owner }: ClusterVisit): string | undefined {
  if (!isOwnedBy(live, owner)) return 'its labels name another owner by now';
  if (isMarked(live, 'prune', 'disabled')) return 'prune: disabled';
  if (isMarked(live, 'reconcile', 'disabled')) return 'reconcile: disabled';
  if (isMarked(live, 'ssa', 'Ignore')) return 'ssa: Ignore';
  return entry.kind === 'Namespace' && CLUSTERS_OWN.includes(entry.name)
    ? "it is the cluster's own"
    : undefined;
}

async function planOne(
  entry: InventoryEntry,
  own: ReadonlyMap<string, JsonObject>,
  resource: ClusterResource | undefined,
  visit: ClusterVisit,
): Promise<PlannedPrune> {
  // Its kind is gone, and with it all there was of it.
  if (resource === undefined) return { entry, action: 'gone', why: 'its kind is gone' };
  const live = own.get(keyOf(entry)) ?? (await liveObject(visit.cluster, { id: entry, resource }));
  if (live === undefined) return { entry, action: 'gone', why: 'it is gone' };
  const kept = keptBecause(entry, live, visit);
  if (kept !== undefined) return { entry, action: 'left', why: kept };
  if (textAt(live, 'metadata', 'deletionTimestamp') !== '')
    return { entry, action: 'going', why: 'it is going' };
  return { entry, action: 'delete', why: 'it has left the artifact', target: { id: entry, resource, live } };
}

/** What is to become of each, last made first. Nothing is written. @throws LandfallError */
export async function planPrune(
  entries: readonly InventoryEntry[],
  visit: ClusterVisit,
): Promise<readonly PlannedPrune[]> {
  const found = new Map<string, ClusterResource>();
  for (const entry of entries) {
    const resource = await visit.resources.findAny(entry, entry.version);
    if (resource !== undefined) found.set(keyOf(entry), resource);
  }
  const known = entries.flatMap((id) => {
    const resource = found.get(keyOf(id));
    return resource === undefined ? [] : [{ id, resource }];
  });
  const own = await ownLiveObjects(visit.cluster, known, visit.owner);
  const planned: PlannedPrune[] = [];
  for (const entry of inventoryOf(entries).values())
    planned.unshift(await planOne(entry, own, found.get(keyOf(entry)), visit));
  return planned;
}

export interface PruneEnd {
  /** What is still ours to delete: those that could not be. */
  readonly left: readonly InventoryEntry[];
  /** The first of what was refused. */
  readonly error: LandfallError | undefined;
}

/** Deletes what is to be; all are tried. @throws LandfallError CANCELLED */
export async function prune(planned: readonly PlannedPrune[], visit: ClusterVisit): Promise<PruneEnd> {
  const left: InventoryEntry[] = [];
  let first: LandfallError | undefined;
  for (const { entry, action, why, target } of planned) {
    if (action === 'left') visit.context.log(`${shownObject(entry)} stays: ${why}`);
    if (action !== 'delete' || target === undefined) continue;
    try {
      await deleteObject(target, visit);
    } catch (error) {
      if (!isLandfallError(error) || error.code === 'CANCELLED') throw error;
      first ??= error;
      left.push(entry);
    }
  }
  return { left, error: first };
}

/** What an inventory has beside these. */
export const entriesBeside = (inventory: Inventory, keys: ReadonlySet<string>): readonly InventoryEntry[] =>
  [...inventory].flatMap(([key, entry]) => (keys.has(key) ? [] : [entry]));
