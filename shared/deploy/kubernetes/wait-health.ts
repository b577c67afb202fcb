import type { JsonObject } from '../../kernel/json.ts';
import type { ClusterResource } from './cluster/cluster-resources.ts';
import type { Inventory } from './cluster/inventory.ts';
import { liveObject, ownLiveObjects } from './cluster/live-objects.ts';
import { objectHealth } from './cluster/object-health.ts';
import { type ClusterObject, groupOf, idOf, keyOf, type ObjectId, versionIn } from './cluster-object.ts';
import { type JudgedObject, judgeObject, LOOK_AT_OBJECT, unreadyOf } from './judged-objects.ts';
import { HEALTH_LOOK_MS, type KubernetesStep, type KubernetesVisit, underWay } from './kubernetes-visit.ts';

interface Waited {
  readonly id: ObjectId;
  readonly version: string;
}

function waitedFor(inventory: Inventory, { context }: KubernetesVisit): readonly Waited[] {
  const { wait, healthChecks } = context.settings;
  const own = wait ? [...inventory.values()].map((id) => ({ id, version: id.version })) : [];
  const named = healthChecks.map(({ apiVersion, kind, name, namespace = '' }) => ({
    id: { group: groupOf(apiVersion), kind, name, namespace },
    version: versionIn(apiVersion),
  }));
  return [...new Map([...own, ...named].map((each) => [keyOf(each.id), each])).values()];
}

async function judge(waited: readonly Waited[], visit: KubernetesVisit): Promise<readonly JudgedObject[]> {
  const resources = new Map<string, ClusterResource | undefined>();
  for (const { id, version } of waited) resources.set(keyOf(id), await visit.resources.findAny(id, version));
  const known = waited.flatMap(({ id }) => {
    const resource = resources.get(keyOf(id));
    return resource === undefined ? [] : [{ id, resource }];
  });
  const own = await ownLiveObjects(visit.cluster, known, visit.owner);
  const judged: (JudgedObject | undefined)[] = [];
  for (const { id } of waited) {
    const resource = resources.get(keyOf(id));
    const live = own.get(keyOf(id)) ?? (resource && (await liveObject(visit.cluster, { id, resource })));
    judged.push(judgeObject(id, live));
  }
  return judged.filter((each) => each !== undefined);
}

/**
 * One look at how what was applied is.
 * @throws LandfallError DEPLOY_FAILED as soon as one has failed
 */
export async function lookHealth(inventory: Inventory, visit: KubernetesVisit): Promise<KubernetesStep> {
  const waited = waitedFor(inventory, visit);
  const unready = unreadyOf(await judge(waited, visit), LOOK_AT_OBJECT);
  const objects = inventory.size;
  if (unready !== undefined) {
    const message = `${waited.length - unready.count} of ${waited.length} objects are ready; waits for ${unready.told}`;
    visit.context.log(message);
    return { ...underWay('health', { objects, message }), lookAgainMs: HEALTH_LOOK_MS };
  }
  const message =
    waited.length === 0 ? `${objects} objects are applied` : `${objects} objects are applied, and ready`;
  const { place, eks } = visit;
  const result = { inventory: place, objects, eks: eks ?? null };
  return { state: 'succeeded', result, message };
}

/**
 * What the next stage needs and is not there yet, in words; undefined where all is.
 * @throws LandfallError DEPLOY_FAILED where it never will be
 */
export function unreadyIn(live: readonly JsonObject[]): string | undefined {
  const judged = live.map((object) => ({
    id: idOf(object as ClusterObject),
    judged: objectHealth(object),
  }));
  return unreadyOf(judged, 'Correct what the message names, and push another revision.')?.told;
}
