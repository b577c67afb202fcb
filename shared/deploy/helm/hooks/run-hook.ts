import type { JsonObject } from '../../../kernel/json.ts';
import { deployFailed } from '../../kit/failures.ts';
import { withReason } from '../../kit/with-reason.ts';
import { eachObject } from '../../kubernetes/build/read-objects.ts';
import { clusterRefusal, isSuccess } from '../../kubernetes/cluster/cluster-refusal.ts';
import { objectPath, placed } from '../../kubernetes/cluster/cluster-resources.ts';
import { type ClusterObject, idOf, textAt, valueAt } from '../../kubernetes/cluster-object.ts';
import { APPLY } from '../../kubernetes/planned-object.ts';
import { fenceOf, type HelmVisit } from '../helm-visit.ts';
import { outsideFence } from '../program/helm-fence.ts';
import { HELM_MANAGER } from '../release/helm-apply.ts';
import type { ReleaseHook } from '../release/release.ts';
import { type HookEvent, isDefinition, isDeleted } from './hook-order.ts';

/** Names the run, the event and the digest of the release that an object of a hook was made for: a visit that is taken again does not make it twice. */
const RUN_MARK = 'landfall/hook-run';

export type HookState =
  | { readonly is: 'underway'; readonly why: string; readonly path?: string }
  | { readonly is: 'ended' }
  | { readonly is: 'failed'; readonly why: string };

const condition = (object: JsonObject, type: string): unknown => {
  const all = valueAt(object, 'status', 'conditions');
  return (Array.isArray(all) ? all : []).find(
    (each) => textAt(each, 'type') === type && textAt(each, 'status') === 'True',
  );
};

/** How a hook's object is, as Helm judges it: a Job and a Pod have an end, all else is done once it is there. Pure. */
export function hookState(object: JsonObject, path: string): HookState {
  const kind = textAt(object, 'kind');
  if (kind === 'Job') {
    const failed = condition(object, 'Failed');
    if (failed !== undefined)
      return { is: 'failed', why: withReason(textAt(failed, 'reason'), textAt(failed, 'message')) };
    return condition(object, 'Complete') === undefined
      ? { is: 'underway', why: 'it runs', path }
      : { is: 'ended' };
  }
  if (kind !== 'Pod') return { is: 'ended' };
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Failed')
    return { is: 'failed', why: textAt(object, 'status', 'message') || 'its pod failed' };
  return phase === 'Succeeded'
    ? { is: 'ended' }
    : { is: 'underway', why: `its pod is ${phase || 'made'}`, path };
}

async function get(path: string, { cluster }: HelmVisit, shown: string): Promise<JsonObject | undefined> {
  const answer = await cluster.send({ method: 'GET', path });
  if (answer.status === 404) return undefined;
  if (!isSuccess(answer)) throw clusterRefusal(`hook ${shown}`, answer);
  return answer.body;
}

async function remove(path: string, { cluster }: HelmVisit, shown: string): Promise<void> {
  const answer = await cluster.send({ method: 'DELETE', path, query: { propagationPolicy: 'Background' } });
  if (!isSuccess(answer) && answer.status !== 404)
    throw clusterRefusal(`hook ${shown} cannot be deleted`, answer);
}

/** Its object and where it is. @throws LandfallError DEPLOY_FAILED where that is none, or outside the fence */
async function locate({ manifest, shown }: ReleaseHook, { resources, history, context }: HelmVisit) {
  const [found, more] = [...eachObject(manifest, new Map())];
  const resource = found && (await resources.find(found.apiVersion, found.kind));
  if (found === undefined || more !== undefined || resource === undefined)
    throw deployFailed(`hook ${shown} is not one object of a kind that the cluster knows`, {
      hint: 'Give each hook of the chart a document of its own, and have its definition be there before.',
    });
  const { metadata } = found;
  const inPlace = {
    ...found,
    metadata: { ...metadata, namespace: metadata.namespace ?? history.place.namespace },
  };
  const object = placed(inPlace, resource);
  const path = objectPath(resource, idOf(object));
  const fence = fenceOf(context.settings);
  const outside = fence && outsideFence(path, fence);
  if (outside === undefined) return { object, path };
  throw deployFailed(`hook ${shown}: ${outside}`, {
    hint: 'Take the hook out of the chart, by its values; or name where it may be in `fence` of the deploy.',
  });
}

const marked = (object: ClusterObject, mark: string): ClusterObject => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [RUN_MARK]: mark } },
});

/** Whether one of before may be deleted to be made anew: also what a visit that was killed had still to delete. */
const isToGo = (hook: ReleaseHook, { is }: HookState): boolean =>
  isDeleted(hook, 'before-hook-creation') ||
  (is === 'failed' && isDeleted(hook, 'hook-failed')) ||
  (is === 'ended' && isDeleted(hook, 'hook-succeeded'));

/**
 * Makes a hook, or looks at the one that this run made before.
 * @param digest of the release that it is of
 * @throws LandfallError
 */
export async function runHook(
  hook: ReleaseHook,
  { event, digest }: { readonly event: HookEvent; readonly digest: string },
  visit: HelmVisit,
): Promise<HookState> {
  const { shown } = hook;
  const { object, path } = await locate(hook, visit);
  const mark = `${visit.context.runId}.${event}.${digest}`;
  const live = await get(path, visit, shown);
  if (textAt(live, 'metadata', 'annotations', RUN_MARK) === mark && live !== undefined)
    return hookState(live, path);
  if (live !== undefined && !isDefinition(hook)) {
    if (!isToGo(hook, hookState(live, path)))
      throw deployFailed(`hook ${shown} is there already, and its chart does not have it deleted`, {
        hint: 'Delete it by hand, or give it the annotation `helm.sh/hook-delete-policy: before-hook-creation`.',
      });
    await remove(path, visit, shown);
    return { is: 'underway', why: 'the one of before is going away' };
  }
  const { cluster, context } = visit;
  const body = marked(object, mark);
  const query = { fieldManager: HELM_MANAGER };
  const collection = path.slice(0, path.lastIndexOf('/'));
  const answer = await cluster.send(
    live === undefined
      ? { method: 'POST', path: collection, query, body }
      : { method: 'PATCH', path, query: { ...query, force: 'true' }, contentType: APPLY, body },
  );
  if (!isSuccess(answer)) throw clusterRefusal(`hook ${shown}`, answer);
  context.log(`hook ${event} ${shown} begins`);
  return hookState(answer.body, path);
}

/** One that was made before, by where it is; undefined where it has gone. @throws LandfallError */
export async function lookHook(path: string, visit: HelmVisit): Promise<HookState | undefined> {
  const live = await get(path, visit, path);
  return live && hookState(live, path);
}

/** Deletes hooks that are not to stay once they have ended as they did. @throws LandfallError */
export async function deleteEnded(hooks: readonly ReleaseHook[], visit: HelmVisit): Promise<void> {
  for (const hook of hooks) {
    if (!isDeleted(hook, 'hook-succeeded') && !isDeleted(hook, 'hook-failed')) continue;
    const { path } = await locate(hook, visit);
    const live = await get(path, visit, hook.shown);
    if (live === undefined) continue;
    const end = hookState(live, path).is === 'failed' ? 'hook-failed' : 'hook-succeeded';
    if (isDeleted(hook, end)) await remove(path, visit, hook.shown);
  }
}
