import type { JsonObject } from '../../kernel/json.ts';
import type { Cluster } from './cluster/cluster.ts';
import { clusterRefusal, isSuccess } from './cluster/cluster-refusal.ts';
import { type ClusterResource, objectPath } from './cluster/cluster-resources.ts';
import { fieldOwnersPatch, withOwnFields } from './cluster/field-owners.ts';
import type { InventoryEntry } from './cluster/inventory.ts';
import { objectHash } from './cluster/object-changes.ts';
import { type ObjectId, shownObject, textAt, versionIn } from './cluster-object.ts';
import type { ClusterVisit, KubernetesVisit } from './kubernetes-visit.ts';
import { APPLY, FIELD_MANAGER, type PlannedObject } from './planned-object.ts';

/** Both hashes of a Secret would tell whoever guesses its value that they are right. */
const isHashed = ({ group, kind }: ObjectId): boolean => group !== '' || kind !== 'Secret';

/** An object as it now is in the inventory. */
function entryOf({ id, object, resource }: PlannedObject, live: JsonObject | undefined): InventoryEntry {
  const isKnown = live !== undefined && isHashed(id);
  return {
    group: id.group,
    kind: id.kind,
    namespace: id.namespace,
    name: id.name,
    version: versionIn(resource.apiVersion),
    wanted: isKnown ? objectHash(object) : '-',
    found: isKnown ? objectHash(live) : '-',
  };
}

/** An object as the cluster has it after it was applied. */
export interface AppliedObject {
  readonly id: ObjectId;
  readonly resource: ClusterResource;
  readonly live: JsonObject | undefined;
  readonly entry: InventoryEntry;
}

/** Makes ours what earlier appliers own of an object. @throws LandfallError DEPLOY_UNAVAILABLE where somebody was faster */
async function takeFields({ id, resource, live }: PlannedObject, cluster: Cluster): Promise<void> {
  const fields = live && withOwnFields(live);
  if (live === undefined || fields === undefined) return;
  const answer = await cluster.send({
    method: 'PATCH',
    path: objectPath(resource, id),
    query: { fieldManager: FIELD_MANAGER },
    contentType: 'application/json-patch+json',
    body: fieldOwnersPatch(live, fields),
  });
  if (!isSuccess(answer)) throw clusterRefusal(shownObject(id), answer);
}

/** Applies one object, whoever else has written its fields. @throws LandfallError */
export async function applyObject(
  planned: PlannedObject,
  { cluster, context }: KubernetesVisit,
): Promise<AppliedObject> {
  const { id, object, resource, action, why, live } = planned;
  if (action === 'none') return { id, resource, live, entry: entryOf(planned, live) };
  if (action === 'skip') {
    context.log(`${shownObject(id)} is left alone (${why.join('; ')})`);
    return { id, resource, live, entry: entryOf(planned, undefined) };
  }
  await takeFields(planned, cluster);
  const answer = await cluster.send({
    method: 'PATCH',
    path: objectPath(resource, id),
    query: { fieldManager: FIELD_MANAGER, force: 'true', fieldValidation: 'Ignore' },
    contentType: APPLY,
    body: object,
  });
  if (!isSuccess(answer)) throw clusterRefusal(shownObject(id), answer);
  const done = answer.status === 201 ? 'created' : 'configured';
  context.log(`${shownObject(id)} ${done}${why.length === 0 ? '' : ` (${why.join('; ')})`}`);
  return { id, resource, live: answer.body, entry: entryOf(planned, answer.body) };
}

/**
 * Has one object go, and only that: one that was made under its name meanwhile stays.
 * @throws LandfallError
 */
export async function deleteObject(
  {
    id,
    resource,
    live,
  }: { readonly id: ObjectId; readonly resource: ClusterResource; readonly live: JsonObject },
  { cluster, context }: ClusterVisit,
): Promise<void> {
  const uid = textAt(live, 'metadata', 'uid');
  const answer = await cluster.send({
    method: 'DELETE',
    path: objectPath(resource, id),
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      preconditions: { uid },
    },
  });
  // Gone, or another one by now.
  if (answer.status === 404 || (answer.status === 409 && /uid/i.test(textAt(answer.body, 'message')))) return;
  if (!isSuccess(answer)) throw clusterRefusal(`${shownObject(id)} cannot be deleted`, answer);
  context.log(`${shownObject(id)} deleted`);
}
