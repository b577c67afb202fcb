import type { JsonObject } from '../../kernel/json.ts';
import { deployFailed } from '../kit/failures.ts';
import { withReason } from '../kit/with-reason.ts';
import type { ClusterResource } from './cluster/cluster-resources.ts';
import type { Inventory } from './cluster/inventory.ts';
import { liveObject, ownLiveObjects } from './cluster/live-objects.ts';
import { type ObjectHealth, objectHealth } from './cluster/object-health.ts';
import {
  type ClusterObject,
  groupOf,
  idOf,
  keyOf,
  type ObjectId,
  shownObject,
  versionIn,
} from './cluster-object.ts';
import { HEALTH_LOOK_MS, type KubernetesStep, type KubernetesVisit, underWay } from './kubernetes-visit.ts';

interface Judged {
  readonly id: ObjectId;
  readonly judged: ObjectHealth;
}

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

/** A job that is taken away once it is done was done. */
const MISSING: ObjectHealth = { health: 'underway', why: 'it is not there' };

async function judge(waited: readonly Waited[], visit: KubernetesVisit): Promise<readonly Judged[]> {
  const resources = new Map<string, ClusterResource | undefined>();
  for (const { id, version } of waited) resources.set(keyOf(id), await visit.resources.findAny(id, version));
  const known = waited.flatMap(({ id }) => {
    const resource = resources.get(keyOf(id));
    return resource === undefined ? [] : [{ id, resource }];
  });
  const own = await ownLiveObjects(visit.cluster, known, visit.owner);
  const judged: Judged[] = [];
  for (const { id } of waited) {
    const resource = resources.get(keyOf(id));
    const live = own.get(keyOf(id)) ?? (resource && (await liveObject(visit.cluster, { id, resource })));
    if (live === undefined && id.kind === 'Job') continue;
    judged.push({ id, judged: live === undefined ? MISSING : objectHealth(live) });
  }
  return judged;
}

const toldOf = ({ id, judged }: Judged): string => withReason(shownObject(id), judged.why);
/** How many a message names. */
const NAMED = 3;

function toldAll(all: readonly Judged[]): string {
  const named = all.slice(0, NAMED).map(toldOf).join('; ');
  return all.length > NAMED ? `${named}; and ${all.length - NAMED} more` : named;
}

/**
 * One look at how what was applied is.
 * @throws LandfallError DEPLOY_FAILED as soon as one has failed
 */
export async function lookHealth(inventory: Inventory, visit: KubernetesVisit): Promise<KubernetesStep> {
  const waited = waitedFor(inventory, visit);
  const judged = await judge(waited, visit);
  const failed = judged.filter(({ judged: { health } }) => health === 'failed');
  if (failed.length > 0)
    throw deployFailed(toldAll(failed), {
      hint: 'Look at it by `kubectl describe` and `kubectl logs`; then push a revision that is right, or replay the deploy.',
    });
  const unready = judged.filter(({ judged: { health } }) => health !== 'current');
  const objects = inventory.size;
  if (unready.length > 0) {
    const message = `${waited.length - unready.length} of ${waited.length} objects are ready; waits for ${toldAll(unready)}`;
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
  const failed = judged.filter(({ judged: { health } }) => health === 'failed');
  if (failed.length > 0)
    throw deployFailed(toldAll(failed), {
      hint: 'Correct what the message names, and push another revision.',
    });
  const unready = judged.filter(({ judged: { health } }) => health !== 'current');
  return unready.length === 0 ? undefined : toldAll(unready);
}
