import { eachOf } from '../../../kernel/each-of.ts';
import { isObject, type JsonObject } from '../../../kernel/json.ts';
import { keyOf, type ObjectId, shownObject, textAt, valueAt } from '../cluster-object.ts';
import type { Cluster } from './cluster.ts';
import { clusterRefusal, isSuccess } from './cluster-refusal.ts';
import { type ClusterResource, collectionPath, objectPath } from './cluster-resources.ts';

/** Of one list. */
const PAGE = 500;
const AT_ONCE = 4;

interface Wanted {
  readonly id: ObjectId;
  readonly resource: ClusterResource;
}

/**
 * The objects with these labels as the cluster has them, by their keys: asked for kind by kind, not one by one. What is not
 * among them may still be there, without the labels.
 */
export async function ownLiveObjects(
  cluster: Cluster,
  wanted: readonly Wanted[],
  labels: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, JsonObject>> {
  const lists = new Map<string, Wanted>();
  for (const each of wanted) lists.set(collectionPath(each.resource, each.id.namespace), each);
  const labelSelector = Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .join(',');
  const found = new Map<string, JsonObject>();
  await eachOf(lists, { limit: AT_ONCE }, async ([path, { id, resource }]) => {
    for (let next = ''; ; ) {
      const query = { labelSelector, limit: String(PAGE), ...(next !== '' && { continue: next }) };
      const answer = await cluster.send({ method: 'GET', path, query });
      // Whoever may not list is asked for each by its name; and a list that took too long (410) is as good as none.
      if (!isSuccess(answer)) return;
      const items = valueAt(answer.body, 'items');
      for (const item of Array.isArray(items) ? items : []) {
        if (!isObject(item)) continue;
        const { group, kind } = id;
        const [namespace, name] = [textAt(item, 'metadata', 'namespace'), textAt(item, 'metadata', 'name')];
        // Lists leave these out.
        found.set(keyOf({ group, kind, namespace, name }), {
          ...item,
          apiVersion: resource.apiVersion,
          kind,
        });
      }
      next = textAt(answer.body, 'metadata', 'continue');
      if (next === '') return;
    }
  });
  return found;
}

/** One object; undefined where it is not there. @throws LandfallError */
export async function liveObject(
  cluster: Cluster,
  { id, resource }: Wanted,
): Promise<JsonObject | undefined> {
  const answer = await cluster.send({ method: 'GET', path: objectPath(resource, id) });
  if (answer.status === 404) return undefined;
  if (!isSuccess(answer)) throw clusterRefusal(`${shownObject(id)} cannot be read`, answer);
  return answer.body;
}
