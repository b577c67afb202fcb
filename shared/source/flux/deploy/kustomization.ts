import { posix } from 'node:path';
import { LONG_TIMEOUT_BOUNDS, parseDuration } from '../../../duration.ts';
import { labelsOf, type ReadObject } from '../mapped-object.ts';
import { type UnreadFields, unreadNotices } from '../unread.ts';
import type { FluxKustomization } from './kustomization-schema.ts';
import { deployNameOf, given, type MappedDeploy } from './mapped-deploy.ts';

const HALF_MINUTE_MS = 30_000;

/** As with Flux: 30 seconds less than the interval. */
function timeoutOf({ timeout, interval }: FluxKustomization['spec']): string {
  if (timeout !== undefined) return timeout;
  const ms = Math.min(
    Math.max(parseDuration(interval) - HALF_MINUTE_MS, HALF_MINUTE_MS),
    LONG_TIMEOUT_BOUNDS.maximum,
  );
  return `${Math.round(ms / 1000)}s`;
}

/** `./deploy/prod/`, `/deploy/prod` and `../deploy/prod` are one folder: for Flux, `..` ends at the artifact's root. */
const folderOf = (path: string): string => posix.normalize(`/${path}`).replace(/^\/+|\/+$/g, '') || '.';

const UNREAD: UnreadFields = {
  retryInterval: 'what may come right is tried again ever more slowly, what may not once something changes',
  buildMetadata: 'no annotation says where an object came from',
  validation: 'each object is held to the cluster’s own schema before anything is applied',
  'postBuild.substituteStrategy': 'variables are filled in wherever there are some (WithVariables)',
};

/** With those of `v1beta2`'s two older fields, as JSON, which is YAML, in the order in which kustomize applies them. */
function patchesOf({ patches, patchesStrategicMerge = [], patchesJson6902 = [] }: FluxKustomization['spec']) {
  const merged = patchesStrategicMerge.map((patch) => ({ patch: JSON.stringify(patch) }));
  const changed = patchesJson6902.map(({ patch, target }) => ({ patch: JSON.stringify(patch), target }));
  if (merged.length + changed.length === 0) return patches;
  return [...merged, ...(Array.isArray(patches) ? patches : []), ...changed];
}

/** Maps Flux's Kustomization onto a deploy of kind kubernetes. @throws LandfallError of a duration that is none */
export function mapKustomization({ document, object }: ReadObject<FluxKustomization>): MappedDeploy {
  const { metadata, spec } = object;
  const { namespace, name } = metadata;
  const { sourceRef, postBuild, serviceAccountName, path = '.' } = spec;
  const { targetNamespace, namePrefix, nameSuffix, commonMetadata, images } = spec;
  const { components, ignoreMissingComponents, healthChecks, interval } = spec;
  const id = `Kustomization ${namespace}/${name}`;
  return {
    document,
    id,
    from: `${sourceRef.kind} ${sourceRef.namespace ?? namespace}/${sourceRef.name}`,
    dependsOn: spec.dependsOn.map((each) => `Kustomization ${each.namespace ?? namespace}/${each.name}`),
    entry: given({
      name: deployNameOf(id),
      kind: 'kubernetes',
      labels: labelsOf(metadata.labels),
      interval,
      drift: 'correct',
      timeout: timeoutOf(spec),
      suspend: spec.suspend,
      prune: spec.deletionPolicy === 'MirrorPrune' ? spec.prune : spec.deletionPolicy !== 'Orphan',
      keepObjects: !spec.prune,
      kustomization: folderOf(path),
      force: spec.force,
      wait: spec.wait,
      // With wait Flux leaves them unread.
      healthChecks: spec.wait ? undefined : healthChecks,
      targetNamespace,
      namePrefix,
      nameSuffix,
      commonMetadata,
      patches: patchesOf(spec),
      images,
      components,
      ignoreMissingComponents,
      substitute: postBuild?.substitute,
      substituteFrom: postBuild?.substituteFrom.map((each) => ({ ...each, namespace })),
      serviceAccount: serviceAccountName && { name: serviceAccountName, namespace },
      inventoryNamespace: serviceAccountName && namespace,
    }),
    notices: unreadNotices(document, UNREAD),
  };
}
