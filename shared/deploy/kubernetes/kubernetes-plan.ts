import { knownSecrets } from '../../credentials/known-secrets.ts';
import { PLAN_CHARACTERS } from '../../limits.ts';
import type { DeployPlan, PlannedChange } from '../kit/plan.ts';
import type { Inventory } from './cluster/inventory.ts';
import { inStages } from './cluster/object-order.ts';
import {
  type ClusterObject,
  groupOf,
  idOf,
  keyOf,
  type ObjectId,
  shownObject,
  textAt,
} from './cluster-object.ts';
import type { KubernetesVisit } from './kubernetes-visit.ts';
import { type PlannedObject, placeObjects, planObjects } from './planned-object.ts';
import { entriesBeside, planPrune } from './prune-objects.ts';
import { wantedObjects } from './wanted-objects.ts';

const shownWhy = (why: readonly string[]): string => {
  const text = knownSecrets.mask(why.join('; '));
  return text.length > PLAN_CHARACTERS ? `${text.slice(0, PLAN_CHARACTERS - 1)}…` : text;
};

const change = (action: PlannedChange['action'], id: ObjectId, why: readonly string[]): PlannedChange => ({
  action,
  what: shownObject(id),
  ...(why.length > 0 && { why: shownWhy(why) }),
});

function changeOf({ action, id, why }: PlannedObject): readonly PlannedChange[] {
  if (action === 'none' || action === 'skip') return [];
  return [change(action === 'wait' ? 'replace' : action, id, why)];
}

/** Whether a definition in the artifact makes the kind of an object. */
const isDefinedBy = (definition: ClusterObject, { apiVersion, kind }: ClusterObject): boolean =>
  definition.kind === 'CustomResourceDefinition' &&
  textAt(definition, 'spec', 'group') === groupOf(apiVersion) &&
  textAt(definition, 'spec', 'names', 'kind') === kind;

/** Namespaces of the artifact that the cluster has not. */
async function missingNamespaces(
  wanted: readonly ClusterObject[],
  { cluster }: KubernetesVisit,
): Promise<ReadonlySet<string>> {
  const missing = new Set<string>();
  for (const { kind, metadata } of wanted) {
    if (kind !== 'Namespace') continue;
    const path = `/api/v1/namespaces/${encodeURIComponent(metadata.name)}`;
    const answer = await cluster.send({ method: 'GET', path });
    if (answer.status === 404) missing.add(metadata.name);
  }
  return missing;
}

/** What the artifact brings the kind or the namespace of itself: nobody can be asked about it before. */
async function broughtAlong(
  wanted: readonly ClusterObject[],
  visit: KubernetesVisit,
): Promise<ReadonlySet<ClusterObject>> {
  const missing = await missingNamespaces(wanted, visit);
  const brought = new Set<ClusterObject>();
  for (const object of wanted) {
    const isDefined = wanted.some((each) => isDefinedBy(each, object));
    const isUnknown = isDefined && (await visit.resources.find(object.apiVersion, object.kind)) === undefined;
    if (isUnknown || missing.has(object.metadata.namespace ?? '')) brought.add(object);
  }
  return brought;
}

const ACTIONS = ['create', 'update', 'replace', 'delete'] as const;

function summaryOf(changes: readonly PlannedChange[], objects: number): string {
  const counts = ACTIONS.flatMap((action) => {
    const count = changes.filter((each) => each.action === action).length;
    return count === 0 ? [] : [`${count} to ${action}`];
  });
  return counts.length === 0 ? `nothing to change of ${objects} objects` : counts.join(', ');
}

async function planPruned(
  keys: ReadonlySet<string>,
  inventory: Inventory,
  visit: KubernetesVisit,
): Promise<readonly PlannedChange[]> {
  if (visit.context.settings.keepObjects) return [];
  const pruned = await planPrune(entriesBeside(inventory, keys), visit);
  return pruned.flatMap(({ entry, action, why }) =>
    action === 'delete' ? [change('delete', entry, [why])] : [],
  );
}

/** What a step would do, by dry runs of the API server: also what the cluster's own defaults and webhooks make of it. */
export async function planKubernetes(visit: KubernetesVisit): Promise<DeployPlan> {
  const wanted = inStages(await wantedObjects(visit)).flat();
  const [inventory, brought] = [await visit.inventory.read(), await broughtAlong(wanted, visit)];
  const placed = await placeObjects(
    wanted.filter((each) => !brought.has(each)),
    visit,
  );
  const planned = await planObjects(placed, inventory, visit);
  const made = [...brought].map((object) => change('create', idOf(object), []));
  const keys = new Set([
    ...planned.map(({ id }) => keyOf(id)),
    ...[...brought].map((each) => keyOf(idOf(each))),
  ]);
  const changes = [...planned.flatMap(changeOf), ...made, ...(await planPruned(keys, inventory, visit))];
  return { changes, summary: summaryOf(changes, wanted.length) };
}
