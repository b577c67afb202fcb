import { inventoryOf } from './cluster/inventory.ts';
import { shownObject } from './cluster-object.ts';
import { type ClusterVisit, type KubernetesStep, underWay } from './kubernetes-visit.ts';
import { planPrune, prune } from './prune-objects.ts';

/**
 * Takes away what the deploy made, by its inventory, and the inventory last. Waits until all is gone: a namespace that is
 * still on its way out would take what comes next with it.
 * @throws LandfallError
 */
export async function removeObjects(visit: ClusterVisit): Promise<KubernetesStep> {
  const inventory = await visit.inventory.read();
  const planned = await planPrune([...inventory.values()], visit);
  const { error } = await prune(planned, visit);
  if (error !== undefined) throw error;
  const going = planned.filter(({ action }) => action === 'delete' || action === 'going');
  if (going.length > 0) {
    const named = going.slice(0, 5).map(({ entry }) => shownObject(entry));
    // What stays is nobody's from here on.
    await visit.inventory.write(inventoryOf(going.map(({ entry }) => entry)));
    return underWay('gone', { objects: going.length, message: `waits for ${named.join(', ')} to be gone` });
  }
  await visit.inventory.remove();
  if (inventory.size === 0)
    return { state: 'succeeded', message: 'there is no list of what it made: nothing was taken away' };
  const kept = planned.filter(({ action }) => action === 'left').length;
  return {
    state: 'succeeded',
    message: kept === 0 ? 'all objects are gone' : `all but ${kept} objects are gone`,
  };
}
