import { LandfallError } from '../../errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { deployFailed } from '../kit/failures.ts';
import { withReason } from '../kit/with-reason.ts';
import { eachObject } from '../kubernetes/build/read-objects.ts';
import { clusterRefusal, isSuccess } from '../kubernetes/cluster/cluster-refusal.ts';
import type { ClusterResource } from '../kubernetes/cluster/cluster-resources.ts';
import { liveObject } from '../kubernetes/cluster/live-objects.ts';
import { objectChanges } from '../kubernetes/cluster/object-changes.ts';
import { objectHealth } from '../kubernetes/cluster/object-health.ts';
import { type ClusterObject, idOf, type ObjectId, shownObject } from '../kubernetes/cluster-object.ts';
import type { ChartFiles } from './chart/chart-files.ts';
import { chartDefinitions } from './helm-commands.ts';
import type { HelmSettings } from './helm-settings.ts';
import { fenceOf, type HelmVisit } from './helm-visit.ts';
import { outsideFence } from './program/helm-fence.ts';
import { helmApply } from './release/helm-apply.ts';

/** A definition of the chart's folder `crds`, and what is to be done with it. */
export interface PlannedDefinition {
  readonly id: ObjectId;
  readonly object: ClusterObject;
  readonly resource: ClusterResource;
  readonly action: 'create' | 'update' | 'none';
  readonly why: readonly string[];
}

type Policy = HelmSettings['crds']['install'];

/** An archive's names are not read here: helm is asked. */
const mayHave = ({ form, files }: ChartFiles): boolean =>
  form === 'archive' || files.some(({ path }) => /(^|\/)crds\/|\.(tgz|tar\.gz)$/.test(path));

async function resourceOf(object: ClusterObject, { resources }: HelmVisit): Promise<ClusterResource> {
  const found = await resources.find(object.apiVersion, object.kind);
  if (found !== undefined && object.kind === 'CustomResourceDefinition') return found;
  throw deployFailed(`crds of the chart has ${shownObject(idOf(object))}, which is no definition`, {
    hint: 'Helm never upgrades what is in that folder: put all but definitions into `templates`.',
  });
}

async function planOne(object: ClusterObject, policy: Policy, visit: HelmVisit): Promise<PlannedDefinition> {
  const resource = await resourceOf(object, visit);
  const id = idOf(object);
  const live = await liveObject(visit.cluster, { id, resource });
  const planned = (action: PlannedDefinition['action'], why: readonly string[] = []): PlannedDefinition => ({
    id,
    object,
    resource,
    action,
    why,
  });
  if (live === undefined) return planned('create');
  if (policy === 'Create') return planned('none');
  const answer = await visit.cluster.send(helmApply({ id, object, resource }, { dryRun: 'All' }));
  if (!isSuccess(answer)) throw clusterRefusal(shownObject(id), answer);
  const why = objectChanges(live, answer.body);
  return planned(why.length === 0 ? 'none' : 'update', why);
}

/** Definitions are of the whole cluster. @throws LandfallError DEPLOY_FAILED */
function refuseOutside(object: ClusterObject, { context }: HelmVisit): void {
  const fence = fenceOf(context.settings);
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const outside = fence && outsideFence(path, fence);
  if (outside === undefined) return;
  throw deployFailed(`${shownObject(idOf(object))}: ${outside}`, {
    hint: 'Name customresourcedefinitions in fence.clusterResources, or write `crds: { install: Skip }`.',
  });
}

/** What is to be done with the chart's definitions. Nothing is written. @throws LandfallError */
export async function planDefinitions(
  chart: ChartFiles,
  policy: Policy,
  visit: HelmVisit,
): Promise<readonly PlannedDefinition[]> {
  if (policy === 'Skip' || !mayHave(chart)) return [];
  const planned: PlannedDefinition[] = [];
  for (const object of eachObject(await chartDefinitions(chart, visit), new Map())) {
    refuseOutside(object, visit);
    planned.push(await planOne(object, policy, visit));
  }
  return planned;
}

/**
 * Makes them, and says what of them the API server has not taken in yet; undefined: all are there.
 * @throws LandfallError
 */
export async function applyDefinitions(
  planned: readonly PlannedDefinition[],
  { cluster, context }: HelmVisit,
): Promise<string | undefined> {
  const waits: string[] = [];
  for (const { id, object, resource, action, why } of planned) {
    let live: JsonObject | undefined;
    if (action === 'none') live = await liveObject(cluster, { id, resource });
    else {
      const answer = await cluster.send(helmApply({ id, object, resource }, {}));
      if (!isSuccess(answer)) throw clusterRefusal(shownObject(id), answer);
      context.log(withReason(`${shownObject(id)} ${action}d`, why.join('; ')));
      live = answer.body;
    }
    const { health, why: reason } = live === undefined ? { health: 'underway', why: '' } : objectHealth(live);
    if (health === 'failed') throw new LandfallError('DEPLOY_FAILED', withReason(shownObject(id), reason));
    if (health !== 'current') waits.push(shownObject(id));
  }
  return waits.length === 0 ? undefined : `waits for ${waits.join(', ')}`;
}
