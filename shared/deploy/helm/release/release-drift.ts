import { mapOf } from '../../../kernel/each-of.ts';
import { isObject, type JsonObject } from '../../../kernel/json.ts';
import { clusterRefusal, isSuccess } from '../../kubernetes/cluster/cluster-refusal.ts';
import { objectChanges } from '../../kubernetes/cluster/object-changes.ts';
import {
  type ClusterObject,
  groupOf,
  isMarked,
  keyOf,
  shownObject,
  textAt,
  versionIn,
} from '../../kubernetes/cluster-object.ts';
import type { LeftFields } from '../helm-settings.ts';
import { helmApply } from './helm-apply.ts';
import type { ReleaseCluster } from './release-cluster.ts';
import { liveOf, type ReleaseObject } from './release-objects.ts';

/** An object of a release, beside what the cluster has. */
export interface ComparedObject extends ReleaseObject {
  readonly action: 'create' | 'update' | 'none';
  /** What differs, field by field. */
  readonly why: readonly string[];
}

const OBJECTS_AT_ONCE = 8;

const isFor = ({ target = {} }: LeftFields, { apiVersion, kind, metadata }: ClusterObject): boolean => {
  const { name, namespace = '' } = metadata;
  const own = { group: groupOf(apiVersion), version: versionIn(apiVersion), kind, name, namespace };
  return (Object.keys(own) as (keyof typeof own)[]).every((key) => (target[key] ?? own[key]) === own[key]);
};

const keysOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

/** A value with what another has at a place: there where that has something, and nowhere else. */
function withFieldOf(value: unknown, other: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return other;
  if (Array.isArray(value)) {
    const at = Number(key);
    const others = Array.isArray(other) ? other : [];
    return value.map((each, index) => (index === at ? withFieldOf(each, others[index], rest) : each));
  }
  if (!isObject(value)) return value;
  const found = withFieldOf(value[key], isObject(other) ? other[key] : undefined, rest);
  const { [key]: _before, ...others } = value;
  return found === undefined ? others : { ...others, [key]: found };
}

/** An object in which the fields that are not the release's to say are as the cluster has them. Pure. */
export const withIgnored = (
  object: ClusterObject,
  live: JsonObject,
  ignored: readonly LeftFields[],
): ClusterObject =>
  ignored
    .filter((each) => isFor(each, object))
    .flatMap(({ paths }) => paths)
    .reduce<unknown>((found, path) => withFieldOf(found, live, keysOf(path)), object) as ClusterObject;

const isLeftAlone = (object: unknown): boolean =>
  isMarked(object, 'reconcile', 'disabled') ||
  ['labels', 'annotations'].some(
    (where) => textAt(object, 'metadata', where, 'helm.toolkit.fluxcd.io/driftDetection') === 'disabled',
  );

async function compareObject(
  known: ReleaseObject,
  live: JsonObject | undefined,
  { cluster }: ReleaseCluster,
): Promise<ComparedObject> {
  const { id, object, resource } = known;
  if (live === undefined || resource === undefined) return { ...known, action: 'create', why: [] };
  const answer = await cluster.send(
    helmApply({ id, object, resource }, { dryRun: 'All', fieldValidation: 'Ignore' }),
  );
  if (!isSuccess(answer)) throw clusterRefusal(shownObject(id), answer);
  const why = objectChanges(live, answer.body);
  return { ...known, action: why.length === 0 ? 'none' : 'update', why };
}

/**
 * Each object of a release beside what the cluster has, by dry runs of the API server: defaults and webhooks are in it.
 * Nothing is written.
 * @throws LandfallError
 */
export async function compareObjects(
  objects: readonly ReleaseObject[],
  ignored: readonly LeftFields[],
  cluster: ReleaseCluster,
): Promise<readonly ComparedObject[]> {
  const live = await liveOf(objects, cluster);
  return mapOf(objects, { limit: OBJECTS_AT_ONCE, signal: cluster.signal }, async (known) => {
    const found = live.get(keyOf(known.id));
    if (isLeftAlone(known.object) || isLeftAlone(found)) return { ...known, action: 'none', why: [] };
    const object = found === undefined ? known.object : withIgnored(known.object, found, ignored);
    return compareObject({ ...known, object }, found, cluster);
  });
}

/** Brings what differs back to what the release says; without helm, as helm would. @throws LandfallError */
export async function correctObjects(
  compared: readonly ComparedObject[],
  { cluster, signal }: ReleaseCluster,
  log: (line: string) => void,
): Promise<void> {
  const drifted = compared.filter(({ action }) => action !== 'none');
  await mapOf(drifted, { limit: OBJECTS_AT_ONCE, signal }, async ({ id, object, resource, action, why }) => {
    if (resource === undefined) return;
    const answer = await cluster.send(helmApply({ id, object, resource }, { fieldValidation: 'Ignore' }));
    if (!isSuccess(answer)) throw clusterRefusal(shownObject(id), answer);
    const told = action === 'create' ? 'created again' : `brought back (${why.join('; ')})`;
    log(`${shownObject(id)} ${told}`);
  });
}
