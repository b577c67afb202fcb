import type { JsonObject } from '../../kernel/json.ts';
import { type AppliedObject, applyObject, deleteObject } from './apply-object.ts';
import { type Inventory, type InventoryEntry, inventoryOf, unknownEntry } from './cluster/inventory.ts';
import { liveObject } from './cluster/live-objects.ts';
import { inStages } from './cluster/object-order.ts';
import { type ClusterObject, keyOf, shownObject, versionIn } from './cluster-object.ts';
import { type KubernetesStep, type KubernetesVisit, underWay } from './kubernetes-visit.ts';
import { allOrErrors, type PlannedObject, placeObjects, planObjects } from './planned-object.ts';
import { entriesBeside, planPrune, prune } from './prune-objects.ts';
import { lookHealth, unreadyIn } from './wait-health.ts';
import { wantedObjects } from './wanted-objects.ts';

/** What a stage came to, or what it has to wait for first. */
type StageEnd =
  | { readonly state: 'applied'; readonly objects: readonly AppliedObject[] }
  | { readonly state: 'waits'; readonly message: string };

/** Objects that cannot become what they are to be are deleted first; they are made anew once they are gone. */
async function replaceStage(
  planned: readonly PlannedObject[],
  visit: KubernetesVisit,
): Promise<string | undefined> {
  const replaced = planned.filter(({ action }) => action === 'replace');
  for (const { id, resource, live, why } of replaced) {
    visit.context.log(`${shownObject(id)} is deleted and made anew: ${why.join('; ')}`);
    if (live !== undefined) await deleteObject({ id, resource, live }, visit);
  }
  const going = planned.filter(({ action }) => action === 'replace' || action === 'wait');
  if (going.length === 0) return undefined;
  return `waits for ${going
    .map(({ id }) => shownObject(id))
    .slice(0, 5)
    .join(', ')} to be gone`;
}

/** What others need is asked for once more: that it was taken does not say that it is there. */
const reread = async (
  applied: readonly AppliedObject[],
  visit: KubernetesVisit,
): Promise<readonly JsonObject[]> =>
  allOrErrors(
    applied.filter(({ id }) => id.kind === 'CustomResourceDefinition'),
    visit.context.signal,
    async (each) => (await liveObject(visit.cluster, each)) ?? each.live ?? {},
  );

async function applyStage(
  stage: readonly ClusterObject[],
  inventory: Inventory,
  visit: KubernetesVisit,
): Promise<StageEnd & { readonly known: Inventory }> {
  const objects = await placeObjects(stage, visit);
  // All of a stage is asked for by a dry run before any of it is written.
  const planned = await planObjects(objects, inventory, visit);
  const fresh = planned.filter(({ id }) => !inventory.has(keyOf(id)));
  const known = inventoryOf([
    ...inventory.values(),
    ...fresh.map(({ id, resource }) => unknownEntry(id, versionIn(resource.apiVersion))),
  ]);
  // Whatever becomes of this visit: what it makes is on the list before it is made.
  await visit.inventory.write(known);
  const going = await replaceStage(planned, visit);
  if (going !== undefined) return { state: 'waits', message: going, known };
  const applied = await allOrErrors(planned, visit.context.signal, (each) => applyObject(each, visit));
  const unready = unreadyIn(await reread(applied, visit));
  if (unready !== undefined) return { state: 'waits', message: `waits for ${unready}`, known };
  return { state: 'applied', objects: applied, known };
}

/** Takes away what has left the artifact; what could not be stays on the list. @throws LandfallError of the first of those */
async function pruneBeside(
  entries: readonly InventoryEntry[],
  inventory: Inventory,
  visit: KubernetesVisit,
): Promise<Inventory> {
  const gone = entriesBeside(inventory, new Set(entries.map(keyOf)));
  if (visit.context.settings.keepObjects || gone.length === 0) {
    await visit.inventory.write(inventoryOf(entries));
    return inventoryOf(entries);
  }
  const { left, error } = await prune(await planPrune(gone, visit), visit);
  const after = inventoryOf([...entries, ...left]);
  await visit.inventory.write(after);
  if (error !== undefined) throw error;
  return after;
}

/**
 * Brings the cluster to what the artifact says: stage by stage, then what has left it goes, then a first look at how it is.
 * Taken again after a crash anywhere it comes to the same, since all it goes by is what the cluster has.
 * @throws LandfallError
 */
export async function converge(visit: KubernetesVisit): Promise<KubernetesStep> {
  const { context, kubectl } = visit;
  context.log(`kubectl ${kubectl.version}, kustomize ${kubectl.kustomize}`);
  const wanted = await wantedObjects(visit);
  let inventory = await visit.inventory.read();
  const applied: AppliedObject[] = [];
  for (const stage of inStages(wanted)) {
    const end = await applyStage(stage, inventory, visit);
    inventory = end.known;
    if (end.state === 'waits') return underWay('apply', { objects: wanted.length, message: end.message });
    applied.push(...end.objects);
  }
  const after = await pruneBeside(
    applied.map(({ entry }) => entry),
    inventory,
    visit,
  );
  return lookHealth(after, visit);
}
