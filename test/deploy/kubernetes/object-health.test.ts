import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectHealth } from '../../../shared/deploy/kubernetes/cluster/object-health.ts';

const condition = (type: string, status: string, reason = '', message = '') => ({
  type,
  status,
  reason,
  message,
});
const READY = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
const AVAILABLE = [
  condition('Progressing', 'True', 'NewReplicaSetAvailable'),
  condition('Available', 'True'),
];

/** Shapes of the API's own reference; verdicts of kstatus: https://github.com/fluxcd/cli-utils/blob/main/pkg/kstatus/README.md */
const CASES: readonly (readonly [
  what: string,
  apiVersion: string,
  kind: string,
  object: object,
  health: string,
  why?: RegExp,
])[] = [
  ['without status', 'v1', 'ConfigMap', {}, 'current'],
  [
    'that goes',
    'v1',
    'ConfigMap',
    { metadata: { deletionTimestamp: 'x', finalizers: ['a/b'] } },
    'terminating',
    /waits for a\/b/,
  ],
  [
    'nobody has seen',
    'a.io/v1',
    'Widget',
    { metadata: { generation: 2 }, status: { observedGeneration: 1 } },
    'underway',
    /not seen/,
  ],
  [
    'that reconciles',
    'a.io/v1',
    'Widget',
    { status: { conditions: [condition('Reconciling', 'True', 'Busy')] } },
    'underway',
    /Busy/,
  ],
  [
    'that is stalled',
    'a.io/v1',
    'Widget',
    { status: { conditions: [condition('Stalled', 'True', 'Bad', 'no')] } },
    'failed',
    /Bad: no/,
  ],
  [
    'that is not ready',
    'a.io/v1',
    'Widget',
    { status: { conditions: [condition('Ready', 'False', 'Wait')] } },
    'underway',
    /Wait/,
  ],
  ['that is ready', 'a.io/v1', 'Widget', { status: { conditions: [condition('Ready', 'True')] } }, 'current'],
  ['of another group', 'a.io/v1', 'Deployment', {}, 'current'],
  ['that is new', 'apps/v1', 'Deployment', { spec: { replicas: 2 } }, 'underway', /0 of 2 pods are made/],
  [
    'of no replicas',
    'apps/v1',
    'Deployment',
    { spec: { replicas: 0 }, status: { conditions: AVAILABLE } },
    'current',
  ],
  [
    'with old pods',
    'apps/v1',
    'Deployment',
    { spec: { replicas: 2 }, status: { ...READY, replicas: 3 } },
    'underway',
    /1 old pods/,
  ],
  [
    'that is rolled out',
    'apps/v1',
    'Deployment',
    { spec: { replicas: 2, progressDeadlineSeconds: 600 }, status: { ...READY, conditions: AVAILABLE } },
    'current',
  ],
  [
    'that has no Available',
    'apps/v1',
    'Deployment',
    { spec: { replicas: 2 }, status: READY },
    'underway',
    /not available/,
  ],
  [
    'past its deadline',
    'apps/v1',
    'Deployment',
    { status: { conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded', 'late')] } },
    'failed',
    /late/,
  ],
  [
    'of another revision',
    'apps/v1',
    'StatefulSet',
    {
      spec: { replicas: 1 },
      status: {
        replicas: 1,
        readyReplicas: 1,
        currentReplicas: 1,
        currentRevision: 'a',
        updateRevision: 'b',
      },
    },
    'underway',
    /new revision/,
  ],
  [
    'whose controller has not made the new revision the current one yet',
    'apps/v1',
    'StatefulSet',
    {
      spec: { replicas: 1 },
      status: {
        ...{ replicas: 1, readyReplicas: 1, updatedReplicas: 1 },
        ...{ currentRevision: 'a', updateRevision: 'b' },
      },
    },
    'underway',
    /new revision/,
  ],
  [
    'of a partition',
    'apps/v1',
    'StatefulSet',
    {
      spec: { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
      status: { replicas: 3, readyReplicas: 3, updatedReplicas: 1 },
    },
    'current',
  ],
  ['on delete', 'apps/v1', 'StatefulSet', { spec: { updateStrategy: { type: 'OnDelete' } } }, 'current'],
  ['nobody has seen', 'apps/v1', 'DaemonSet', { status: {} }, 'underway', /not seen/],
  [
    'of no nodes',
    'apps/v1',
    'DaemonSet',
    { metadata: { generation: 1 }, status: { observedGeneration: 1, desiredNumberScheduled: 0 } },
    'current',
  ],
  ['that runs', 'batch/v1', 'Job', { status: { active: 1 } }, 'underway', /0 of 1 pods are done/],
  ['that is done', 'batch/v1', 'Job', { status: { conditions: [condition('Complete', 'True')] } }, 'current'],
  [
    'that failed',
    'batch/v1',
    'Job',
    { status: { conditions: [condition('Failed', 'True', 'BackoffLimitExceeded')] } },
    'failed',
    /Backoff/,
  ],
  ['that is suspended', 'batch/v1', 'Job', { spec: { suspend: true } }, 'current'],
  [
    'that crashes',
    'v1',
    'Pod',
    {
      status: {
        phase: 'Running',
        containerStatuses: [{ name: 'a', state: { waiting: { reason: 'CrashLoopBackOff' } } }],
      },
    },
    'failed',
    /container a/,
  ],
  [
    'that is ready',
    'v1',
    'Pod',
    { status: { phase: 'Running', conditions: [condition('Ready', 'True')] } },
    'current',
  ],
  ['that is over', 'v1', 'Pod', { status: { phase: 'Succeeded' } }, 'current'],
  [
    'that is not bound',
    'v1',
    'PersistentVolumeClaim',
    { status: { phase: 'Pending' } },
    'underway',
    /Pending, wanted Bound/,
  ],
  [
    'of a load balancer',
    'v1',
    'Service',
    { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' } },
    'current',
  ],
  [
    'that is established',
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    { status: { conditions: [condition('Established', 'True')] } },
    'current',
  ],
  [
    'of a name that is taken',
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    { status: { conditions: [condition('NamesAccepted', 'False', 'Conflict')] } },
    'failed',
    /Conflict/,
  ],
  [
    'that is read in',
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    {},
    'underway',
    /not established/,
  ],
  [
    'with conditions that are none',
    'a.io/v1',
    'Widget',
    { status: { conditions: 'x', observedGeneration: 'y' } },
    'current',
  ],
];
for (const [what, apiVersion, kind, object, health, why] of CASES)
  test(`a ${kind} ${what} is ${health}`, () => {
    const found = objectHealth({ apiVersion, kind, ...object });
    assert.equal(found.health, health, found.why);
    if (why !== undefined) assert.match(found.why, why);
  });
