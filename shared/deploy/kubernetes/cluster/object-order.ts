import { compareBytes } from '../../../kernel/byte-order.ts';
import { type ClusterObject, idOf, keyOf, type ObjectId } from '../cluster-object.ts';

/**
 * What others need comes first, and goes last.
 * @see https://github.com/fluxcd/pkg/blob/main/ssa/utils/sort.go
 */
const FIRST: readonly string[] = [
  ...[
    'CustomResourceDefinition',
    'Namespace',
    'ClusterRole',
    'ClusterClass',
    'RuntimeClass',
    'PriorityClass',
  ],
  ...['StorageClass', 'VolumeSnapshotClass', 'IngressClass', 'GatewayClass', 'ClusterRoleBinding'],
  ...[
    'ResourceQuota',
    'ServiceAccount',
    'Role',
    'RoleBinding',
    'ConfigMap',
    'Secret',
    'Service',
    'LimitRange',
  ],
  ...['Deployment', 'StatefulSet', 'CronJob', 'PodDisruptionBudget'],
];
/** They are asked about all else, so that all else is there before them. */
const LAST: readonly string[] = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

function rankOf(kind: string): number {
  const first = FIRST.indexOf(kind);
  if (first >= 0) return first;
  return FIRST.length + 1 + LAST.indexOf(kind);
}

/** In the order in which objects are made. */
export const compareIds = (a: ObjectId, b: ObjectId): number =>
  rankOf(a.kind) - rankOf(b.kind) || compareBytes(keyOf(a), keyOf(b));

const DEFINITIONS: readonly string[] = ['CustomResourceDefinition', 'Namespace', 'ClusterRole'];

function stageOf({ kind }: ClusterObject): 0 | 1 | 2 {
  if (DEFINITIONS.includes(kind)) return 0;
  return kind.endsWith('Class') ? 1 : 2;
}

/**
 * Definitions, namespaces and cluster roles; classes; all else, each in its order. A stage is there before the next is asked
 * for: what a definition defines is known to the API server only then.
 */
export const inStages = (objects: readonly ClusterObject[]): readonly (readonly ClusterObject[])[] =>
  ([0, 1, 2] as const)
    .map((stage) =>
      objects.filter((object) => stageOf(object) === stage).sort((a, b) => compareIds(idOf(a), idOf(b))),
    )
    .filter((stage) => stage.length > 0);
