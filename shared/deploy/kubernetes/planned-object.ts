import type { LandfallError } from '../../errors.ts';
import { isLandfallError } from '../../errors.ts';
import { mapOf } from '../../kernel/each-of.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { deployFailed, deployUnavailable } from '../kit/failures.ts';
import { clusterRefusal, isImmutable, isSuccess } from './cluster/cluster-refusal.ts';
import { type ClusterResource, objectPath, placed } from './cluster/cluster-resources.ts';
import { withOwnFields } from './cluster/field-owners.ts';
import type { Inventory } from './cluster/inventory.ts';
import { liveObject, ownLiveObjects } from './cluster/live-objects.ts';
import { objectChanges, objectHash } from './cluster/object-changes.ts';
import { otherOwner, withOwner } from './cluster/object-owner.ts';
import {
  type ClusterObject,
  idOf,
  isMarked,
  keyOf,
  type ObjectId,
  shownObject,
  textAt,
} from './cluster-object.ts';
import type { KubernetesVisit } from './kubernetes-visit.ts';

/** What is to be done with one object. */
export interface PlannedObject {
  readonly id: ObjectId;
  /** As it is to be sent. */
  readonly object: ClusterObject;
  readonly resource: ClusterResource;
  /** As the cluster has it. */
  readonly live: JsonObject | undefined;
  /** `skip`: it is marked to be left alone; `wait`: it is on its way out. */
  readonly action: 'create' | 'update' | 'replace' | 'none' | 'skip' | 'wait';
  /** What differs, field by field. */
  readonly why: readonly string[];
}

export const FIELD_MANAGER = 'landfall';
/** Requests under way at once: what one API client is let through with, everywhere. */
const OBJECTS_AT_ONCE = 8;
export const APPLY = 'application/apply-patch+yaml';

/** @throws LandfallError DEPLOY_UNAVAILABLE where the API server does not know the kind (yet) */
async function resourceFor(object: ClusterObject, { resources }: KubernetesVisit): Promise<ClusterResource> {
  const resource = await resources.find(object.apiVersion, object.kind);
  if (resource !== undefined) return resource;
  throw deployUnavailable(
    `${shownObject(idOf(object))}: no matches for kind ${object.kind} in version ${object.apiVersion}`,
    {
      hint: 'Its definition (CRD) is not in the cluster: put it into the artifact, or let a deploy that this one depends on install it.',
    },
  );
}

type Known = Pick<PlannedObject, 'id' | 'object' | 'resource'>;

/** Nobody has changed it, and we want what we wanted: nothing is asked. What a Secret has is not kept as a hash. */
function isAsLeft({ id, object }: Known, live: JsonObject, inventory: Inventory): boolean {
  const entry = inventory.get(keyOf(id));
  return entry?.wanted === objectHash(object) && entry.found === objectHash(live);
}

async function compareObject(
  known: Known,
  live: JsonObject | undefined,
  visit: KubernetesVisit,
): Promise<PlannedObject> {
  const { cluster, context } = visit;
  const { id, object, resource } = known;
  const answer = await cluster.send({
    method: 'PATCH',
    path: objectPath(resource, id),
    query: { fieldManager: FIELD_MANAGER, force: 'true', dryRun: 'All', fieldValidation: 'Warn' },
    contentType: APPLY,
    body: object,
  });
  const planned = (action: PlannedObject['action'], why: readonly string[] = []): PlannedObject => ({
    ...known,
    live,
    action,
    why,
  });
  if (!isSuccess(answer)) {
    const mayReplace =
      context.settings.force || isMarked(object, 'force', 'enabled') || isMarked(live, 'force', 'enabled');
    if (live !== undefined && mayReplace && isImmutable(answer))
      return planned('replace', [textAt(answer.body, 'message')]);
    throw clusterRefusal(shownObject(id), answer);
  }
  for (const warning of answer.warnings) context.log(`${shownObject(id)}: the API server warns: ${warning}`);
  if (live === undefined) return planned('create');
  const before =
    withOwnFields(live) === undefined ? [] : ['what was applied by kubectl or Flux becomes ours'];
  const why = [...before, ...objectChanges(live, answer.body)];
  return planned(why.length === 0 ? 'none' : 'update', why);
}

interface Facts {
  readonly inventory: Inventory;
  /** Those with our labels. */
  readonly own: ReadonlyMap<string, JsonObject>;
}

async function planObject(
  known: Known,
  { inventory, own }: Facts,
  visit: KubernetesVisit,
): Promise<PlannedObject> {
  const { cluster, owner, context } = visit;
  const { id, object } = known;
  const live = own.get(keyOf(id)) ?? (await liveObject(cluster, known));
  const left = (action: 'skip' | 'wait' | 'none', why: string): PlannedObject => ({
    ...known,
    live,
    action,
    why: [why],
  });
  if (isMarked(object, 'reconcile', 'disabled') || isMarked(live, 'reconcile', 'disabled'))
    return left('skip', 'reconcile: disabled');
  if (isMarked(object, 'ssa', 'Ignore') || isMarked(live, 'ssa', 'Ignore'))
    return left('skip', 'ssa: Ignore');
  if (live === undefined) return compareObject(known, live, visit);
  if (isMarked(object, 'ssa', 'IfNotPresent')) return left('skip', 'ssa: IfNotPresent');
  const other = otherOwner(live, owner);
  if (other !== undefined && !context.settings.takeOver)
    throw deployFailed(`${shownObject(id)} is kept by ${other}`, {
      hint: 'Take it out of one of the two; or, once the other lets go of it, have this deploy take it over: `takeOver: true`.',
    });
  if (textAt(live, 'metadata', 'deletionTimestamp') !== '') return left('wait', 'it is going');
  if (isAsLeft(known, live, inventory)) return { ...known, live, action: 'none', why: [] };
  return compareObject(known, live, visit);
}

/** One error that tells of all: the first, and how many more there are. For good where any of them is. */
function together(errors: readonly LandfallError[]): LandfallError {
  const first = errors.find(({ kind }) => kind === 'permanent') ?? errors[0];
  if (first === undefined) throw new TypeError('there is no error to tell of');
  if (errors.length === 1) return first;
  const others = errors
    .filter((each) => each !== first)
    .slice(0, 4)
    .map(({ message }) => message);
  return first.with({ message: `${first.message}; and ${errors.length - 1} more: ${others.join('; ')}` });
}

/** What a list of objects, or of errors in their place, comes to. @throws LandfallError where there is any error */
export async function allOrErrors<T, R>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = await mapOf(items, { limit: OBJECTS_AT_ONCE, signal }, async (item) => {
    try {
      return { ok: true, value: await work(item) } as const;
    } catch (error) {
      if (!isLandfallError(error) || error.code === 'CANCELLED') throw error;
      return { ok: false, error } as const;
    }
  });
  const errors = results.flatMap((each) => (each.ok ? [] : [each.error]));
  if (errors.length > 0) throw together(errors);
  return results.flatMap((each) => (each.ok ? [each.value] : []));
}

export type PlacedObject = Known;

/** What an artifact says of our own list we would believe. @throws LandfallError DEPLOY_FAILED */
function refuseInventory(id: ObjectId, { place }: KubernetesVisit): void {
  const { group, kind, namespace, name } = id;
  if (group !== '' || kind !== 'ConfigMap' || namespace !== place.namespace || name !== place.name) return;
  throw deployFailed(`${shownObject(id)} is where this deploy keeps its own list, and is in its artifact`, {
    hint: 'Take it out of the artifact.',
  });
}

/** How each object is asked for, with our labels on it. @throws LandfallError */
export const placeObjects = (
  objects: readonly ClusterObject[],
  visit: KubernetesVisit,
): Promise<readonly PlacedObject[]> =>
  allOrErrors(objects, visit.context.signal, async (each) => {
    const resource = await resourceFor(each, visit);
    const object = withOwner(placed(each, resource), visit.owner);
    const id = idOf(object);
    refuseInventory(id, visit);
    return { id, object, resource };
  });

/**
 * What is to be done with each object, by a dry run of the API server where anything may differ. Nothing is written.
 * @throws LandfallError that tells of all that were refused
 */
export async function planObjects(
  objects: readonly PlacedObject[],
  inventory: Inventory,
  visit: KubernetesVisit,
): Promise<readonly PlannedObject[]> {
  const own = await ownLiveObjects(visit.cluster, objects, visit.owner);
  return allOrErrors(objects, visit.context.signal, (known) => planObject(known, { inventory, own }, visit));
}
