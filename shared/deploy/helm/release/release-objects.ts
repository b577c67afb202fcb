import { mapOf } from '../../../kernel/each-of.ts';
import type { JsonObject } from '../../../kernel/json.ts';
import { eachObject } from '../../kubernetes/build/read-objects.ts';
import { type ClusterResource, placed } from '../../kubernetes/cluster/cluster-resources.ts';
import { liveObject, ownLiveObjects } from '../../kubernetes/cluster/live-objects.ts';
import { type ClusterObject, idOf, keyOf, type ObjectId, textAt } from '../../kubernetes/cluster-object.ts';
import type { ReleaseCluster } from './release-cluster.ts';
import type { ReleasePlace } from './release-history.ts';

/** One object of a release, and how it is asked for. */
export interface ReleaseObject {
  readonly id: ObjectId;
  /** As Helm sends it. */
  readonly object: ClusterObject;
  /** Undefined: the API server does not know its kind. */
  readonly resource: ClusterResource | undefined;
}

const OBJECTS_AT_ONCE = 8;
const MANAGED = { 'app.kubernetes.io/managed-by': 'Helm' };

/** The marks by which Helm knows what it may change. @see https://github.com/helm/helm/blob/main/pkg/action/validate.go */
const withMarks = (object: ClusterObject, { namespace, name }: ReleasePlace): ClusterObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: { ...object.metadata.labels, ...MANAGED },
    annotations: {
      ...object.metadata.annotations,
      'meta.helm.sh/release-name': name,
      'meta.helm.sh/release-namespace': namespace,
    },
  },
});

export const isOfRelease = (live: unknown, { namespace, name }: ReleasePlace): boolean =>
  textAt(live, 'metadata', 'annotations', 'meta.helm.sh/release-name') === name &&
  textAt(live, 'metadata', 'annotations', 'meta.helm.sh/release-namespace') === namespace;

/** Stays when the release lets go of it. */
export const isKept = (object: unknown): boolean =>
  textAt(object, 'metadata', 'annotations', 'helm.sh/resource-policy').trim().toLowerCase() === 'keep';

/** The objects of a manifest, where Helm puts them; of two with one name the last. @throws LandfallError */
export async function releaseObjects(
  manifest: string,
  place: ReleasePlace,
  { resources }: Pick<ReleaseCluster, 'resources'>,
): Promise<readonly ReleaseObject[]> {
  const found = new Map<string, ReleaseObject>();
  for (const each of eachObject(manifest, new Map())) {
    const resource = await resources.find(each.apiVersion, each.kind);
    const { metadata } = each;
    const inPlace = { ...each, metadata: { ...metadata, namespace: metadata.namespace ?? place.namespace } };
    const object = withMarks(resource === undefined ? each : placed(inPlace, resource), place);
    const id = idOf(object);
    found.set(keyOf(id), { id, object, resource });
  }
  return [...found.values()];
}

/** What the cluster has of them, by their keys. @throws LandfallError */
export async function liveOf(
  objects: readonly ReleaseObject[],
  { cluster, signal }: Pick<ReleaseCluster, 'cluster' | 'signal'>,
): Promise<ReadonlyMap<string, JsonObject>> {
  const known = objects.flatMap(({ id, resource }) => (resource === undefined ? [] : [{ id, resource }]));
  const managed = await ownLiveObjects(cluster, known, MANAGED);
  const others = known.filter(({ id }) => !managed.has(keyOf(id)));
  const asked = await mapOf(others, { limit: OBJECTS_AT_ONCE, signal }, async (each) => {
    const live = await liveObject(cluster, each);
    return live === undefined ? [] : [[keyOf(each.id), live] as const];
  });
  return new Map([...managed, ...asked.flat()]);
}
