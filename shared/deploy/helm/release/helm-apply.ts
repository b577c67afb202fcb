import { type ClusterResource, objectPath } from '../../kubernetes/cluster/cluster-resources.ts';
import type { ClusterObject, ObjectId } from '../../kubernetes/cluster-object.ts';
import { APPLY } from '../../kubernetes/planned-object.ts';

/** Helm's own, whose fields these are. */
export const HELM_MANAGER = 'helm';

/** Applies an object as helm would. */
export const helmApply = (
  {
    id,
    object,
    resource,
  }: { readonly id: ObjectId; readonly object: ClusterObject; readonly resource: ClusterResource },
  query: Readonly<Record<string, string>>,
) => ({
  method: 'PATCH' as const,
  path: objectPath(resource, id),
  query: { fieldManager: HELM_MANAGER, force: 'true', ...query },
  contentType: APPLY,
  body: object,
});
